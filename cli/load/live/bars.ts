const LEVELS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/** A part from 0 to 1 of so many cells. Not full before it is all. */
export function barText(part: number, cells: number): string {
  const width = Math.max(0, cells);
  const full = part >= 1 ? width : Math.min(Math.max(0, width - 1), Math.floor(Math.max(0, part) * width));
  return '█'.repeat(full) + '░'.repeat(width - full);
}

/** A cell a value, from nothing to the largest; blank is nothing at all. */
export function sparkline(values: readonly number[]): string {
  const most = Math.max(0, ...values);
  return values
    .map((value) => (value > 0 ? (LEVELS[Math.min(7, Math.floor((value / most) * 8))] ?? '') : ' '))
    .join('');
}

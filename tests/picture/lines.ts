/** Which ways a line goes from the middle of its cell: left, right, up, down. */
const WAYS: Readonly<Record<string, string>> = {
  '─': 'lr',
  '│': 'ud',
  '┌': 'rd',
  '┐': 'ld',
  '└': 'ur',
  '┘': 'ul',
  '├': 'urd',
  '┤': 'uld',
  '┬': 'lrd',
  '┴': 'lru',
  '┼': 'lrud',
};

interface Place {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A box character as a path that meets its neighbours, which a font does not promise. Undefined for others. */
export function linePath(text: string, { x, y, width, height }: Place): string | undefined {
  const ways = WAYS[text];
  if (ways === undefined) return undefined;
  if (ways === 'lr') return `M${x} ${round(y + height / 2)}h${width}`;
  const ends = { l: [-width / 2, 0], r: [width / 2, 0], u: [0, -height / 2], d: [0, height / 2] } as const;
  const middle = `M${round(x + width / 2)} ${round(y + height / 2)}`;
  return Object.entries(ends)
    .filter(([way]) => ways.includes(way))
    .map(([, [right, down]]) => `${middle}l${round(right)} ${round(down)}`)
    .join('');
}

/** As it is written in the file. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}

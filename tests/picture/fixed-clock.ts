import type { Cell } from '../support/cell.ts';

/** Each as long as what it stands for. */
const FIXED = [
  { pattern: /\b\d\d:\d\d:\d\d\b/g, text: '09:41:00' },
  { pattern: /\b\d\d:\d\d\b/g, text: '09:41' },
  { pattern: /\b\d\.\d ms\b/g, text: '1.4 ms' },
  { pattern: /\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d \d{4}\b/g, text: 'Tue Jun 02 2026' },
];

/** The row with one time and one day in place of those it shows, so that a picture changes only with what it shows. */
export function withFixedClock(cells: readonly Cell[]): Cell[] {
  // A character a cell, so that an index is an index.
  const shown = cells.map(({ text }) => (text.length === 1 ? text : '\ufffc')).join('');
  const fixed = FIXED.reduce((row, { pattern, text }) => row.replaceAll(pattern, text), shown);
  return cells.map((cell, index) => (shown[index] === fixed[index] ? cell : { ...cell, text: fixed[index] ?? '' }));
}

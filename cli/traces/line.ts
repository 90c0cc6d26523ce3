import { printable } from '../terminal/printable.ts';

export type Tone = 'plain' | 'strong' | 'faint' | 'warning' | 'error';

/** A piece of a line, harmless for a terminal. */
export interface Piece {
  readonly text: string;
  readonly tone: Tone;
}

export type Line = readonly Piece[];

/** SGR parameters. */
const SGR: Readonly<Record<Tone, string>> = { plain: '', strong: '1', faint: '2', warning: '33', error: '31' };

/** The only way to a piece: whatever came over the network loses what would steer the terminal. */
export function piece(text: string, tone: Tone = 'plain'): Piece {
  return { text: printable(text), tone };
}

/** The line as it is written, without a line end. */
export function written(line: Line, { colours }: { readonly colours: boolean }): string {
  return line
    .map(({ text, tone }) => (colours && SGR[tone] !== '' ? `\u001b[${SGR[tone]}m${text}\u001b[0m` : text))
    .join('');
}

/** As much of the line as fits into so many cells, with an ellipsis when that is not all. */
export function fitted(line: Line, cells: number): Line {
  if (lineCells(line) <= cells) return line;
  const kept: Piece[] = [];
  let left = cells - 1;
  for (const { text, tone } of line) {
    const part = cellsOf(text) <= left ? text : beginning(text, left);
    kept.push({ text: part === text ? text : `${part}…`, tone });
    if (part !== text) break;
    left -= cellsOf(text);
  }
  return kept;
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/**
 * Cells that the text takes on a terminal at most. What a terminal may draw over two
 * counts as two and nothing counts as none, so a fitted line never wraps; at worst it
 * is cut early.
 */
export function cellsOf(text: string): number {
  let cells = 0;
  for (const character of text) cells += isWide(character) ? 2 : 1;
  return cells;
}

function isWide(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x1100) return false;
  // Hangul that combines; all from the radicals of CJK upwards, where the few narrow ones do no harm.
  return code < 0x1160 || (code >= 0x2e80 && code !== 0xfffd) || /\p{Emoji}/u.test(character);
}

function beginning(text: string, cells: number): string {
  let kept = '';
  let left = cells;
  for (const character of text) {
    left -= isWide(character) ? 2 : 1;
    if (left < 0) break;
    kept += character;
  }
  return kept;
}

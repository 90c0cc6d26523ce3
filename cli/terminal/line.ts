import { beginningOf, cellsOf } from './cells.ts';
import { drawable } from './drawable.ts';

export type Tone = 'plain' | 'strong' | 'faint' | 'good' | 'warning' | 'error';

/** A run of text that looks the same, harmless for a terminal. */
export interface Piece {
  readonly text: string;
  readonly tone: Tone;
  /** Of somebody's own: a number of the 256 colours. */
  readonly colour?: number;
}

/** A row of a terminal, or of a part of it. */
export type Line = readonly Piece[];

/** SGR parameters; the colours have a contrast of more than 4 to black and to white, so they are read on either. */
const SGR: Readonly<Record<Tone, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '38;5;28',
  warning: '38;5;130',
  error: '38;5;161',
};

/** The only way to a piece: whatever came over the network loses what would steer the terminal or shift its row. */
export function piece(text: string, tone: Tone = 'plain'): Piece {
  return { text: drawable(text), tone };
}

/** The line as it is written, without a line end. */
export function written(line: Line, { colours }: { readonly colours: boolean }): string {
  return line.map(({ text, tone, colour }) => (colours ? looking(text, sgrOf(tone, colour)) : text)).join('');
}

/** As much of the line as fits into so many cells, with an ellipsis when that is not all. */
export function fittedLine(line: Line, cells: number): Line {
  if (lineCells(line) <= cells) return line;
  const kept: Piece[] = [];
  let left = cells - 1;
  for (const piece of line) {
    const taken = cellsOf(piece.text);
    const text = taken <= left ? piece.text : `${beginningOf(piece.text, left)}…`;
    kept.push({ ...piece, text });
    if (taken > left) break;
    left -= taken;
  }
  return kept;
}

export function lineCells(line: Line): number {
  return line.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

function sgrOf(tone: Tone, colour: number | undefined): string {
  return colour === undefined ? SGR[tone] : `${SGR[tone]}${SGR[tone] === '' ? '' : ';'}38;5;${colour}`;
}

function looking(text: string, sgr: string): string {
  return sgr === '' || text === '' ? text : `\u001b[${sgr}m${text}\u001b[0m`;
}

import { cellsOf, fitted } from '../../terminal/cells.ts';
import { drawable } from '../../terminal/drawable.ts';

export type Look = 'plain' | 'faint' | 'strong' | 'good' | 'warning' | 'error' | 'person';

/** A run of text that looks the same, harmless for a terminal. */
export interface Segment {
  readonly text: string;
  readonly look: Look;
  /** Of a person, a number of the 256 colours. */
  readonly colour?: number;
}

/** A row of the screen, or of a part of it. */
export type Row = readonly Segment[];

/** The only way to a segment: whatever came over the network loses what would steer the terminal or shift its row. */
export function segment(text: string, look: Look = 'plain'): Segment {
  return { text: drawable(text), look };
}

/** Somebody's name, in the colour that is always theirs. */
export function personSegment(displayName: string, userId: string): Segment {
  return { text: drawable(displayName), look: 'person', colour: colourOf(userId) };
}

export function rowCells(row: Row): number {
  return row.reduce((sum, { text }) => sum + cellsOf(text), 0);
}

/** As much of the row as fits, with an ellipsis when that is not all. */
export function fittedRow(row: Row, cells: number): Row {
  const kept: Segment[] = [];
  let left = cells;
  for (const segment of row) {
    const text = fitted(segment.text, left);
    kept.push({ ...segment, text });
    left -= cellsOf(text);
    if (text !== segment.text) break;
  }
  return kept;
}

/** Of the 256 colours, those with a contrast of at least 4 to both black and white (WCAG's measure), and of unlike hue. */
const COLOURS = [27, 28, 30, 31, 63, 64, 98, 129, 130, 131, 133, 161, 163];

function colourOf(userId: string): number {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return COLOURS[hash % COLOURS.length] ?? 27;
}

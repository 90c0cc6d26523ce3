import { cellsOf, charactersOf } from '../terminal/cells.ts';
import { drawable } from '../terminal/drawable.ts';
import type { ChatState } from './state.ts';

/** Narrower than this, there is no side. */
const COLUMNS_FOR_THE_SIDE = 60;
const NARROWEST_SIDE = 16;
const WIDEST_SIDE = 26;

/** Where everything stands, in cells. */
export interface Geometry {
  readonly columns: number;
  readonly rows: number;
  /** Rooms and members, left of the messages; 0: not shown. A column of line stands between. */
  readonly sideColumns: number;
  readonly messageColumns: number;
  /** Of messages and side. */
  readonly bodyRows: number;
  readonly composerRows: number;
}

export function geometryOf(state: ChatState): Geometry {
  const known = cache.get(state);
  if (known !== undefined) return known;
  const geometry = measured(state);
  cache.set(state, geometry);
  return geometry;
}

/** Everything that is drawn asks for it. */
const cache = new WeakMap<ChatState, Geometry>();

function measured(state: ChatState): Geometry {
  const columns = Math.max(10, state.columns);
  const rows = Math.max(4, state.rows);
  const hasSide = columns >= COLUMNS_FOR_THE_SIDE && state.rooms.length > 0;
  const sideColumns = hasSide ? Math.max(NARROWEST_SIDE, Math.min(WIDEST_SIDE, Math.floor(columns / 5))) : 0;
  const mostTyped = Math.max(1, Math.floor(rows / 3));
  const composerRows = Math.min(mostTyped, typedRows(state, columns).length);
  return {
    columns,
    rows,
    sideColumns,
    messageColumns: columns - (hasSide ? sideColumns + 1 : 0),
    bodyRows: rows - composerRows - 1,
    composerRows,
  };
}

/** What stands in front of what is typed. */
export function promptOf(state: ChatState): string {
  switch (state.phase.kind) {
    case 'asking_name':
      return 'name: ';
    case 'asking_room':
      return state.columns < 30 ? 'room: ' : 'room [general]: ';
    default:
      return '> ';
  }
}

/** What is typed, wrapped, without the prompt in front of the first row; the others are indented by as much. */
export function typedRows(state: ChatState, columns: number): readonly string[] {
  return typedLines(state.draft.text).flatMap((line) => chunks(line, typedColumns(state, columns)));
}

/** The row and cell of the cursor within what is typed. */
export function cursorPlace(state: ChatState, columns: number): { readonly row: number; readonly cell: number } {
  const { text, cursor } = state.draft;
  const width = typedColumns(state, columns);
  const before = typedLines(text.slice(0, cursor)).flatMap((line) => chunks(line, width));
  const cell = cellsOf(before.at(-1) ?? '');
  // Behind a row that is full: at the beginning of the next where the line goes on, else upon the last character.
  const goesOn = cursor < text.length && text[cursor] !== '\n';
  return cell >= width && goesOn ? { row: before.length, cell: 0 } : { row: before.length - 1, cell };
}

function typedColumns(state: ChatState, columns: number): number {
  return Math.max(2, columns - cellsOf(promptOf(state)));
}

function typedLines(text: string): string[] {
  return text.split('\n').map((line) => drawable(line.replaceAll('\t', '    ')));
}

/** Broken wherever a row is full: what is typed moves as little as possible. */
function chunks(line: string, columns: number): string[] {
  const rows: string[] = [];
  let row = '';
  let taken = 0;
  for (const character of charactersOf(line)) {
    const cells = cellsOf(character);
    if (row !== '' && taken + cells > columns) {
      rows.push(row);
      row = '';
      taken = 0;
    }
    row += character;
    taken += cells;
  }
  return [...rows, row];
}

import { cellsOf } from '../../terminal/cells.ts';
import { type Line, piece } from '../../terminal/line.ts';
import { cursorPlace, geometryOf, promptOf, typedRows } from '../geometry.ts';
import type { ChatState } from '../state.ts';

/** What is typed, as much of it as fits around the cursor, and where that stands. */
export function composer(state: ChatState): { readonly rows: Line[]; readonly cursor: { x: number; y: number } } {
  const { columns, composerRows } = geometryOf(state);
  const prompt = promptOf(state);
  const { row, cell } = cursorPlace(state, columns);
  const typed = typedRows(state, columns);
  const first = Math.max(0, Math.min(row - composerRows + 1, Math.max(typed.length, row + 1) - composerRows));
  const rows = Array.from({ length: composerRows }, (_, index): Line => {
    const at = first + index;
    const front = at === 0 ? piece(prompt, 'strong') : piece(' '.repeat(prompt.length));
    return [front, { text: typed[at] ?? '', tone: 'plain' }];
  });
  return { rows, cursor: { x: Math.min(columns - 1, cellsOf(prompt) + cell), y: row - first } };
}

import { type ChatState, roomOf } from '../state.ts';
import { counted } from '../words.ts';
import { fittedRow, type Row, rowCells, segment } from './row.ts';

/** Above what is said: where one is, and how much there is below what one sees. */
export function headRow(state: ChatState, { columns, below }: { columns: number; below: number }): Row {
  const room = roomOf(state, state.shown);
  const where: Row =
    room === undefined
      ? [segment('chat-client', 'strong')]
      : [segment(room.name, 'strong'), segment(` · ${counted(room.members.count, 'member')}`, 'faint')];
  if (below === 0) return fittedRow([...where, segment(' ')], columns);
  const more = segment(` ↓ ${below} more, PgDn`, 'warning');
  const head = fittedRow(where, columns - rowCells([more]));
  return fittedRow([...head, more], columns);
}

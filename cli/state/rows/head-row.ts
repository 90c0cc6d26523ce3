import { fittedLine, type Line, lineCells, piece } from '../../terminal/line.ts';
import { type ChatState, roomOf } from '../state.ts';
import { counted } from '../words.ts';

/** Above what is said: where one is, and how much there is below what one sees. */
export function headRow(state: ChatState, { columns, below }: { columns: number; below: number }): Line {
  const room = roomOf(state, state.shown);
  const where: Line =
    room === undefined
      ? [piece('chat-client', 'strong')]
      : [piece(room.name, 'strong'), piece(` · ${counted(room.members.count, 'member')}`, 'faint')];
  if (below === 0) return fittedLine([...where, piece(' ')], columns);
  const more = piece(` ↓ ${below} more, PgDn`, 'warning');
  const head = fittedLine(where, columns - lineCells([more]));
  return fittedLine([...head, more], columns);
}

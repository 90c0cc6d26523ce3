import { cellsOf, padded } from '../../terminal/cells.ts';
import { drawable } from '../../terminal/drawable.ts';
import { fittedLine, type Line, piece } from '../../terminal/line.ts';
import { memberRowsOf, roomRowsOf } from '../looking.ts';
import { type ChatState, type Room, roomOf } from '../state.ts';
import { person } from './person.ts';

/** The rooms, then who is in the shown one: rows of so many cells. */
export function sideRows(state: ChatState, columns: number): Line[] {
  const shown = roomOf(state, state.shown);
  return [...roomRows(state, columns), [piece(' ')], ...(shown === undefined ? [] : memberRows(state, shown, columns))];
}

function roomRows(state: ChatState, columns: number): Line[] {
  const most = roomRowsOf(state);
  const at = Math.max(
    0,
    state.rooms.findIndex(({ name }) => name === state.shown),
  );
  const first = Math.max(0, Math.min(at - Math.floor(most / 2), state.rooms.length - most));
  return state.rooms.slice(first, first + most).map(({ name, pane, seat }, index): Line => {
    const isShown = name === state.shown;
    const number = first + index + 1;
    const mark = isShown ? '›' : ' ';
    const unread = pane.unread === 0 ? '' : ` ${pane.unread > 999 ? '999+' : pane.unread}`;
    const front = `${mark}${number <= 9 ? number : ' '} `;
    const text = padded(drawable(name), columns - cellsOf(front) - cellsOf(unread));
    const tone = seat === 'gone' ? 'error' : isShown || unread !== '' ? 'strong' : 'plain';
    return [piece(front, 'faint'), { text, tone }, piece(unread, 'strong')];
  });
}

function memberRows(state: ChatState, { members }: Room, columns: number): Line[] {
  const most = memberRowsOf(state);
  const { count, known, from } = members;
  const here = known.slice(from, from + most);
  const head: Line = [piece(`members ${count}`, 'strong')];
  const rows = here.map(({ userId, displayName, isDetached }): Line => {
    const away = isDetached ? ' away' : '';
    const name = person({ displayName, userId }, columns - 2 - away.length);
    return [piece('  '), name, piece(away, 'faint')];
  });
  const isAll = from === 0 && here.length >= count;
  const foot: Line[] =
    isAll || here.length === 0 ? [] : [[piece(`${from + 1}–${from + here.length} of ${count}`, 'faint')]];
  return [head, ...rows, ...foot].map((row) => fittedLine(row, columns));
}

/** Between the side and what is said. */
export function edgeRows(height: number): Line[] {
  return Array.from({ length: height }, () => [piece('│', 'faint')]);
}

import { cellsOf, fitted, padded } from '../../terminal/cells.ts';
import { drawable } from '../../terminal/drawable.ts';
import { memberRowsOf, roomRowsOf } from '../looking.ts';
import { type ChatState, type Room, roomOf } from '../state.ts';
import { fittedRow, personSegment, type Row, segment } from './row.ts';

/** The rooms, then who is in the shown one: rows of so many cells. */
export function sideRows(state: ChatState, columns: number): Row[] {
  const shown = roomOf(state, state.shown);
  return [
    ...roomRows(state, columns),
    [segment(' ')],
    ...(shown === undefined ? [] : memberRows(state, shown, columns)),
  ];
}

function roomRows(state: ChatState, columns: number): Row[] {
  const most = roomRowsOf(state);
  const at = Math.max(
    0,
    state.rooms.findIndex(({ name }) => name === state.shown),
  );
  const first = Math.max(0, Math.min(at - Math.floor(most / 2), state.rooms.length - most));
  return state.rooms.slice(first, first + most).map(({ name, pane, seat }, index): Row => {
    const isShown = name === state.shown;
    const number = first + index + 1;
    const mark = isShown ? '›' : ' ';
    const unread = pane.unread === 0 ? '' : ` ${pane.unread > 999 ? '999+' : pane.unread}`;
    const front = `${mark}${number <= 9 ? number : ' '} `;
    const text = padded(drawable(name), columns - cellsOf(front) - cellsOf(unread));
    const look = seat === 'gone' ? 'error' : isShown || unread !== '' ? 'strong' : 'plain';
    return [segment(front, 'faint'), { text, look }, segment(unread, 'strong')];
  });
}

function memberRows(state: ChatState, { members }: Room, columns: number): Row[] {
  const most = memberRowsOf(state);
  const { count, known, from } = members;
  const here = known.slice(from, from + most);
  const head: Row = [segment(`members ${count}`, 'strong')];
  const rows = here.map(({ userId, displayName, isDetached }): Row => {
    const away = isDetached ? ' away' : '';
    const name = personSegment(fitted(displayName, columns - 2 - away.length), userId);
    return [segment('  '), name, segment(away, 'faint')];
  });
  const isAll = from === 0 && here.length >= count;
  const foot: Row[] =
    isAll || here.length === 0 ? [] : [[segment(`${from + 1}–${from + here.length} of ${count}`, 'faint')]];
  return [head, ...rows, ...foot].map((row) => fittedRow(row, columns));
}

import type { RoomsPage } from '../connection/index.ts';
import type { Action, Refusal } from './action.ts';
import type { Entry } from './entry.ts';
import { entriesOf } from './happenings.ts';
import { withPage } from './members.ts';
import { MOST_ENTRIES_LOOKED_AT, prepended } from './pane.ts';
import { scrolled } from './rows/viewport.ts';
import { type ChatState, type Room, roomOf } from './state.ts';
import { type Step, step, withNote, withPane, withRoom } from './step.ts';
import { counted } from './words.ts';

/** Of a list that was asked for in words; the rest is told by its number. */
const MOST_NAMED = 50;

export function historyAsked(state: ChatState, room: Room, count: number): Step {
  const { before, hasMore, asked } = room.older;
  if (asked !== undefined) return step(state);
  if (room.pane.entries.length >= MOST_ENTRIES_LOOKED_AT)
    return step(withNote(state, 'this pane is full; /clear empties it'));
  if (!hasMore) return step(withNote(state, 'nothing older is kept'));
  const limit = Math.min(count, state.limits.maxPageSize);
  const next = withRoom(state, room.name, (room) => ({ ...room, older: { ...room.older, asked: 'more' } }));
  return step(next, { kind: 'ask_history', room: room.name, epoch: room.epoch, before, limit });
}

export function historyCame(
  state: ChatState,
  { room: name, before: asked, page }: Extract<Action, { kind: 'history_came' }>,
): Step {
  const room = roomOf(state, name);
  // What does not adjoin the pane any more, because that was cut or emptied meanwhile, would leave a hole.
  if (room === undefined || room.older.before !== asked) return step(state);
  const { older } = room;
  const answered = withRoom(state, name, (room) => ({ ...room, older: { ...older, asked: undefined } }));
  if ('reason' in page) return step(withNote(answered, `no older events: ${page.message}`, 'warning', name));
  if (page.epoch !== room.epoch) return step(answered);
  const { events } = page;
  const entries = entriesOf(events, state.name, state.nextId);
  const before = events[0]?.seq ?? older.before;
  const next = withRoom({ ...answered, nextId: state.nextId + events.length }, name, (room) => ({
    ...room,
    pane: prepended(room.pane, entries),
    older: { before, hasMore: page.hasMore && before > 1n, asked: undefined },
  }));
  return step(older.asked === 'more' ? lookedAt(next, name, entries.at(-1)) : next);
}

/** Whoever asked for a page wants to see it: its end, and as much of it as fits. */
function lookedAt(state: ChatState, name: string, last: Entry | undefined): ChatState {
  if (last === undefined || state.shown !== name) return state;
  const next = withPane(state, name, (pane) => ({ ...pane, view: { kind: 'held', id: last.id, row: 0 } }));
  const view = scrolled(next, 0);
  return withPane(next, name, (pane) => ({ ...pane, view }));
}

export function membersCame(
  state: ChatState,
  { room: name, purpose, after, page }: Extract<Action, { kind: 'members_came' }>,
): Step {
  const room = roomOf(state, name);
  if (room === undefined) return step(state);
  if ('reason' in page) {
    const next = withRoom(state, name, (room) => ({
      ...room,
      members: { ...room.members, isAsked: false },
    }));
    return step(purpose === 'pane' ? next : withNote(next, `cannot say who is here: ${page.message}`, 'warning', name));
  }
  if (purpose === 'pane') {
    return step(withRoom(state, name, (room) => ({ ...room, members: withPage(room.members, page, after === '') })));
  }
  const named = page.members.slice(0, MOST_NAMED).map(({ userId, displayName, isDetached }) => {
    const who = displayName === userId ? userId : `${displayName} (${userId})`;
    return isDetached ? `${who}, away` : who;
  });
  const rest = page.memberCount - named.length;
  const more = rest > 0 ? ` and ${rest} more; Alt+PgDn pages through them` : '';
  return step(withNote(state, `${counted(page.memberCount, 'member')}: ${named.join('; ')}${more}`, 'plain', name));
}

export function roomsCame(state: ChatState, page: RoomsPage | Refusal): Step {
  if ('reason' in page) return step(withNote(state, `cannot list the rooms: ${page.message}`, 'warning'));
  const next = { ...state, knownRooms: page.rooms.map(({ room }) => room) };
  if (page.rooms.length === 0) return step(withNote(next, 'there are no rooms; /join NAME makes one'));
  const named = page.rooms.slice(0, MOST_NAMED).map(({ room, memberCount }) => `${room} (${memberCount})`);
  const isAll = page.nextPageToken === '' && named.length === page.rooms.length;
  return step(withNote(next, `rooms: ${named.join(', ')}${isAll ? '' : ' and more; chat-client rooms lists all'}`));
}

import type { ChatEvent } from '../connection/index.ts';
import type { Entry, MessageEntry, Move } from './entry.ts';
import { membersAfter } from './members.ts';
import { withoutPassed } from './outgoing.ts';
import { appended, bounded, type Pane, withMove, withRun, withUnread } from './pane.ts';
import type { ChatState, Room } from './state.ts';
import { roomOf } from './state.ts';
import { type Step, step, withNote, withRoom } from './step.ts';
import { wordsOf } from './words.ts';

type Message = Extract<ChatEvent, { kind: 'message' }>;

/** Something happened in a room, or was told of it. */
export function told(state: ChatState, event: ChatEvent): Step {
  const next = happened(state, event);
  return 'room' in event ? { ...next, state: withRoom(next.state, event.room, boundedRoom) } : next;
}

/** What the pane gives up comes from the server again, for who looks back. */
function boundedRoom(room: Room): Room {
  const pane = bounded(room.pane);
  if (pane === room.pane) return room;
  const [first] = pane.entries;
  const before = first?.kind === 'message' ? first.seq : room.seq + 1n;
  return { ...room, pane, older: { before, hasMore: true, asked: undefined } };
}

function happened(state: ChatState, event: ChatEvent): Step {
  switch (event.kind) {
    case 'message':
      return step(said(state, event));
    case 'member_joined':
    case 'member_left':
      return step(moved(state, event));
    case 'notice':
      return step(noticed(state, event));
    case 'gap':
      return step(missed(state, event));
    case 'recovered': {
      const next = withNote(state, wordsOf(event), 'good', event.room);
      return step(withRoom(next, event.room, (room) => ({ ...room, seat: 'joined' })));
    }
    case 'restarted': {
      const next = withNote(state, wordsOf(event), 'warning', event.room);
      return step(withRoom(next, event.room, (room) => begunAnew(room, event.epoch)));
    }
    case 'join_delayed': {
      const next = withNote(state, wordsOf(event), 'warning', event.room);
      return step(withRoom(next, event.room, (room) => ({ ...room, seat: 'delayed' })));
    }
    case 'rejoin_refused':
    case 'removed': {
      const next = withNote(state, `${wordsOf(event)}; /join ${event.room} tries again`, 'error', event.room);
      return step(withRoom(next, event.room, (room) => ({ ...room, seat: 'gone' })));
    }
    case 'token_expires':
      return step(withNote(state, wordsOf(event), 'warning'));
    case 'draining':
      return step(withNote(state, `${wordsOf(event)}; it said when to come back`, 'warning'));
  }
}

/** A page of a room's history as entries, in its order. `id`: of the first; each takes the next. */
export function entriesOf(events: readonly ChatEvent[], ownId: string, id: number): Entry[] {
  const entries: Entry[] = [];
  let nextId = id;
  for (const event of events) {
    const at = { id: nextId, atMs: 'at' in event ? event.at.getTime() : 0 };
    nextId += 1;
    if (event.kind === 'message') entries.push(messageEntry(event, ownId, at.id));
    else if (event.kind === 'member_joined' || event.kind === 'member_left') {
      const run = withMove(entries, moveOf(event), at);
      if (run.id !== at.id) entries.pop();
      entries.push(run);
    } else if (event.kind === 'notice') {
      const atMs = entries.at(-1)?.atMs ?? 0;
      entries.push({ kind: 'note', id: at.id, atMs, tone: 'plain', text: event.text });
    }
  }
  return entries;
}

function said(state: ChatState, event: Message): ChatState {
  const room = roomOf(state, event.room);
  if (room === undefined) return state;
  const entry = messageEntry(event, state.name, state.nextId);
  const isSeen = entry.isOwn || (room.name === state.shown && state.hasFocus && room.pane.view.kind === 'end');
  const next = { ...state, nextId: state.nextId + 1 };
  return withRoom(next, room.name, (room) => {
    const pane = appended(entry.isOwn ? withoutEarlier(room.pane, entry.messageId) : room.pane, entry);
    return {
      ...room,
      seq: event.seq,
      pane: isSeen ? pane : withUnread(pane, entry.id),
      outgoing: entry.isOwn ? room.outgoing.filter(({ messageId }) => messageId !== event.messageId) : room.outgoing,
    };
  });
}

/**
 * One's own words stand once: an ack of a room that began anew, ahead of that news, looks like that of a message which
 * the room has passed.
 */
function withoutEarlier(pane: Pane, messageId: string): Pane {
  const isEarlier = (entry: Entry) => entry.kind === 'message' && entry.isOwn && entry.messageId === messageId;
  return pane.entries.some(isEarlier) ? { ...pane, entries: pane.entries.filter((entry) => !isEarlier(entry)) } : pane;
}

function messageEntry(event: Message, ownId: string, id: number): MessageEntry {
  const { seq, messageId, userId, displayName, content } = event;
  const isOwn = userId === ownId;
  return { kind: 'message', id, messageId, seq, atMs: event.at.getTime(), userId, displayName, content, isOwn };
}

function moved(state: ChatState, event: Extract<ChatEvent, { kind: 'member_joined' | 'member_left' }>): ChatState {
  const next = { ...state, nextId: state.nextId + 1 };
  return withRoom(next, event.room, (room) => {
    const at = { id: state.nextId, atMs: event.at.getTime() };
    const pane = withRun(room.pane, withMove(room.pane.entries, moveOf(event), at));
    return { ...room, seq: event.seq, pane, members: membersAfter(room.members, event) };
  });
}

function moveOf(event: Extract<ChatEvent, { kind: 'member_joined' | 'member_left' }>): Move {
  return { displayName: event.displayName, how: event.kind === 'member_joined' ? 'joined' : event.reason };
}

function noticed(state: ChatState, event: Extract<ChatEvent, { kind: 'notice' }>): ChatState {
  const next = withNote(state, wordsOf(event), 'plain', event.room);
  if (event.seq === 0n) return next;
  return withRoom(next, event.room, (room) => ({
    ...room,
    seq: event.seq,
    members: {
      ...room.members,
      count: Math.max(0, room.members.count + event.joinedCount - event.leftCount),
      isStale: true,
    },
  }));
}

/** Who came and went meanwhile is not known. */
function missed(state: ChatState, event: Extract<ChatEvent, { kind: 'gap' }>): ChatState {
  const next = withNote(state, wordsOf(event), 'warning', event.room);
  return withRoom(next, event.room, (room) =>
    withoutPassed({ ...room, seq: event.toSeq, members: { ...room.members, isStale: true } }, state),
  );
}

function begunAnew(room: Room, epoch: string): Room {
  const older = { before: 0n, hasMore: false, asked: undefined };
  return { ...room, epoch, seq: 0n, older, members: { ...room.members, isStale: true } };
}

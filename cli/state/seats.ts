import type { JoinedRoom } from '../connection/index.ts';
import type { Refusal } from './action.ts';
import { askMembers } from './members.ts';
import { EMPTY_PANE, seen, withoutLine } from './pane.ts';
import { type ChatState, newRoom, type Room, roomOf } from './state.ts';
import { type Step, step, withNote, withPane, withRoom } from './step.ts';
import { counted } from './words.ts';

/** Events that a pane begins with. */
const FIRST_HISTORY = 100;

/** Takes a seat, or shows the room where there is one. */
export function entered(state: ChatState, name: string): Step {
  const room = roomOf(state, name.normalize('NFC'));
  if (room === undefined) {
    const next = { ...state, rooms: [...state.rooms, newRoom(name.normalize('NFC'))] };
    return step(shows(next, name.normalize('NFC')), { kind: 'join', room: name.normalize('NFC') });
  }
  if (room.seat !== 'gone') return step(shows(state, room.name));
  const next = withRoom(state, room.name, (room) => ({ ...room, seat: 'joining' }));
  return step(shows(next, room.name), { kind: 'join', room: room.name });
}

/** One looks at this room now. */
export function shows(state: ChatState, name: string | undefined): ChatState {
  const left = state.shown === undefined || state.shown === name ? state : withPane(state, state.shown, hidden);
  const next = { ...left, shown: name };
  return name === undefined ? next : withPane(next, name, (pane) => (pane.view.kind === 'end' ? seen(pane) : pane));
}

export function joined(state: ChatState, { room: name, position, memberCount, welcomeMessage }: JoinedRoom): Step {
  if (roomOf(state, name) === undefined) return step(state);
  const next = withRoom({ ...state, phase: { kind: 'talking' } }, name, (room) => ({
    ...room,
    seat: 'joined',
    epoch: position.epoch,
    seq: position.seq,
    older: { before: position.seq + 1n, hasMore: true, asked: 'first' },
    // After a seat that was lost: what was said meanwhile comes with the history, in its order.
    pane: { ...room.pane, entries: room.pane.entries.filter(({ kind }) => kind === 'note') },
    members: { ...room.members, count: memberCount },
  }));
  const others = memberCount - 1;
  const company =
    others <= 0 ? 'Nobody else is here.' : others === 1 ? '1 other is here.' : `${others} others are here.`;
  const welcome = welcomeMessage === '' ? `You are in ${name}.` : welcomeMessage;
  const greeted = withNote(next, `${welcome} ${company}`, 'good', name);
  const asked = askMembers(roomOf(greeted, name) ?? newRoom(name));
  return step(
    withRoom(greeted, name, (room) => ({ ...room, members: asked.members })),
    { kind: 'ask_history', room: name, epoch: position.epoch, before: position.seq + 1n, limit: FIRST_HISTORY },
    ...asked.effects,
  );
}

export function joinRefused(state: ChatState, name: string, why: Refusal): Step {
  const room = roomOf(state, name);
  if (room === undefined) return step(state);
  const isFirst = state.phase.kind === 'entering';
  const canBeAnother = why.reason === 'user_taken' && !state.isKnown;
  const rest = without(state, room);
  if (!isFirst) {
    const instead = canBeAnother ? `: /quit, and come back with --name ${anotherName(state.name)}` : '';
    return step(withNote(rest, `cannot join ${name}: ${why.message}${instead}`, 'error'));
  }
  // Whoever has just come may take another name or another room.
  if (canBeAnother) {
    const offered = anotherName(state.name);
    const draft = { ...state.draft, text: offered, cursor: offered.length };
    return step(withNote({ ...rest, draft, phase: { kind: 'asking_name' } }, `${why.message}. Another name?`, 'error'));
  }
  return step(withNote({ ...rest, phase: { kind: 'asking_room' } }, `cannot join ${name}: ${why.message}`, 'error'));
}

export function left(state: ChatState, name: string): Step {
  const room = roomOf(state, name);
  if (room === undefined) return step(state);
  const unsent = room.outgoing.filter(({ delivery }) => delivery.kind !== 'acked').length;
  const words = unsent === 0 ? `left ${name}` : `left ${name}; ${counted(unsent, 'message')} not sent`;
  return step(withNote(without(state, room), words, unsent === 0 ? 'plain' : 'error'));
}

/** ana, ana2, ana3, … */
function anotherName(name: string): string {
  const [, stem = name, number = '1'] = /^(.*?)([0-9]{1,6})?$/u.exec(name) ?? [];
  return `${stem}${Number(number) + 1}`;
}

function without(state: ChatState, gone: Room): ChatState {
  const at = state.rooms.indexOf(gone);
  const rooms = state.rooms.filter((room) => room !== gone);
  const next = { ...state, rooms };
  if (state.shown !== gone.name) return next;
  return shows({ ...next, shown: undefined, desk: EMPTY_PANE }, rooms[Math.min(at, rooms.length - 1)]?.name);
}

/** Who has read all and looks away will find the line at what comes from now on. */
function hidden(pane: Room['pane']): Room['pane'] {
  return pane.unread === 0 ? { ...withoutLine(pane), view: { kind: 'end' } } : pane;
}

export function leaveRefused(state: ChatState, name: string, why: Refusal): Step {
  const next = withNote(state, `cannot leave ${name}: ${why.message}`, 'error', name);
  return step(withRoom(next, name, (room) => ({ ...room, seat: 'joined' })));
}

import { COMMANDS, type Typed } from '../input/command-line.ts';
import { said } from './outgoing.ts';
import { historyAsked } from './pages.ts';
import { entered } from './seats.ts';
import { type ChatState, type Room, roomOf } from './state.ts';
import { type Step, step, withNote, withPane, withRoom } from './step.ts';

const KEYS = [
  'Enter sends, Alt+Enter begins a new line; Tab completes names and commands; //x sends /x',
  'Ctrl+N, Ctrl+P and Alt+1 to Alt+9 change the room; PgUp, PgDn, Shift+Up, Shift+Down, Ctrl+Home and Ctrl+End scroll',
  'Alt+PgUp and Alt+PgDn page through the members; Ctrl+R sends again what failed, Ctrl+X drops it',
  'Up and Down bring back what was sent; Ctrl+A E B F K U W Y T and Alt+B F D edit as in a shell',
];

/** What was typed, understood. */
export function commanded(state: ChatState, line: Exclude<Typed, { kind: 'nothing' | 'mistake' }>): Step {
  const room = roomOf(state, state.shown);
  switch (line.kind) {
    case 'words':
      return said(state, line.content);
    case 'join':
      return entered(state, line.room);
    case 'leave':
      return leaving(state, line.room === '' ? room : roomOf(state, line.room.normalize('NFC')), line.room);
    case 'rooms':
      return step(state, { kind: 'ask_rooms' });
    case 'who':
      if (room === undefined) return step(withNote(state, 'you are in no room', 'error'));
      return step(state, { kind: 'ask_members', room: room.name, page: '', purpose: 'who' });
    case 'history':
      if (room === undefined) return step(withNote(state, 'you are in no room', 'error'));
      return historyAsked(state, room, line.count);
    case 'clear':
      return step(cleared(state));
    case 'help':
      return step(helped(state));
    case 'quit':
      return quitting(state);
  }
}

/** A second time, without waiting for the server. */
export function quitting(state: ChatState): Step {
  const failure = state.link.kind === 'offline' ? state.link.why : undefined;
  return step({ ...state, phase: { kind: 'leaving' } }, { kind: 'quit', failure });
}

function leaving(state: ChatState, room: Room | undefined, asked: string): Step {
  if (room === undefined)
    return step(withNote(state, asked === '' ? 'you are in no room' : `you are not in ${asked}`, 'error'));
  const next = withRoom(state, room.name, (room) => ({ ...room, seat: 'leaving' }));
  return step(next, { kind: 'leave', room: room.name });
}

/** What is emptied is not forgotten: /history goes on where the pane began. */
function cleared(state: ChatState): ChatState {
  const { shown } = state;
  if (shown === undefined) return { ...state, desk: { ...state.desk, entries: [], view: { kind: 'end' } } };
  const oldest = state.rooms.find(({ name }) => name === shown);
  const next = withPane(state, shown, (pane) => ({
    ...pane,
    entries: [],
    view: { kind: 'end' },
    unreadFrom: undefined,
  }));
  if (oldest === undefined) return next;
  const older = { before: oldest.seq + 1n, hasMore: oldest.seq > 0n, asked: undefined };
  return { ...next, rooms: next.rooms.map((room) => (room.name === shown ? { ...room, older } : room)) };
}

function helped(state: ChatState): ChatState {
  const usage = COMMANDS.map(({ name, argument }) => `/${name}${argument === '' ? '' : ` ${argument}`}`);
  const widest = Math.max(...usage.map((text) => text.length));
  const lines = COMMANDS.map(({ does }, index) => `${(usage[index] ?? '').padEnd(widest + 2, '\u00a0')}${does}`);
  let next = state;
  for (const line of [...lines, ...KEYS]) next = withNote(next, line);
  return next;
}

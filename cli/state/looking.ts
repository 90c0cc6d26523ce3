import { USUAL_HISTORY } from '../input/command-line.ts';
import type { Intent } from '../input/keymap.ts';
import { geometryOf } from './geometry.ts';
import { paged } from './members.ts';
import { historyAsked } from './pages.ts';
import { seen, type View } from './pane.ts';
import { scrolled, viewportHeight } from './rows/viewport.ts';
import { shows } from './seats.ts';
import { type ChatState, roomOf } from './state.ts';
import { type Step, step, withPane, withRoom } from './step.ts';

type Looking = Extract<Intent, { kind: 'scroll' | 'page_members' | 'go_to_room' | 'step_room' }>;

/** A key that changes what one sees and nothing else. */
export function looked(state: ChatState, intent: Looking): Step {
  switch (intent.kind) {
    case 'scroll':
      return scrolling(state, intent);
    case 'page_members': {
      const room = roomOf(state, state.shown);
      if (room === undefined) return step(state);
      const { members, effects } = paged(room, intent.way, memberRowsOf(state));
      return step(
        withRoom(state, room.name, (room) => ({ ...room, members })),
        ...effects,
      );
    }
    case 'go_to_room':
      return step(wentTo(state, intent.number - 1));
    case 'step_room': {
      const at = state.rooms.findIndex(({ name }) => name === state.shown);
      const { length } = state.rooms;
      return step(length === 0 ? state : wentTo(state, (at + (intent.way === 'forward' ? 1 : length - 1)) % length));
    }
  }
}

/** Whoever looks at the end has seen what came there. */
export function focused(state: ChatState, hasFocus: boolean): ChatState {
  const next = { ...state, hasFocus };
  const room = roomOf(next, next.shown);
  return hasFocus && room?.pane.view.kind === 'end' ? withPane(next, room.name, seen) : next;
}

/** Of the side: the rooms, as many as there are up to half of it. */
export function roomRowsOf(state: ChatState): number {
  const { bodyRows } = geometryOf(state);
  return Math.min(state.rooms.length, Math.max(1, Math.floor(bodyRows / 2) - 1));
}

/** Of the side: members, below their number and above the line that says where in the list one is. */
export function memberRowsOf(state: ChatState): number {
  return Math.max(1, geometryOf(state).bodyRows - roomRowsOf(state) - 3);
}

function wentTo(state: ChatState, index: number): ChatState {
  const room = state.rooms[index];
  return room === undefined || room.name === state.shown ? state : shows(state, room.name);
}

/** Further up than the first row there is what is older. */
function scrolling(state: ChatState, { way, by }: Extract<Intent, { kind: 'scroll' }>): Step {
  const rows = by === 'row' ? 1 : by === 'page' ? Math.max(1, viewportHeight(state) - 2) : Number.MAX_SAFE_INTEGER;
  const view = scrolled(state, way === 'back' ? -rows : rows);
  const room = roomOf(state, state.shown);
  if (room === undefined) return step({ ...state, desk: { ...state.desk, view } });
  if (way === 'back' && room.older.hasMore && isSameView(view, room.pane.view)) {
    return historyAsked(state, room, USUAL_HISTORY);
  }
  return step(
    withPane(state, room.name, (pane) => (view.kind === 'end' ? seen({ ...pane, view }) : { ...pane, view })),
  );
}

function isSameView(one: View, other: View): boolean {
  if (one.kind === 'end' || other.kind === 'end') return one.kind === other.kind;
  return one.id === other.id && one.row === other.row;
}

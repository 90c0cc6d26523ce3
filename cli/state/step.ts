import type { Effect } from './effect.ts';
import type { NoteEntry, Tone } from './entry.ts';
import { appended, bounded, note, type Pane } from './pane.ts';
import type { ChatState, Room } from './state.ts';
import { roomOf } from './state.ts';

/** What an action comes to. */
export interface Step {
  readonly state: ChatState;
  readonly effects: readonly Effect[];
}

export function step(state: ChatState, ...effects: readonly Effect[]): Step {
  return { state, effects };
}

/** One step behind another. */
export function continued({ state, effects }: Step, next: (state: ChatState) => Step): Step {
  const last = next(state);
  return { state: last.state, effects: [...effects, ...last.effects] };
}

/** Changes one room; nothing without it. */
export function withRoom(state: ChatState, name: string, change: (room: Room) => Room): ChatState {
  return { ...state, rooms: state.rooms.map((room) => (room.name === name ? change(room) : room)) };
}

export function withPane(state: ChatState, name: string, change: (pane: Pane) => Pane): ChatState {
  return withRoom(state, name, (room) => ({ ...room, pane: change(room.pane) }));
}

/** A line for the person: in that room, or where one looks when there is no such room. */
export function withNote(state: ChatState, text: string, tone: Tone = 'plain', room = state.shown): ChatState {
  const entry: NoteEntry = note(text, tone, { id: state.nextId, atMs: state.nowMs });
  const next = { ...state, nextId: state.nextId + 1 };
  if (room !== undefined && roomOf(state, room) !== undefined) {
    return withPane(next, room, (pane) => appended(pane, entry));
  }
  if (state.shown !== undefined) return withPane(next, state.shown, (pane) => appended(pane, entry));
  return { ...next, desk: bounded(appended(state.desk, entry)) };
}

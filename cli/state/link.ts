import type { Action, Refusal } from './action.ts';
import { askMembers } from './members.ts';
import { entered } from './seats.ts';
import { type ChatState, roomOf } from './state.ts';
import { continued, type Step, step, withNote, withRoom } from './step.ts';
import { isForAPerson } from './words.ts';

const ROUND_TRIP_EVERY_MS = 10_000;
/** The server is not there, or not any more, or for nobody now. */
const AWAY: ReadonlySet<string> = new Set([
  'unreachable',
  'lost',
  'draining',
  'heartbeat_timeout',
  'overloaded',
  'keys_unavailable',
]);
/** Reasons that another name can mend. */
const ABOUT_THE_NAME: ReadonlySet<string> = new Set(['invalid_user', 'invalid_name', 'not_your_identity']);

export function welcomed(state: ChatState, welcome: Extract<Action, { kind: 'welcomed' }>): Step {
  const { userId, displayName, limits } = welcome;
  const next: ChatState = {
    ...state,
    link: { kind: 'live' },
    toldTrouble: undefined,
    name: userId,
    displayName,
    limits: limits ?? state.limits,
  };
  const isFirst = state.phase.kind === 'entering' && state.rooms.length === 0;
  if (!isFirst) return continued(step(next), roundTripAsked);
  const who = displayName === userId ? userId : `${displayName} (${userId})`;
  // Whoever has typed a name knows it.
  const told = state.isKnown ? (next: ChatState) => step(withNote(next, `you are ${who}`, 'good')) : step;
  return continued(continued(entered(next, state.firstRoom), told), roundTripAsked);
}

export function waiting(state: ChatState, { untilMs, attempt, because }: Extract<Action, { kind: 'waiting' }>): Step {
  const isDraining = because.reason === 'draining';
  const trouble = isForAPerson(because) ? because.message : undefined;
  const roundTrip = { ...state.roundTrip, askedAtMs: undefined };
  const next: ChatState = { ...state, roundTrip, link: { kind: 'waiting', untilMs, attempt, isDraining } };
  if (trouble !== undefined && trouble !== state.toldTrouble) {
    return step(withNote({ ...next, toldTrouble: trouble }, trouble, 'error'));
  }
  if (attempt > 1 || isDraining || trouble !== undefined) return step(next);
  return step(withNote(next, `${because.message}; what you type is kept and sent when it is back`, 'warning'));
}

/** For good: one was not let in, somebody else took over, or the server stayed away for longer than one would wait. */
export function disconnected(state: ChatState, why: Refusal, wasWelcomed: boolean): Step {
  const next: ChatState = { ...state, link: { kind: 'offline', why } };
  if (!wasWelcomed && !state.isKnown && ABOUT_THE_NAME.has(why.reason)) {
    return step(withNote({ ...next, phase: { kind: 'asking_name' } }, `${why.message}. Another name?`, 'error'));
  }
  const isAway = AWAY.has(why.reason);
  if (!wasWelcomed || isAway) return step({ ...next, phase: { kind: 'leaving' } }, { kind: 'quit', failure: why });
  return step(withNote(next, `${why.message}. This is for good: /quit, and start again`, 'error'));
}

/** A second has passed. */
export function ticked(state: ChatState): Step {
  return continued(roundTripAsked(state), staleMembersAsked);
}

export function roundTripTook(state: ChatState, ms: number | undefined): Step {
  const { roundTrip } = state;
  return step({ ...state, roundTrip: { ...roundTrip, askedAtMs: undefined, lastMs: ms ?? roundTrip.lastMs } });
}

function roundTripAsked(state: ChatState): Step {
  const { askedAtMs, dueAtMs } = state.roundTrip;
  if (state.link.kind !== 'live' || askedAtMs !== undefined || state.nowMs < dueAtMs) return step(state);
  const roundTrip = { ...state.roundTrip, askedAtMs: state.nowMs, dueAtMs: state.nowMs + ROUND_TRIP_EVERY_MS };
  return step({ ...state, roundTrip }, { kind: 'ask_round_trip' });
}

/** Once a second at most: while a storm passes through the room, each second makes it stale again. */
function staleMembersAsked(state: ChatState): Step {
  const room = roomOf(state, state.shown);
  if (state.link.kind !== 'live' || room?.seat !== 'joined' || !room.members.isStale) return step(state);
  const { members, effects } = askMembers(room);
  return step(
    withRoom(state, room.name, (room) => ({ ...room, members })),
    ...effects,
  );
}

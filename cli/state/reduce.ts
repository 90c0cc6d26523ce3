import type { Intent } from '../input/keymap.ts';
import type { Action } from './action.ts';
import { quitting } from './commands.ts';
import { told } from './happenings.ts';
import { disconnected, roundTripTook, ticked, waiting, welcomed } from './link.ts';
import { focused, looked } from './looking.ts';
import { delivered, discarded, sentAgain } from './outgoing.ts';
import { historyCame, membersCame, roomsCame } from './pages.ts';
import { joined, joinRefused, leaveRefused, left } from './seats.ts';
import type { ChatState } from './state.ts';
import { type Step, step } from './step.ts';
import { pasted, typed } from './typing.ts';

/** What an action makes of the state, and what is to be done for it. Pure; the time is the state's. */
export function reduced(state: ChatState, action: Action): Step {
  switch (action.kind) {
    case 'pressed':
      return pressed(state, action.intent);
    case 'pasted':
      return pasted(state, action.text, action.bytes);
    case 'focused':
      return step(focused(state, action.hasFocus));
    case 'resized':
      return step({ ...state, columns: action.columns, rows: action.rows });
    case 'ticked':
      return ticked(state);
    case 'started':
      return state.phase.kind === 'entering' ? step(state, { kind: 'connect', name: state.name }) : step(state);
    case 'connecting':
      return step({ ...state, link: { kind: 'connecting' } });
    case 'welcomed':
      return welcomed(state, action);
    case 'waiting':
      return waiting(state, action);
    case 'disconnected':
      return disconnected(state, action.why, action.wasWelcomed);
    case 'round_trip_took':
      return roundTripTook(state, action.ms);
    case 'told':
      return told(state, action.event);
    case 'joined':
      return joined(state, action.joined);
    case 'join_refused':
      return joinRefused(state, action.room, action.why);
    case 'left':
      return left(state, action.room);
    case 'leave_refused':
      return leaveRefused(state, action.room, action.why);
    case 'posted':
      return step(delivered(state, action, { kind: 'acked', seq: action.seq }));
    case 'post_held':
      return step(delivered(state, action, { kind: 'held', untilMs: action.untilMs }));
    case 'post_refused':
      return step(delivered(state, action, { kind: 'failed', why: action.why.message }));
    case 'history_came':
      return historyCame(state, action);
    case 'members_came':
      return membersCame(state, action);
    case 'rooms_came':
      return roomsCame(state, action.page);
  }
}

function pressed(state: ChatState, intent: Intent): Step {
  switch (intent.kind) {
    case 'edit':
    case 'recall':
    case 'submit':
    case 'complete':
      return typed(state, intent);
    case 'scroll':
    case 'page_members':
    case 'go_to_room':
    case 'step_room':
      return looked(state, intent);
    case 'send_again':
      return sentAgain(state);
    case 'discard':
      return discarded(state);
    case 'quit':
      return quitting(state);
    case 'end_of_input':
      if (state.draft.text === '') return quitting(state);
      return typed(state, { kind: 'edit', edit: { kind: 'delete', way: 'forward' } });
    case 'suspend':
      return step(state, { kind: 'suspend' });
    case 'redraw':
      return step(state, { kind: 'redraw' });
  }
}

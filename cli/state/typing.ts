import { parsed } from '../input/command-line.ts';
import { completed, completionOf, nextCompletion } from '../input/completion.ts';
import type { Intent } from '../input/keymap.ts';
import { EMPTY_DRAFT, edited, isAtEdge } from '../input/line-editor.ts';
import { recalled, withSent } from '../input/sent-lines.ts';
import { commanded, quitting } from './commands.ts';
import { whyUnsaid } from './outgoing.ts';
import { type ChatState, roomOf } from './state.ts';
import { type Step, step, withNote } from './step.ts';

/** Nothing longer is typed: beyond any message, and the screen stays quick. */
const MOST_TYPED_UNITS = 32_768;
const DEFAULT_ROOM = 'general';
/** So many last entries tell who speaks here, beside the members that are known. */
const AUTHORS_AMONG = 300;

type Typing = Extract<Intent, { kind: 'edit' | 'recall' | 'submit' | 'complete' }>;

/** A key that changes what is typed, or sends it. */
export function typed(state: ChatState, intent: Typing): Step {
  if (intent.kind === 'complete') return step(completing(state, intent.way));
  const calm = { ...state, completion: undefined };
  switch (intent.kind) {
    case 'edit': {
      const draft = edited(state.draft, intent.edit);
      return step(draft.text.length > MOST_TYPED_UNITS ? calm : { ...calm, draft });
    }
    case 'recall': {
      const { way } = intent;
      if (!isAtEdge(state.draft, way)) {
        return step({ ...calm, draft: edited(state.draft, { kind: 'move_line', way }) });
      }
      return step({ ...calm, ...recalled(state.sent, state.draft, way) });
    }
    case 'submit':
      return submitted(calm);
  }
}

/** A page that is pasted is one message, whole, or none of it is taken. */
export function pasted(state: ChatState, text: string | undefined, bytes: number): Step {
  const { maxContentBytes } = state.limits;
  if (text === undefined || bytes > maxContentBytes) {
    const size = `${bytes.toLocaleString('en')} bytes`;
    return step(withNote(state, `not pasted: ${size}, and a message has ${maxContentBytes} at most`, 'error'));
  }
  const lines = text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
  return typed(state, { kind: 'edit', edit: { kind: 'insert', text: lines } });
}

/** Bytes of what is typed, as the server counts them. */
export function typedBytes({ draft }: ChatState): number {
  return Buffer.byteLength(draft.text);
}

function completing(state: ChatState, way: 'back' | 'forward'): ChatState {
  const room = roomOf(state, state.shown);
  const authors = room?.pane.entries.slice(-AUTHORS_AMONG).filter((entry) => entry.kind === 'message') ?? [];
  const others = [...(room?.members.known ?? []), ...authors].filter(({ userId }) => userId !== state.name);
  const vocabulary = {
    names: others.map(({ displayName }) => displayName),
    rooms: [...state.rooms.map(({ name }) => name), ...state.knownRooms],
  };
  const completion =
    state.completion === undefined ? completionOf(state.draft, vocabulary, way) : nextCompletion(state.completion, way);
  if (completion === undefined) return state;
  // A single choice needs no second Tab; the next one completes what comes then.
  const isOnly = completion.choices.length === 1;
  return { ...state, draft: completed(state.draft, completion), completion: isOnly ? undefined : completion };
}

function submitted(state: ChatState): Step {
  const text = state.draft.text;
  const emptied: ChatState = { ...state, draft: { ...EMPTY_DRAFT, killed: state.draft.killed } };
  if (state.phase.kind !== 'talking' && text.trim() === '/quit') return quitting(emptied);
  switch (state.phase.kind) {
    case 'asking_name':
      return named(emptied, text.trim());
    case 'asking_room':
      return entering({ ...emptied, firstRoom: text.trim() || DEFAULT_ROOM });
    case 'entering':
    case 'leaving':
      return step(state);
    case 'talking':
      break;
  }
  const line = parsed(text);
  if (line.kind === 'nothing') return step(state);
  // What is not taken stays, to be mended or sent later.
  if (line.kind === 'mistake') return step(withNote(state, line.text, 'error'));
  const unsaid = line.kind === 'words' ? whyUnsaid(state, line.content) : undefined;
  if (unsaid !== undefined) return step(withNote(state, `not sent: ${unsaid}`, 'error'));
  return commanded({ ...emptied, sent: withSent(state.sent, text) }, line);
}

function named(state: ChatState, name: string): Step {
  if (name === '') return step(state);
  const next: ChatState = { ...state, name, displayName: name };
  if (state.firstRoom === '') return step({ ...next, phase: { kind: 'asking_room' } });
  return entering(next);
}

function entering(state: ChatState): Step {
  return step({ ...state, phase: { kind: 'entering' } }, { kind: 'connect', name: state.name });
}

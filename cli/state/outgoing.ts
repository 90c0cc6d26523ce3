import type { Effect } from './effect.ts';
import type { MessageEntry, Outgoing } from './entry.ts';
import { appended, withoutLine } from './pane.ts';
import type { ChatState, Room } from './state.ts';
import { roomOf } from './state.ts';
import { type Step, step, withNote, withRoom } from './step.ts';
import { counted } from './words.ts';

/** What waits to be taken in a room; beyond it the person is told to wait. */
const MOST_OUTGOING = 100;

/** Why nothing can be said where one is; undefined where it can. */
export function whyUnsaid(state: ChatState, content: string): string | undefined {
  const bytes = Buffer.byteLength(content);
  const { maxContentBytes } = state.limits;
  if (bytes > maxContentBytes) return `${bytes} bytes, and a message has ${maxContentBytes} at most`;
  if (state.link.kind === 'offline') return 'the connection is gone for good; /quit, and start again';
  const room = roomOf(state, state.shown);
  if (room === undefined) return 'you are in no room; /join ROOM takes you to one';
  if (room.seat === 'leaving') return 'you are leaving this room';
  if (room.seat === 'gone') return `your seat here is gone; /join ${room.name} tries again`;
  if (room.outgoing.length < MOST_OUTGOING) return undefined;
  return `${MOST_OUTGOING} messages wait already; try again in a while`;
}

/** Shows the words as pending, and sends them. */
export function said(state: ChatState, content: string): Step {
  const room = roomOf(state, state.shown);
  if (room === undefined) return step(state);
  const messageId = `${state.idPrefix}-${state.nextId}`;
  const item: Outgoing = {
    ...{ kind: 'outgoing', id: state.nextId, messageId, content, atMs: state.nowMs },
    delivery: { kind: 'pending' },
  };
  // Whoever says something wants to know whether the server answers.
  const roundTrip = { ...state.roundTrip, dueAtMs: Math.min(state.roundTrip.dueAtMs, state.nowMs + 1000) };
  const next = withRoom({ ...state, roundTrip, nextId: state.nextId + 1 }, room.name, (room) => ({
    ...room,
    pane: { ...withoutLine(room.pane), view: { kind: 'end' } },
    outgoing: [...room.outgoing, item],
  }));
  return step(next, { kind: 'post', room: room.name, messageId, content });
}

export function delivered(
  state: ChatState,
  { room, messageId }: { readonly room: string; readonly messageId: string },
  delivery: Outgoing['delivery'],
): ChatState {
  return withRoom(state, room, (room) => {
    const outgoing = room.outgoing.map((item) => (item.messageId === messageId ? { ...item, delivery } : item));
    return withoutPassed({ ...room, outgoing }, state);
  });
}

/** What the room has passed without telling it - it was in a gap - stands in the pane from now on. */
export function withoutPassed(room: Room, { name, displayName }: ChatState): Room {
  const isPassed = ({ delivery }: Outgoing) => delivery.kind === 'acked' && delivery.seq <= room.seq;
  let pane = room.pane;
  for (const { id, messageId, atMs, content, delivery } of room.outgoing.filter(isPassed)) {
    const seq = delivery.kind === 'acked' ? delivery.seq : 0n;
    const entry: MessageEntry = {
      kind: 'message',
      id,
      messageId,
      seq,
      atMs,
      userId: name,
      displayName,
      content,
      isOwn: true,
    };
    pane = appended(pane, entry);
  }
  return pane === room.pane ? room : { ...room, pane, outgoing: room.outgoing.filter((item) => !isPassed(item)) };
}

/** All that failed in the shown room, in its order and under the ids that they had: none can be taken twice. */
export function sentAgain(state: ChatState): Step {
  const failed = failedIn(state);
  if (failed.length === 0) return step(withNote(state, 'nothing here failed to be sent'));
  const effects = failed.map(
    ({ messageId, content }): Effect => ({ kind: 'post', room: state.shown ?? '', messageId, content }),
  );
  const next = withRoom(state, state.shown ?? '', (room) => {
    const again = failed.map((item): Outgoing => ({ ...item, delivery: { kind: 'pending' } }));
    return { ...room, outgoing: [...room.outgoing.filter((item) => !failed.includes(item)), ...again] };
  });
  return step(next, ...effects);
}

/** What failed in the shown room is forgotten. */
export function discarded(state: ChatState): Step {
  const failed = failedIn(state);
  if (failed.length === 0) return step(state);
  const next = withRoom(state, state.shown ?? '', (room) => ({
    ...room,
    outgoing: room.outgoing.filter((item) => !failed.includes(item)),
  }));
  return step(withNote(next, `${counted(failed.length, 'message')} dropped, unsent`));
}

function failedIn(state: ChatState): readonly Outgoing[] {
  return roomOf(state, state.shown)?.outgoing.filter(({ delivery }) => delivery.kind === 'failed') ?? [];
}

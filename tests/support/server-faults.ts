import type { Told } from './raw-client.ts';

/** What was done wrong to one client. */
export interface Injected {
  readonly fault: ServerFault;
  readonly room: string;
  /** The user id of who was wronged. */
  readonly client: string;
  /** Of the message, as the room has it. With `forget-member` the first of those that did not come. */
  readonly seq: number;
}

/** What a seat brings its member: the room's events, and the answers that have their place among them. */
export type RoomEvent = Extract<Told, { $case: 'broadcast' | 'notice' | 'ack' | 'left' }>;
type Ack = Extract<RoomEvent, { $case: 'ack' }>;

export interface Receiver {
  readonly userId: string;
  readonly send: (event: RoomEvent) => void;
}

/** Sends a member of a room what it is owed, or does not. */
export type Deliver = (to: Receiver, event: RoomEvent) => void;

interface Book {
  /** Counts one more that the fault may happen to, and says whether it is the one. */
  isDue(): boolean;
  /** What is held back is entered at once. */
  enter(to: Receiver, event: RoomEvent): Injected;
  /** It was made good. */
  strike(entry: Injected): void;
}

const FAULTS = {
  none: () => (to, event) => to.send(event),
  /** Each `every`-th delivery of a message is not sent. */
  drop: each(isMessage, () => {}),
  /** Each `every`-th delivery is sent twice. */
  double: each(isMessage, (to, event) => [event, event].forEach(to.send)),
  /** Each `every`-th delivery is sent after the next event of the room to the same member. */
  swap: late(isMessage, isOfLog, 1),
  /** Each `every`-th delivery to another than the sender has the words of the message before. */
  'other-words': (book) => {
    const words = new Map<string, { seq: bigint; last: string; before: string }>();
    return (to, event) => {
      if (event.$case !== 'broadcast') return to.send(event);
      const { room, seq, content } = event.value;
      const said = words.get(room) ?? { seq: 0n, last: content, before: content };
      if (said.seq !== seq) words.set(room, { seq, last: content, before: said.last });
      const { before = content } = words.get(room) ?? {};
      if (before === content || event.value.userId === to.userId || !book.isDue()) return to.send(event);
      to.send({ $case: 'broadcast', value: { ...event.value, content: before } });
      book.enter(to, event);
    };
  },
  /** Each `every`-th post is appended a second time, behind the one that was acked; see `isRepeated`. */
  'append-twice': () => (to, event) => to.send(event),
  /** Each `every`-th post is acked and sent to all but its sender. */
  'ack-undelivered': each(isOwn, () => {}),
  /** Each `every`-th ack is sent after three later ones of the same member. */
  'delay-ack': late(isAck, isAck, 3),
  /** Each `every`-th ack is not sent. */
  'mute-ack': each(isAck, () => {}),
  /** Each `every`-th ack tells the seq after the right one. */
  'wrong-ack-seq': each(isAck, (to, { $case, value }: Ack) => {
    to.send({ $case, value: { ...value, seq: value.seq + 1n } });
  }),
  /** From the `every`-th delivery on, its member is sent nothing more of the room but answers. Once. */
  'forget-member': (book) => {
    let forgotten: Receiver | undefined;
    return (to, event) => {
      if (forgotten === undefined && isMessage(event) && book.isDue()) {
        forgotten = to;
        book.enter(to, event);
      }
      if (to !== forgotten || !isOfLog(event)) to.send(event);
    };
  },
  /**
   * The newest message of each room is kept from one member, not its sender, until
   * the next message. Notices wait behind it: one sent alone, as of the leaves at
   * the end, would make it a hole before the end.
   */
  'lose-last': (book) => {
    const held = new Map<Receiver, { readonly events: RoomEvent[]; readonly entry: Injected }>();
    const newest = new Map<string, bigint>();
    return (to, event) => {
      const kept = held.get(to);
      if (isMessage(event) && kept !== undefined) {
        kept.events.forEach(to.send);
        held.delete(to);
        book.strike(kept.entry);
      }
      const { room, seq } = event.value;
      if (isMessage(event) && !isOwn(event, to) && newest.get(room) !== seq) {
        newest.set(room, seq);
        held.set(to, { events: [event], entry: book.enter(to, event) });
      } else if (event.$case === 'notice' && kept !== undefined) kept.events.push(event);
      else to.send(event);
    };
  },
} satisfies Record<string, (book: Book) => Deliver>;

export type ServerFault = keyof typeof FAULTS;

/** Does the wrong thing with each `every`-th of those that are meant. */
function each<E extends RoomEvent>(
  isMeant: (event: RoomEvent, to: Receiver) => event is E,
  doWrong: (to: Receiver, event: E) => void,
) {
  return (book: Book): Deliver =>
    (to, event) => {
      if (!isMeant(event, to) || !book.isDue()) return to.send(event);
      doWrong(to, event);
      book.enter(to, event);
    };
}

/** Holds back each `every`-th of those that are meant until so many others have overtaken it; one at a time a member. */
function late(isMeant: (event: RoomEvent) => boolean, overtakes: (event: RoomEvent) => boolean, others: number) {
  return (book: Book): Deliver => {
    const held = new Map<Receiver, { readonly event: RoomEvent; overtakenBy: number }>();
    return (to, event) => {
      const isDue = isMeant(event) && book.isDue();
      const kept = held.get(to);
      if (isDue && kept === undefined) {
        held.set(to, { event, overtakenBy: 0 });
        book.enter(to, event);
        return;
      }
      to.send(event);
      if (kept === undefined || !overtakes(event)) return;
      kept.overtakenBy += 1;
      if (kept.overtakenBy < others) return;
      held.delete(to);
      to.send(kept.event);
    };
  };
}

function isMessage(event: RoomEvent) {
  return event.$case === 'broadcast';
}

function isOwn(event: RoomEvent, to: Receiver): event is Extract<RoomEvent, { $case: 'broadcast' }> {
  return event.$case === 'broadcast' && event.value.userId === to.userId;
}

function isAck(event: RoomEvent) {
  return event.$case === 'ack';
}

function isOfLog(event: RoomEvent): boolean {
  return event.$case === 'broadcast' || event.$case === 'notice';
}

/** The fault of a server, and what it has done so far. */
export interface FaultyDelivery {
  readonly deliver: Deliver;
  /** Whether the post that has just been appended is to be appended once more, as the next seq. */
  isRepeated(sender: Receiver, posted: RoomEvent): boolean;
  injected(): Injected[];
}

export function faultyDelivery(fault: ServerFault, every: number): FaultyDelivery {
  const entries = new Set<Injected>();
  let counted = 0;
  const book: Book = {
    isDue: () => ++counted % every === 0,
    enter({ userId }, { value: { room, seq } }) {
      const entry = { fault, room, client: userId, seq: Number(seq) };
      entries.add(entry);
      return entry;
    },
    strike: (entry) => void entries.delete(entry),
  };
  const isRepeated = (sender: Receiver, { $case, value }: RoomEvent) => {
    if (fault !== 'append-twice' || !book.isDue()) return false;
    book.enter(sender, { $case, value: { ...value, seq: value.seq + 1n } } as RoomEvent);
    return true;
  };
  return { deliver: FAULTS[fault](book), isRepeated, injected: () => [...entries] };
}

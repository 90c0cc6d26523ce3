import type { Deliveries } from './deliveries.ts';
import type { Answer } from './events.ts';
import { MAX_WAITING_ANSWER_BYTES, MAX_WAITING_ANSWERS, MAX_WRITE_BYTES } from './limits.ts';
import type { Sink } from './ports.ts';
import type { RoomLog } from './room-log.ts';

/** Where a member stands in the log of its room. */
export interface Cursor {
  readonly room: string;
  readonly epoch: string;
  readonly log: RoomLog;
  /** The last seq that was given to the connection. */
  at: number;
  /** The last seq that it is owed: no end while the seat is held. */
  until: number;
  /** An earlier seat in the same room, still to be delivered to its end. */
  follows: Cursor | undefined;
  /** Answers about the room that wait behind `until`. */
  readonly trailing: Uint8Array[];
}

/**
 * What a session is owed: answers, and for each of its rooms a cursor.
 *
 * Writing each event to each member as it happens costs a write an event, and a
 * queue without bound for a peer that does not read. Here a session whose write
 * is unfinished is left alone, and its next write takes all that came meanwhile:
 * a busy server makes longer writes by itself, and a slow reader holds one write
 * and a number a room.
 *
 * A write is at most 64 KiB: answers first, so that JoinAck comes before what it
 * announces, then one slice of each room, the rooms taking turns. A seat that
 * ended is delivered to its end; answers about its room wait for that, and so
 * does a new seat in the same room.
 */
export class Outbox {
  readonly #sink: Sink;
  readonly #encode: (answer: Answer) => Uint8Array | undefined;
  readonly #deliveries: Deliveries;
  readonly #answers: Uint8Array[] = [];
  #cursors: Cursor[] = [];
  /** The latest ended seat of a room that is not delivered to its end. */
  readonly #closing = new Map<string, Cursor>();
  /** Answers that wait anywhere in here, and their bytes. */
  #waiting = 0;
  #waitingBytes = 0;
  #isWriting = false;
  /** Events of rooms in the unfinished write. */
  #inFlight = 0;
  #isDropped = false;

  constructor(sink: Sink, encode: (answer: Answer) => Uint8Array | undefined, deliveries: Deliveries) {
    this.#sink = sink;
    this.#encode = encode;
    this.#deliveries = deliveries;
  }

  /** So many answers wait that the connection must not be read from. */
  get isFull(): boolean {
    return this.#waiting >= MAX_WAITING_ANSWERS || this.#waitingBytes >= MAX_WAITING_ANSWER_BYTES;
  }

  /** Nothing is owed and no write is unfinished. */
  get isEmpty(): boolean {
    return !this.#isWriting && this.#waiting === 0 && this.behind === 0;
  }

  /** Events of rooms that are owed and not written yet, those in flight included. */
  get behind(): number {
    let events = this.#inFlight;
    for (const cursor of this.#cursors) events += endOf(cursor) - cursor.at;
    return events;
  }

  /** Owes an answer; one about a room comes after everything of an ended seat in it. */
  answer(answer: Answer, room?: string): void {
    if (this.#isDropped) return;
    const entry = this.#encode(answer);
    if (entry === undefined) return;
    this.#waiting += 1;
    this.#waitingBytes += entry.length;
    const closing = room === undefined ? undefined : this.#closing.get(room);
    (closing?.trailing ?? this.#answers).push(entry);
  }

  /** Owes what is appended after seq `at`. The room's JoinAck is answered before this. */
  open(room: { readonly name: string; readonly epoch: string; readonly log: RoomLog }, at: number): Cursor {
    const cursor: Cursor = {
      room: room.name,
      epoch: room.epoch,
      log: room.log,
      at,
      until: Number.POSITIVE_INFINITY,
      follows: this.#closing.get(room.name),
      trailing: [],
    };
    this.#cursors.push(cursor);
    return cursor;
  }

  /** Owes nothing of the room beyond its present head. */
  close(cursor: Cursor): void {
    cursor.until = cursor.log.head;
    this.#closing.set(cursor.room, cursor);
    this.#settle();
  }

  /** Writes what is owed. While a write is unfinished its end does that. */
  flush(): void {
    if (this.#isWriting || this.#isDropped) return;
    try {
      const parts = this.#take();
      if (parts.length === 0) return;
      this.#isWriting = true;
      this.#sink.write(parts, () => this.#written());
    } catch (fault) {
      this.#sink.failed(fault);
    }
  }

  /** The connection is gone: what is owed will never be written. */
  drop(): void {
    this.#deliveries.abandoned += this.behind;
    this.#isDropped = true;
    this.#inFlight = 0;
    this.#answers.length = 0;
    this.#cursors = [];
    this.#closing.clear();
  }

  #written(): void {
    if (this.#isDropped) return;
    this.#deliveries.written += this.#inFlight;
    this.#inFlight = 0;
    this.#isWriting = false;
    this.flush();
  }

  #take(): Uint8Array[] {
    const parts: Uint8Array[] = [];
    let bytesLeft = this.#takeAnswers(parts);
    if (this.#answers.length > 0) return parts;
    for (const [turn, cursor] of this.#cursors.entries()) {
      if (cursor.follows !== undefined) continue;
      const gap = this.#takeGap(cursor);
      if (gap !== undefined) {
        parts.push(gap);
        bytesLeft -= gap.length;
      }
      const slice = cursor.log.slice(cursor.at, cursor.until, bytesLeft);
      if (slice === undefined) continue;
      if (slice.bytes.length > bytesLeft && parts.length > 0) {
        this.#cursors = [...this.#cursors.slice(turn), ...this.#cursors.slice(0, turn)];
        break;
      }
      parts.push(slice.bytes);
      bytesLeft -= slice.bytes.length;
      cursor.at = slice.to;
      this.#inFlight += slice.to - slice.from + 1;
    }
    this.#settle();
    return parts;
  }

  /** Moves as many answers as fit, at least one, and returns the bytes that are left. */
  #takeAnswers(parts: Uint8Array[]): number {
    let bytesLeft = MAX_WRITE_BYTES;
    for (const answer of this.#answers) {
      if (parts.length > 0 && answer.length > bytesLeft) break;
      parts.push(answer);
      bytesLeft -= answer.length;
    }
    this.#answers.splice(0, parts.length);
    this.#waiting -= parts.length;
    this.#waitingBytes -= MAX_WRITE_BYTES - bytesLeft;
    return bytesLeft;
  }

  /** Moves the cursor over what the log no longer holds, and tells it. */
  #takeGap(cursor: Cursor): Uint8Array | undefined {
    const fromSeq = cursor.at + 1;
    const toSeq = Math.min(cursor.log.oldest - 1, endOf(cursor));
    if (toSeq < fromSeq) return undefined;
    this.#deliveries.skipped += toSeq - cursor.at;
    cursor.at = toSeq;
    return this.#encode({ kind: 'gap', room: cursor.room, epoch: cursor.epoch, fromSeq, toSeq });
  }

  /** Forgets ended seats that are delivered, and lets go what waited behind them. */
  #settle(): void {
    if (this.#closing.size === 0) return;
    for (const cursor of this.#cursors) {
      if (cursor.at < cursor.until || cursor.follows !== undefined) continue;
      this.#answers.push(...cursor.trailing);
      if (this.#closing.get(cursor.room) === cursor) this.#closing.delete(cursor.room);
      for (const later of this.#cursors) if (later.follows === cursor) later.follows = undefined;
    }
    this.#cursors = this.#cursors.filter((cursor) => cursor.at < cursor.until || cursor.follows !== undefined);
  }
}

/** The last seq that the cursor is owed by now. */
function endOf(cursor: Cursor): number {
  return Math.min(cursor.until, cursor.log.head);
}

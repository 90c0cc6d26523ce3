import { type Cursor, endOf } from './cursor.ts';
import type { Deliveries } from './deliveries.ts';
import type { Answer, Gap } from './events.ts';
import {
  LEAST_WRITE_BYTES,
  MAX_GAP_BYTES,
  MAX_WAITING_ANSWER_BYTES,
  MAX_WAITING_ANSWERS,
  MAX_WRITE_BYTES,
  SLOW_WRITE_MS,
} from './limits.ts';
import type { ClientKind, Clock, EncodeAnswer, Sink } from './ports.ts';

export interface UnfinishedWrite {
  /** When it began, in monotonic milliseconds. */
  sinceMs: number;
  bytes: number;
  /** Events of rooms in it. */
  events: number;
  /** Told when it has left. */
  readonly left: (() => void) | undefined;
}

/**
 * What a session is owed: answers, and for each of its rooms a cursor.
 *
 * Writing each event to each member as it happens costs a write an event, and a
 * queue without bound for a peer that does not read. Here a session whose write
 * is unfinished is left alone, and its next write takes all that came meanwhile,
 * so that a slow reader holds one write and a number a room.
 *
 * A write is at most 64 KiB: answers first, so that JoinAck comes before what it
 * announces, then one slice of each room, the rooms taking turns. After a write
 * that took over a second the next is a quarter as large, down to 4 KiB, so that
 * an honest slow reader gets through. A seat that ended is delivered to its end;
 * answers about its room wait for that, and so does a new seat in the same room.
 *
 * It outlives the streams of its session: `attach` begins a new one, `drop` forgets what was owed on the old.
 */
export class Outbox {
  #sink: Sink | undefined;
  readonly #owner: { readonly client: ClientKind };
  readonly #clock: Clock;
  readonly #encode: EncodeAnswer;
  readonly #deliveries: Deliveries;
  readonly #answers: Uint8Array[] = [];
  #cursors: Cursor[] = [];
  /** The latest ended seat of a room that is not delivered to its end; made when there is one. */
  #closing: Map<string, Cursor> | undefined;
  /** Answers that wait anywhere in here, and their bytes. */
  #waiting = 0;
  #waitingBytes = 0;
  #write: UnfinishedWrite | undefined;
  #writeBytes = MAX_WRITE_BYTES;

  /** @param owner the session; it may become another kind of client. */
  constructor(
    owner: { readonly client: ClientKind },
    ports: { readonly clock: Clock; readonly encode: EncodeAnswer; readonly deliveries: Deliveries },
  ) {
    this.#owner = owner;
    this.#clock = ports.clock;
    this.#encode = ports.encode;
    this.#deliveries = ports.deliveries;
  }

  /** The write that has not left yet. */
  get unfinished(): UnfinishedWrite | undefined {
    return this.#write;
  }

  /** So many answers wait that the connection must not be read from. */
  get isFull(): boolean {
    return this.#waiting >= MAX_WAITING_ANSWERS || this.#waitingBytes >= MAX_WAITING_ANSWER_BYTES;
  }

  /** Some answer is not written yet. */
  get hasAnswers(): boolean {
    return this.#write !== undefined || this.#waiting > 0;
  }

  /** Nothing is owed and no write is unfinished. */
  get isEmpty(): boolean {
    return this.#write === undefined && this.#waiting === 0 && this.behind === 0;
  }

  /** Events of rooms that are owed and not written yet, those in flight included. */
  get behind(): number {
    let events = this.#write?.events ?? 0;
    for (const cursor of this.#cursors) events += endOf(cursor) - cursor.at;
    return events;
  }

  /** Owes an answer; one about a room comes after everything of an ended seat in it. */
  answer(answer: Answer, room?: string): void {
    if (this.#sink === undefined) return;
    const entry = this.#encode(answer, this.#owner.client);
    if (entry === undefined) return;
    this.#waiting += 1;
    this.#waitingBytes += entry.length;
    const closing = room === undefined ? undefined : this.#closing?.get(room);
    (closing?.ended?.trailing ?? this.#answers).push(entry);
  }

  /** From now on what is owed goes to this stream. */
  attach(sink: Sink): void {
    this.#sink = sink;
  }

  /** Owes what stands in the log after seq `at` and what will. The room's JoinAck is answered before this. */
  open(room: Cursor['room'], at: number): Cursor {
    const cursor: Cursor = { room, at, follows: this.#closing?.get(room.name), ended: undefined };
    this.#deliveries.owed += room.log.head - at;
    // Pushed, one seat would reserve places for 17, in each of thousands of sessions.
    this.#cursors = this.#cursors.concat(cursor);
    return cursor;
  }

  /** Owes nothing of the room beyond its present head. */
  close(cursor: Cursor): void {
    cursor.ended = { until: cursor.room.log.head, trailing: [] };
    this.#closing ??= new Map();
    this.#closing.set(cursor.room.name, cursor);
    this.#settle();
  }

  /** Skips what the log of a cursor no longer holds; what is skipped, to be told. */
  skipGap(cursor: Cursor): Gap | undefined {
    const { name, epoch, log } = cursor.room;
    const fromSeq = cursor.at + 1;
    const toSeq = Math.min(log.oldest - 1, endOf(cursor));
    if (toSeq < fromSeq) return undefined;
    this.#deliveries.skipped += toSeq - cursor.at;
    cursor.at = toSeq;
    return { kind: 'gap', room: name, epoch, fromSeq, toSeq };
  }

  /**
   * Writes what is owed, and returns its bytes, 0 when that was nothing. While a
   * write is unfinished its end does that. `left` is told when the write has left.
   */
  flush(left?: () => void): number {
    const sink = this.#sink;
    if (sink === undefined || this.#write !== undefined) return 0;
    try {
      const write = { sinceMs: 0, bytes: 0, events: 0, left };
      const parts = this.#take(write);
      if (parts.length === 0) return 0;
      write.sinceMs = this.#clock.monotonicMs();
      this.#write = write;
      sink.write(parts, write.events, () => this.#written(write));
      return write.bytes;
    } catch (fault) {
      sink.failed(fault);
      return 0;
    }
  }

  /** The stream is gone: what is owed on it will never be written. */
  drop(): void {
    this.#deliveries.abandoned += this.behind;
    this.#sink = undefined;
    this.#write = undefined;
    this.#writeBytes = MAX_WRITE_BYTES;
    this.#answers.length = 0;
    this.#waiting = 0;
    this.#waitingBytes = 0;
    this.#cursors = [];
    this.#closing = undefined;
  }

  #written(write: UnfinishedWrite): void {
    // The stream that it was written to may be gone by now.
    if (this.#write !== write) return;
    this.#deliveries.written += write.events;
    this.#deliveries.writes += 1;
    this.#deliveries.bytes += write.bytes;
    write.left?.();
    this.#write = undefined;
    const wasSlow = this.#clock.monotonicMs() - write.sinceMs > SLOW_WRITE_MS;
    this.#writeBytes = wasSlow ? Math.max(LEAST_WRITE_BYTES, this.#writeBytes >>> 2) : MAX_WRITE_BYTES;
    this.flush();
  }

  #take(write: UnfinishedWrite): Uint8Array[] {
    const parts: Uint8Array[] = [];
    const budget = this.#writeBytes;
    let bytesLeft = this.#takeAnswers(parts, budget);
    write.bytes = budget - bytesLeft;
    if (this.#answers.length > 0) return parts;
    for (const [turn, cursor] of this.#cursors.entries()) {
      if (cursor.follows !== undefined) continue;
      if (bytesLeft < MAX_GAP_BYTES && parts.length > 0) {
        this.#beginWith(turn);
        break;
      }
      const gap = this.skipGap(cursor);
      const gapEntry = gap && this.#encode(gap, this.#owner.client);
      if (gapEntry !== undefined) {
        parts.push(gapEntry);
        bytesLeft -= gapEntry.length;
      }
      const slice = cursor.room.log.slice(cursor.at, endOf(cursor), bytesLeft);
      if (slice === undefined) continue;
      if (slice.bytes.length > bytesLeft && parts.length > 0) {
        this.#beginWith(turn);
        break;
      }
      parts.push(slice.bytes);
      bytesLeft -= slice.bytes.length;
      cursor.at = slice.to;
      write.events += slice.to - slice.from + 1;
    }
    write.bytes = budget - bytesLeft;
    this.#settle();
    return parts;
  }

  /** The next write begins with the cursor whose turn it was. */
  #beginWith(turn: number): void {
    this.#cursors = [...this.#cursors.slice(turn), ...this.#cursors.slice(0, turn)];
  }

  /** Moves as many answers as fit, at least one, and returns the bytes that are left. */
  #takeAnswers(parts: Uint8Array[], budget: number): number {
    let bytesLeft = budget;
    for (const answer of this.#answers) {
      if (parts.length > 0 && answer.length > bytesLeft) break;
      parts.push(answer);
      bytesLeft -= answer.length;
    }
    this.#answers.splice(0, parts.length);
    this.#waiting -= parts.length;
    this.#waitingBytes -= budget - bytesLeft;
    return bytesLeft;
  }

  /** Forgets ended seats that are delivered, and lets go what waited behind them. */
  #settle(): void {
    const closing = this.#closing;
    if (closing === undefined) return;
    // One that ends may end the waiting of another that is delivered too.
    for (let over = this.#delivered(); over !== undefined; over = this.#delivered()) {
      const last = over;
      this.#answers.push(...(last.ended?.trailing ?? []));
      if (closing.get(last.room.name) === last) closing.delete(last.room.name);
      this.#cursors = this.#cursors.filter((cursor) => cursor !== last);
      for (const later of this.#cursors) if (later.follows === last) later.follows = undefined;
    }
    if (closing.size === 0) this.#closing = undefined;
  }

  /** A cursor that has reached its end and waits for no other. */
  #delivered(): Cursor | undefined {
    return this.#cursors.find(({ at, ended, follows }) => ended && at >= ended.until && follows === undefined);
  }
}

import type { Refusal } from './errors.ts';
import type { Answer, RoomEvent } from './events.ts';

/** The two clocks. Only durations are taken from the first, only dates from the second. */
export interface Clock {
  /** Milliseconds that never go back, from an arbitrary origin. */
  monotonicMs(): number;
  /** Milliseconds since 1970; may jump. */
  utcMs(): number;
}

/** Runs `task` once, after everything that arrived in this turn of the event loop was handled. */
export type AtEndOfTurn = (task: () => void) => void;

/** A fresh unguessable id of 128 bits, in ASCII that stands in a URL. */
export type NewId = () => string;

/**
 * Encodes an event of a room as it will lie on the wire for everyone: an entry
 * of `ServerEvent.batch`, tag and length included, so that entries laid one
 * after another are a `ServerEvent`.
 */
export type EncodeRoomEvent = (event: RoomEvent) => Uint8Array;

/** Whether the client said hello; the head of the contract tells what that means. */
export type ClientKind = 'full' | 'basic';

/**
 * Encodes what one session is told, as an entry like the above. `undefined`:
 * this kind of client is not told such a thing.
 */
export type EncodeAnswer = (answer: Answer, client: ClientKind) => Uint8Array | undefined;

/** Where the bytes of one session go: its connection. */
export interface Sink {
  /**
   * Takes runs of entries, in order; `parts` are copied or sent before this
   * returns. `done` is called once they have left, or never when the connection
   * ends first. At most one write is unfinished at a time.
   */
  write(parts: readonly Uint8Array[], done: () => void): void;
  /** The stream is to end with this refusal, without regard to what is owed. */
  end(refusal: Refusal): void;
  /** What was owed could not be put together: a fault of ours, for which this one stream must end. */
  failed(fault: unknown): void;
}

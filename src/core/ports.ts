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

/** A pass over the members of a room that gave them what was appended before it. */
export interface PassReport {
  readonly members: number;
  /** Writes that it began, and the bytes in them. */
  readonly writes: number;
  readonly bytes: number;
}

/** A message that is followed on its way through the server, for whoever looks at traces. */
export interface MessageTrace {
  /** W3C trace context that its receivers are given. */
  readonly traceparent: string;
  /** It stands in the log at `seq`; a duplicate did so before. */
  appended(seq: number, duplicate: boolean): void;
  rejected(refusal: Refusal): void;
  /** Everybody who was there was flushed. */
  fannedOut(pass: PassReport): void;
}

/** Watches what a room has appended as it goes out to its members. */
export interface PassObserver {
  /** A message that is followed goes with it. */
  carries(trace: MessageTrace): void;
  /** The first of its writes has left. */
  delivered(): void;
  /** Everybody was written to who could be. */
  passed(pass: PassReport): void;
}

/** Who watches. Must not throw, and costs little: it is called on the path of every message. */
export interface Observer {
  /** Begins to follow a message; `undefined` for one that nobody looks at. */
  follow(post: {
    readonly sessionId: string;
    /** What the sender said, unchecked. */
    readonly traceparent: string;
    readonly messageId: string;
  }): MessageTrace | undefined;
  /** A room has appended something, the first since its last pass began. */
  appended(): PassObserver;
}

const NO_PASS: PassObserver = { carries: () => {}, delivered: () => {}, passed: () => {} };

/** When nobody watches. */
export const NOBODY: Observer = { follow: () => undefined, appended: () => NO_PASS };

/** Where the bytes of one session go: its connection. */
export interface Sink {
  /**
   * Takes runs of entries, in order, in which there are so many events of rooms;
   * `parts` are copied or sent before this returns. `done` is called once they have left, or never when the connection
   * ends first. At most one write is unfinished at a time.
   */
  write(parts: readonly Uint8Array[], events: number, done: () => void): void;
  /** The stream is to end with this refusal, without regard to what is owed. */
  end(refusal: Refusal): void;
  /** What was owed could not be put together: a fault of ours, for which this one stream must end. */
  failed(fault: unknown): void;
}

import type { Heard } from './event-scanner.ts';

/** How a stream ended that nobody ended on this side. */
export interface StreamEnd {
  /** A `chat-reason`, a gRPC status in small letters, or what the system says: `ECONNREFUSED`. */
  readonly reason: string;
  readonly retryAfterMs: number | undefined;
  /** Whether the same may go better another time. */
  readonly canRetry: boolean;
}

export interface StreamListener extends Heard {
  /** A chunk came, before anything of it is heard. */
  arrived(bytes: number): void;
  /** Called once, but not after `abandon`. */
  ended(end: StreamEnd): void;
}

/** Bytes in and out, and how it ended. */
export interface ChatStream {
  /** Whole gRPC messages, prefix included. */
  write(...messages: readonly Uint8Array[]): void;
  pause(): void;
  resume(): void;
  /** Nothing is sent any more; the server ends the stream. */
  halfClose(): void;
  /** Nobody listens any more. */
  abandon(): void;
}

/** What a client opens its stream on. */
export interface Transport {
  /** Whether this side has cut it. */
  readonly isCut: boolean;
  open(listener: StreamListener): ChatStream;
  /** Ends it, without a word to the server but the end of the connection. */
  cut(): void;
}

import type { StreamEnd } from '../wire/chat-stream.ts';
import type { LoadClientOptions } from './surroundings.ts';

const FIRST_RETRY_MS = 100;
const MOST_RETRY_MS = 5_000;
const MOST_RETRIES = 10;
/** Of one that never had a seat: where nobody answers as a chat server does, it is soon clear. */
const MOST_FIRST_RETRIES = 5;
/** How a server may end one that does not read, nor answer. */
const ENDS_OF_SLOW_READERS: ReadonlySet<string> = new Set(['slow_consumer', 'heartbeat_timeout']);

/** What becomes of a client whose stream has ended unasked. */
export type Sequel =
  | { readonly kind: 'comes back'; readonly afterMs: number; readonly because: 'cut' | 'slow' | 'own seat' | 'error' }
  | { readonly kind: 'stays away' }
  | { readonly kind: 'gives up' };

export interface Ended {
  readonly end: StreamEnd;
  readonly options: LoadClientOptions;
  /** Whether the tool has cut its transport. */
  readonly isCut: boolean;
  readonly wasSeated: boolean;
  /** How often it has tried since it last had a seat. */
  readonly retries: number;
  /** What the server advised before the end; 0 where it did not. */
  readonly advisedMs: number;
}

export function sequelOf({ end, options, isCut, wasSeated, retries, advisedMs }: Ended): Sequel {
  const { reason, retryAfterMs, canRetry } = end;
  if (options.reader !== 'steady' && ENDS_OF_SLOW_READERS.has(reason)) {
    if (options.reader === 'frozen') return { kind: 'stays away' };
    return { kind: 'comes back', afterMs: retryAfterMs ?? 0, because: 'slow' };
  }
  if (isCut) return { kind: 'comes back', afterMs: 0, because: 'cut' };
  // A basic client cannot resume: its own seat may still be there.
  const isOwnSeat = reason === 'user_taken' && options.kind === 'basic' && wasSeated;
  const mostRetries = wasSeated ? MOST_RETRIES : MOST_FIRST_RETRIES;
  if (!(canRetry || isOwnSeat) || retries >= mostRetries) return { kind: 'gives up' };
  const backoffMs = Math.min(FIRST_RETRY_MS * 2 ** retries, MOST_RETRY_MS);
  const afterMs = Math.max(backoffMs, retryAfterMs ?? advisedMs);
  return { kind: 'comes back', afterMs, because: isOwnSeat ? 'own seat' : 'error' };
}

import { status } from '@grpc/grpc-js';
import type { ChatError } from './errors.ts';

/** How a connection stands. */
export type ConnectionState =
  /** A stream is being opened, or waits for the server's welcome. */
  | { readonly kind: 'connecting' }
  /** The server has welcomed this session. */
  | { readonly kind: 'live' }
  /**
   * There is no stream; the next is opened at `until`, or later: as soon as the application has read what waits in
   * `events`. `attempt` counts from 1 since the last stream that lasted.
   */
  | { readonly kind: 'waiting'; readonly until: Date; readonly attempt: number; readonly because: ChatError }
  /** For good, from the call of `close` on; `why` is undefined when that was it. */
  | { readonly kind: 'closed'; readonly why: ChatError | undefined };

const INCURABLE_REASONS: ReadonlySet<string> = new Set(['replaced', 'aborted']);
const INCURABLE_CODES: ReadonlySet<number> = new Set([
  status.INVALID_ARGUMENT,
  status.PERMISSION_DENIED,
  status.UNAUTHENTICATED,
]);

/**
 * Whether another attempt may end better. One that was `replaced` must not come back, or two would chase each other.
 * RESOURCE_EXHAUSTED without a reason heals, although it may be all that one hears who was replaced while it did not
 * read: it cannot be told from a slow reader's end, and that one is waited for. Should there be a twin, this takes the
 * session back once; then the twin hears `replaced`, and one of the two remains.
 *
 * A server that TLS does not trust is one to go away from, until it has been trusted once: then its certificate has run
 * out, or is being changed, and what comes next is checked as the first was.
 */
export function canHeal({ reason, code }: ChatError, wasWelcomed: boolean): boolean {
  if (reason === 'untrusted' && !wasWelcomed) return false;
  return !INCURABLE_REASONS.has(reason) && (code === undefined || !INCURABLE_CODES.has(code));
}

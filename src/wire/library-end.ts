import { Metadata, type ServerInterceptingCallInterface, status } from '@grpc/grpc-js';
import type { Reason } from '../core/errors.ts';
import { bottomOf } from './cut.ts';

type Status = Parameters<ServerInterceptingCallInterface['sendStatus']>[0];

/** What a client did, by the status with which grpc-js 1.14.7 ends a stream of its own accord. */
const REASONS = new Map<status, Reason>([
  // Too long by its prefix, or when it is decompressed.
  [status.RESOURCE_EXHAUSTED, 'envelope_too_large'],
  // It does not decompress, or the call has a time-out that is none.
  [status.INTERNAL, 'invalid_envelope'],
  // Compressed in a way that is not known.
  [status.UNIMPLEMENTED, 'unsupported'],
]);

/**
 * Tells, at once, when grpc-js ends a call before anybody here knows of it: `ended`
 * gets the reason, and says whether it is the end indeed; then the client is told
 * the reason too. Without that, what follows is written to a stream that is
 * closing, which resets it, and the client is not even told the status.
 *
 * Interceptors are not asked in this case: it is the lowest call that ends itself.
 */
export function whenLibraryEnds(call: object, ended: (reason: Reason) => boolean): void {
  const bottom = bottomOf(call) as ReturnType<typeof bottomOf> & Pick<ServerInterceptingCallInterface, 'sendStatus'>;
  const sendStatus = bottom.sendStatus.bind(bottom);
  bottom.sendStatus = (given: Status) => {
    const reason = REASONS.get(given.code);
    const isOurs = given.metadata?.get('chat-reason')[0] !== undefined;
    if (reason === undefined || isOurs || !ended(reason)) return sendStatus(given);
    const metadata = given.metadata?.clone() ?? new Metadata();
    metadata.set('chat-reason', reason);
    sendStatus({ ...given, metadata });
  };
}

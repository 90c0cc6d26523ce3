import { ChatError, type ChatEvent } from '../connection/index.ts';

/** Why there is nothing more to be had from a room that was joined; undefined for what is no end. */
export function endOfSeat(event: ChatEvent): ChatError | undefined {
  if (event.kind === 'rejoin_refused') return event.because;
  if (event.kind !== 'removed') return undefined;
  const message = `your seat in ${event.room} is gone (${event.reason.replace('_', ' ')})`;
  return new ChatError({ reason: event.reason, message });
}

import { ChatError, type ChatEvent } from '../connection/index.ts';
import { removedWords } from '../state/words.ts';

/** Why there is nothing more to be had from a room that was joined; undefined for what is no end. */
export function endOfSeat(event: ChatEvent): ChatError | undefined {
  if (event.kind === 'rejoin_refused') return event.because;
  if (event.kind !== 'removed') return undefined;
  return new ChatError({ reason: event.reason, message: removedWords(event) });
}

import type { ChatEvent } from '../connection/index.ts';
import type { Move } from './entry.ts';

/** What is told of a room beside what people say and do there. */
type Happening = Exclude<ChatEvent, { kind: 'message' | 'member_joined' | 'member_left' }>;

/** In words, without a mark in front; names and the server's words as they came. */
export function wordsOf(event: Happening): string {
  switch (event.kind) {
    case 'notice':
      return event.text;
    case 'gap': {
      const what = counted(event.toSeq - event.fromSeq + 1n, 'event');
      return `${what} could not be recovered (${event.fromSeq}\u2013${event.toSeq})`;
    }
    case 'recovered': {
      const back = `back after ${seconds(event.awayMs)}`;
      return event.messages === 0 ? back : `${back}, ${counted(event.messages, 'message')} caught up`;
    }
    case 'restarted':
      return `${event.room} began anew`;
    case 'join_delayed': {
      const isGhost = event.because.reason === 'user_taken';
      const why = isGhost ? 'your name is held by a session that is gone' : event.because.message;
      return `${why}; joining ${event.room} at ${clockTime(event.until)}`;
    }
    case 'rejoin_refused':
      return `could not come back to ${event.room}: ${event.because.message}`;
    case 'removed':
      return removedWords(event);
    case 'draining':
      return 'the server is going away';
    case 'token_expires': {
      const why = event.because === undefined ? '' : ` (${event.because.message})`;
      return `your token expires within a minute and there is no other yet${why}; without one the connection ends`;
    }
  }
}

/** How one's own seat ended that was not left. */
export function removedWords({ room, reason }: Extract<ChatEvent, { kind: 'removed' }>): string {
  switch (reason) {
    case 'kicked':
      return `you were put out of ${room}`;
    case 'forbidden':
      return `you may not be in ${room} any more`;
    default:
      return `your seat in ${room} is gone (${reason.replace('_', ' ')})`;
  }
}

/** How somebody came or went. */
export function moveWords({ displayName, how }: Move): string {
  switch (how) {
    case 'joined':
      return `${displayName} joined`;
    case 'left':
      return `${displayName} left`;
    default:
      return `${displayName} is gone (${how.replace('_', ' ')})`;
  }
}

/** Whether waiting alone does not help: a certificate or a token has to be changed. */
export function isForAPerson({ reason }: { readonly reason: string }): boolean {
  return reason === 'untrusted' || reason === 'no_token';
}

/** "1 message", "2 messages". */
export function counted(count: number | bigint, what: string): string {
  return `${count} ${what}${Number(count) === 1 ? '' : 's'}`;
}

/** At least one. */
export function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}

/** HH:MM:SS of here. */
export function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

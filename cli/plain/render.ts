import type { ChatError, ChatEvent, ConnectionState } from '../connection/index.ts';
import { printable } from './printable.ts';

/** The line that shows an event, without a line end. */
export function render(event: ChatEvent): string {
  switch (event.kind) {
    case 'message':
      return `${clockTime(event.at)} ${printable(event.displayName)}: ${printable(event.content)}`;
    case 'member_joined':
      return `${clockTime(event.at)} * ${printable(event.displayName)} joined`;
    case 'member_left': {
      const how = event.reason === 'left' ? 'left' : `is gone (${event.reason.replace('_', ' ')})`;
      return `${clockTime(event.at)} * ${printable(event.displayName)} ${how}`;
    }
    case 'notice':
      return `* ${printable(event.text)}`;
    case 'gap': {
      const count = event.toSeq - event.fromSeq + 1n;
      const what = count === 1n ? '1 event' : `${count} events`;
      return `* ${what} could not be recovered (${event.fromSeq}\u2013${event.toSeq})`;
    }
    case 'recovered': {
      const back = `* back after ${seconds(event.awayMs)}`;
      if (event.messages === 0) return back;
      return `${back}, ${event.messages === 1 ? '1 message' : `${event.messages} messages`} caught up`;
    }
    case 'restarted':
      return `* ${printable(event.room)} began anew`;
    case 'join_delayed':
      return `* ${whyDelayed(event.because)}; joining ${printable(event.room)} at ${clockTime(event.until)}`;
    case 'rejoin_refused':
      return `* could not come back to ${printable(event.room)}: ${printable(event.because.message)}`;
    case 'removed':
      return `* your seat in ${printable(event.room)} is gone (${event.reason.replace('_', ' ')})`;
    case 'draining':
      return '* the server is going away';
  }
}

/** The line that shows how the connection stands now; undefined where another line says it. */
export function renderState(state: ConnectionState, utcMs: number): string | undefined {
  if (state.kind !== 'waiting') return undefined;
  const wait = seconds(state.until.getTime() - utcMs);
  return state.attempt === 1 ? `* connection lost; back in ${wait}` : `* not back yet; again in ${wait}`;
}

function whyDelayed(because: ChatError): string {
  if (because.reason !== 'user_taken') return printable(because.message);
  return 'your name is held by a session that is gone';
}

function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1000))} s`;
}

function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

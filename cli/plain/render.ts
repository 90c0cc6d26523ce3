import type { ChatEvent } from '../connection/index.ts';
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
      return `* ${count} events could not be delivered (${event.fromSeq}\u2013${event.toSeq})`;
    }
    case 'removed':
      return `* your seat in ${printable(event.room)} is gone (${event.reason.replace('_', ' ')})`;
    case 'draining':
      return `* the server is going away; come back in ${Math.ceil(event.reconnectAfterMs / 1000)} s`;
  }
}

function clockTime(at: Date): string {
  return at.toTimeString().slice(0, 8);
}

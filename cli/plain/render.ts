import type { ChatEvent, ConnectionState } from '../connection/index.ts';
import { clockTime, isForAPerson, moveWords, seconds, wordsOf } from '../state/words.ts';
import { printable } from '../terminal/printable.ts';
import { NO_PAINT, type Paint } from './paint.ts';

/** The line that shows an event, without a line end. */
export function render(event: ChatEvent, paint: Paint = NO_PAINT): string {
  const { faint, strong } = paint;
  switch (event.kind) {
    case 'message':
      return `${faint(clockTime(event.at))} ${strong(printable(event.displayName))}: ${printable(event.content)}`;
    case 'member_joined':
    case 'member_left': {
      const how = event.kind === 'member_joined' ? 'joined' : event.reason;
      return faint(`${clockTime(event.at)} * ${printable(moveWords({ displayName: event.displayName, how }))}`);
    }
    default:
      return faint(`* ${printable(wordsOf(event))}`);
  }
}

/** The line that shows how the connection stands now; undefined where another line says it. */
export function renderState(state: ConnectionState, utcMs: number): string | undefined {
  if (state.kind !== 'waiting') return undefined;
  const wait = seconds(state.until.getTime() - utcMs);
  if (isForAPerson(state.because)) return `* not back yet: ${printable(state.because.message)}; again in ${wait}`;
  return state.attempt === 1 ? `* connection lost; back in ${wait}` : `* not back yet; again in ${wait}`;
}

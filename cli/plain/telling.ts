import type { ChatEvent, ConnectionState, JoinedRoom } from '../connection/index.ts';
import { printable } from '../terminal/printable.ts';
import { jsonLine } from './json-line.ts';
import type { Paint } from './paint.ts';
import { render, renderState } from './render.ts';

/** How a line client tells what happens: a line each, without a line end. */
export interface Telling {
  joined(joined: JoinedRoom, displayName: string): string;
  event(event: ChatEvent): string;
  /** Undefined where another line says it. */
  state(state: ConnectionState, utcMs: number): string | undefined;
}

export function inWords(paint: Paint): Telling {
  return {
    joined({ room, memberCount }, displayName) {
      return `* in ${printable(room)} as ${printable(displayName)}; ${companyOf(memberCount - 1)}. /quit or Ctrl+C leaves.`;
    },
    event: (event) => render(event, paint),
    state: renderState,
  };
}

export const IN_JSON: Telling = {
  joined: (joined, displayName) => jsonLine({ kind: 'joined', ...joined, displayName }),
  event: jsonLine,
  state: ({ kind, ...rest }) => jsonLine({ kind: 'state', state: kind, ...rest }),
};

function companyOf(others: number): string {
  if (others === 0) return 'nobody else is here';
  return others === 1 ? '1 other is here' : `${others} others are here`;
}

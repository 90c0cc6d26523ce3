import type { ChatConnection, ConnectionState } from '../../cli/connection/index.ts';
import type { FakeTiming } from './fake-timing.ts';

/** The state of this kind that stands, or the next one. */
export function stateOf<K extends ConnectionState['kind']>(
  chat: ChatConnection,
  kind: K,
): Promise<Extract<ConnectionState, { kind: K }>> {
  return new Promise((resolve) => {
    const look = (state: ConnectionState) => {
      if (state.kind === kind) resolve(state as Extract<ConnectionState, { kind: K }>);
    };
    chat.onState(look);
    look(chat.state);
  });
}

/** Lets the delay of a connection that waits pass, and no more. */
export async function untilDue(chat: ChatConnection, timing: FakeTiming): Promise<void> {
  const { until } = await stateOf(chat, 'waiting');
  timing.advance(until.getTime() - timing.utcMs());
}

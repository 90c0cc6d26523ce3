import { type ChatConnection, type ChatEvent, connect } from '../../cli/connection/index.ts';
import { createChatServer } from '../../src/chat-server.ts';
import { readConfig } from '../../src/config.ts';
import type { Authenticator } from '../../src/core/grant.ts';
import { NOBODY } from '../../src/core/ports.ts';
import type { GrpcServerEvents } from '../../src/wire/grpc-server.ts';

/** A connection whose next event can be waited for. */
export type TestClient = ChatConnection & { next(): Promise<ChatEvent> };

/** The server in this process on a port of its own, with its inside in reach. Settings as in the environment. @param told instead of what is kept here. */
export async function startServer(
  settings: Record<string, string> = {},
  authenticator?: Authenticator,
  told: Partial<GrpcServerEvents> = {},
) {
  const config = readConfig({ CHAT_GRPC_RATE_LIMIT: '0', CHAT_GRPC_SHUTDOWN_GRACE: '1s', ...settings });
  const clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };
  let lastId = 0;
  const newId = () => `id-${++lastId}`;
  const faults: unknown[] = [];
  const closed: string[] = [];
  const refused: string[] = [];
  const { rooms, sessions, deliveries, grpc, stop } = createChatServer({
    config,
    name: 'chat-grpc/test',
    clock,
    newId,
    observer: NOBODY,
    authenticator,
    events: {
      opened: () => {},
      answered: () => {},
      closed: (_, reason) => closed.push(reason),
      refused: (_, { reason }) => refused.push(reason),
      transportRefused: () => {},
      faulted: (fault) => faults.push(fault),
      ...told,
    },
  });
  const port = await grpc.listen('127.0.0.1', 0);
  return {
    port,
    rooms,
    sessions,
    deliveries,
    grpc,
    /** What ended inside the server by a fault of ours. */
    faults,
    /** Why connections ended, in order. */
    closed,
    /** Why calls were not let in, in order. */
    refused,
    stop,
    [Symbol.asyncDispose]: stop,
    async connect(userId: string): Promise<TestClient> {
      const chat = await connect({ port, userId, giveUpAfterMs: 0 });
      return Object.assign(chat, {
        async next() {
          const { done, value } = await chat.events.next();
          if (done) throw new Error(`${userId}: the stream has ended`);
          return value;
        },
      });
    },
  };
}

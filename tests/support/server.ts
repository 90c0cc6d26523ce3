import { type ChatConnection, type ChatEvent, connect } from '../../cli/connection/index.ts';
import { readConfig } from '../../src/config.ts';
import { Deliveries } from '../../src/core/deliveries.ts';
import { Fanout } from '../../src/core/fanout.ts';
import { RoomRegistry } from '../../src/core/room-registry.ts';
import { SessionRegistry } from '../../src/core/session-registry.ts';
import { drain } from '../../src/drain.ts';
import { answerEncoder, encodeRoomEvent } from '../../src/wire/codec.ts';
import { GrpcServer } from '../../src/wire/grpc-server.ts';

/** A connection whose next event can be waited for. */
export type TestClient = ChatConnection & { next(): Promise<ChatEvent> };

/** The server in this process on a port of its own, with its inside in reach. Settings as in the environment. */
export async function startServer(settings: Record<string, string> = {}) {
  const config = readConfig({ CHAT_GRPC_RATE_LIMIT: '0', ...settings });
  const { limits } = config;
  const clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };
  let lastId = 0;
  const newId = () => `id-${++lastId}`;
  const deliveries = new Deliveries();
  const faults: unknown[] = [];
  const closed: string[] = [];
  const fanout = new Fanout((task) => setImmediate(task), deliveries);
  const rooms = new RoomRegistry({ clock, fanout, encode: encodeRoomEvent, limits }, newId);
  const encode = answerEncoder('chat-grpc/test');
  const sessions = new SessionRegistry({ rooms, fanout, deliveries, encode, clock, limits }, newId);
  const { keepaliveTimeMs, keepaliveTimeoutMs } = config;
  const { maxEnvelopeBytes, maxPageSize } = limits;
  const grpc = new GrpcServer(
    sessions,
    rooms,
    { maxEnvelopeBytes, maxPageSize, keepaliveTimeMs, keepaliveTimeoutMs },
    {
      opened: () => {},
      closed: (_, reason) => closed.push(reason),
      refused: () => {},
      faulted: (fault) => faults.push(fault),
    },
  );
  const port = await grpc.listen('127.0.0.1', 0);
  const stop = () => drain(grpc, sessions, 1000);
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
    stop,
    [Symbol.asyncDispose]: stop,
    async connect(userId: string): Promise<TestClient> {
      const chat = await connect({ port, userId });
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

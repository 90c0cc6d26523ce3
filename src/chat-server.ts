import type { Config } from './config.ts';
import { Deliveries } from './core/deliveries.ts';
import { Fanout } from './core/fanout.ts';
import type { Authenticator } from './core/grant.ts';
import { SWEEP_EVERY_MS } from './core/limits.ts';
import { LOOK_AT_LOOP_EVERY_MS, Overload } from './core/overload.ts';
import type { Clock, NewId, Observer } from './core/ports.ts';
import { RoomRegistry } from './core/room-registry.ts';
import { SessionRegistry } from './core/session-registry.ts';
import { Traffic } from './core/traffic.ts';
import { TurnBudget } from './core/turn-budget.ts';
import { drain } from './drain.ts';
import { answerEncoder, encodeRoomEvent } from './wire/codec.ts';
import { GrpcServer, type GrpcServerEvents } from './wire/grpc-server.ts';
import type { TlsMaterial } from './wire/listener.ts';

const SWEEP_STREAMS_EVERY_MS = 1000;
const LOOK_FOR_FLOODS_EVERY_MS = 200;

export interface ChatServerOptions {
  readonly config: Pick<
    Config,
    'limits' | 'transports' | 'keepaliveTimeMs' | 'keepaliveTimeoutMs' | 'shutdownGraceMs' | 'maxEventLoopDelayMs'
  >;
  /** Undefined: plaintext. */
  readonly tls?: TlsMaterial | undefined;
  /** Undefined: everybody is who they say. */
  readonly authenticator?: Authenticator | undefined;
  /** "name/version" for clients. */
  readonly name: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly events: GrpcServerEvents;
  readonly observer: Observer;
}

export type ChatServer = ReturnType<typeof createChatServer>;

/** The core and the gRPC server around it, put together and running; `grpc.listen` opens its doors. */
export function createChatServer(options: ChatServerOptions) {
  const { config, name, clock, newId, events, observer, authenticator, tls } = options;
  const { limits, transports, keepaliveTimeMs, keepaliveTimeoutMs, shutdownGraceMs } = config;
  const deliveries = new Deliveries();
  const traffic = new Traffic();
  const turn = new TurnBudget();
  const fanout = new Fanout((task) => setImmediate(task), turn, deliveries, observer);
  const rooms = new RoomRegistry({ clock, fanout, encode: encodeRoomEvent, limits }, newId);
  const encode = answerEncoder(name);
  const faulted = (fault: unknown) => events.faulted(fault, newId());
  const sessions = new SessionRegistry(
    { rooms, fanout, turn, deliveries, traffic, observer, encode, clock, limits, faulted },
    newId,
  );
  const overload = new Overload(config.maxEventLoopDelayMs, clock);
  const grpc = new GrpcServer(
    { ...limits, ...transports, keepaliveTimeMs, keepaliveTimeoutMs, tls },
    { sessions, rooms, clock, authenticator, overload: () => overload.refusal, events },
  );
  const timers = [
    setInterval(() => {
      sessions.sweep();
      rooms.sweep();
    }, SWEEP_EVERY_MS),
    setInterval(() => grpc.sweep(), SWEEP_STREAMS_EVERY_MS),
    setInterval(() => grpc.transports.cutFlooding(), LOOK_FOR_FLOODS_EVERY_MS),
    setInterval(() => overload.look(), LOOK_AT_LOOP_EVERY_MS),
  ];
  return {
    deliveries,
    traffic,
    rooms,
    sessions,
    grpc,
    /** Ends the streams of those whose token is good no more. To be called when some were revoked. */
    expelRevoked(): void {
      if (authenticator !== undefined) sessions.expel((grant) => authenticator.revoked(grant));
    },
    /** Ends it so that nobody loses what was owed; settled when nothing of it is left. */
    async stop(): Promise<void> {
      await drain(grpc, sessions, shutdownGraceMs);
      for (const timer of timers) clearInterval(timer);
    },
  };
}

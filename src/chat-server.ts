import type { Config } from './config.ts';
import { Deliveries } from './core/deliveries.ts';
import { Fanout } from './core/fanout.ts';
import { SWEEP_EVERY_MS } from './core/limits.ts';
import type { Clock, NewId, Observer } from './core/ports.ts';
import { RoomRegistry } from './core/room-registry.ts';
import { SessionRegistry } from './core/session-registry.ts';
import { Traffic } from './core/traffic.ts';
import { drain } from './drain.ts';
import { answerEncoder, encodeRoomEvent } from './wire/codec.ts';
import { GrpcServer, type GrpcServerEvents } from './wire/grpc-server.ts';

const SWEEP_STREAMS_EVERY_MS = 1000;

export interface ChatServerOptions {
  readonly config: Pick<Config, 'limits' | 'keepaliveTimeMs' | 'keepaliveTimeoutMs' | 'shutdownGraceMs'>;
  /** "name/version" for clients. */
  readonly name: string;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly events: GrpcServerEvents;
  readonly observer: Observer;
}

/** The core and the gRPC server around it, put together and running; `grpc.listen` opens its doors. */
export function createChatServer({ config, name, clock, newId, events, observer }: ChatServerOptions) {
  const { limits, keepaliveTimeMs, keepaliveTimeoutMs, shutdownGraceMs } = config;
  const deliveries = new Deliveries();
  const traffic = new Traffic();
  const fanout = new Fanout((task) => setImmediate(task), deliveries, observer);
  const rooms = new RoomRegistry({ clock, fanout, encode: encodeRoomEvent, limits }, newId);
  const encode = answerEncoder(name);
  const faulted = (fault: unknown) => events.faulted(fault, newId());
  const sessions = new SessionRegistry(
    { rooms, fanout, deliveries, traffic, observer, encode, clock, limits, faulted },
    newId,
  );
  const grpc = new GrpcServer(sessions, rooms, { ...limits, keepaliveTimeMs, keepaliveTimeoutMs }, events);
  const timers = [
    setInterval(() => {
      sessions.sweep();
      rooms.sweep();
    }, SWEEP_EVERY_MS),
    setInterval(() => grpc.sweep(), SWEEP_STREAMS_EVERY_MS),
  ];
  return {
    deliveries,
    traffic,
    rooms,
    sessions,
    grpc,
    /** Ends it so that nobody loses what was owed; settled when nothing of it is left. */
    async stop(): Promise<void> {
      await drain(grpc, sessions, shutdownGraceMs);
      for (const timer of timers) clearInterval(timer);
    },
  };
}

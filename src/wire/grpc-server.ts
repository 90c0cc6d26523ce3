import { randomUUID } from 'node:crypto';
import {
  Server,
  ServerCredentials,
  type ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerUnaryCall,
  type sendUnaryData,
} from '@grpc/grpc-js';
import { ChatServiceService, type ListRoomsRequest, type ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import type { Refusal } from '../core/errors.ts';
import type { Authenticator } from '../core/grant.ts';
import { type Limits, PAGE_COST } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import type { RoomRegistry } from '../core/room-registry.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import { Admission, AdmittedCall, type Entrance } from './admission.ts';
import { ChannelCall, type ServeChannel } from './channel-call.ts';
import { Connection, type ConnectionEvents, type ConnectionPorts } from './connection.ts';
import { Health } from './health.ts';
import { listRooms } from './list-rooms.ts';
import { Listener, type TlsMaterial } from './listener.ts';
import { Reflection } from './reflection.ts';
import { internalFault, statusOf } from './status.ts';
import { tightenHttp2 } from './tighten-http2.ts';
import { type TransportLimits, type TransportRefusal, Transports } from './transports.ts';

/** Streams beyond what a transport may have that are refused by our own word; further ones by HTTP/2. */
const STREAMS_REFUSED_IN_WORDS = 10;
/** A transport that has had no call for so long is closed; its client opens another when it needs one. */
const IDLE_TRANSPORT_MS = 300_000;

const OF_CHANNEL: Entrance = { isStream: true, needsToken: true, cost: 1, hasOneRequest: false };
const OF_A_PAGE: Entrance = { isStream: false, needsToken: true, cost: PAGE_COST, hasOneRequest: true };
/** Health and reflection tell nothing of anybody. */
const OF_HEALTH: Entrance = { isStream: false, needsToken: false, cost: 1, hasOneRequest: true };
const OF_REFLECTION: Entrance = { ...OF_HEALTH, hasOneRequest: false };

export interface GrpcServerOptions extends Limits, TransportLimits {
  /** Undefined: plaintext. */
  readonly tls: TlsMaterial | undefined;
  /** HTTP/2 PING after so much silence, and how long its answer may take. */
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
}

export interface GrpcServerEvents extends Omit<ConnectionEvents, 'gone'> {
  readonly opened: (connection: Connection) => void;
  readonly refused: (peer: string, refusal: Refusal) => void;
  /** @param detail what OpenSSL or HTTP/2 says. */
  readonly transportRefused: (peer: string, reason: TransportRefusal, detail?: string) => void;
}

/** What the server asks of the rest of the program. */
export interface GrpcServerPorts {
  readonly sessions: SessionRegistry;
  readonly rooms: RoomRegistry;
  readonly clock: Clock;
  /** Undefined: identity is off. */
  readonly authenticator: Authenticator | undefined;
  /** Why no new stream is taken for now. */
  readonly overload: () => Refusal | undefined;
  readonly events: GrpcServerEvents;
}

interface Method {
  readonly path: string;
  readonly requestStream: boolean;
}

/** The gRPC server. */
export class GrpcServer {
  /** Those that still hold something on a transport, ended and refused ones too. */
  readonly connections = new Set<Connection>();
  readonly transports: Transports;
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #admission: Admission;
  readonly #health: Health;
  readonly #reflection: Reflection;
  readonly #connectionPorts: ConnectionPorts;
  readonly #events: GrpcServerEvents;

  constructor(options: GrpcServerOptions, ports: GrpcServerPorts) {
    const { sessions, rooms, clock, authenticator, overload, events } = ports;
    const { maxPageSize, maxEnvelopeBytes } = options;
    const gone = (connection: Connection) => this.connections.delete(connection);
    this.#connectionPorts = { sessions, maxEnvelopeBytes, events: { ...events, gone } };
    this.#events = events;
    this.transports = new Transports({ limits: options, clock, refused: events.transportRefused });
    const { transports } = this;
    this.#admission = new Admission({
      transports,
      authenticator,
      overload,
      refused: events.refused,
      requestTimeoutMs: options.handshakeTimeoutMs,
    });
    this.#server = new Server({
      'grpc.enable_channelz': 0,
      // Of the other calls; those of ChannelCall are not read by grpc-js.
      'grpc.max_receive_message_length': maxEnvelopeBytes,
      'grpc.keepalive_time_ms': options.keepaliveTimeMs,
      'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
      'grpc.max_concurrent_streams': options.maxStreamsPerTransport + STREAMS_REFUSED_IN_WORDS,
      'grpc.max_connection_idle_ms': IDLE_TRANSPORT_MS,
      interceptors: [(method, call) => this.#entranceOf(method, call)],
    });
    this.#server.addService(ChatServiceService, {
      channel: () => this.#events.faulted(new Error('a ChannelCall has reached its handler'), randomUUID()),
      listRooms: (
        call: ServerUnaryCall<ListRoomsRequest, ListRoomsResponse>,
        reply: sendUnaryData<ListRoomsResponse>,
      ) => {
        try {
          const page = listRooms(rooms, call.request, { maxPageSize, grant: this.#admission.grantOf(call) });
          if ('reason' in page) reply(statusOf(page));
          else reply(null, page);
        } catch (fault) {
          reply(this.#failure(fault));
        }
      },
    });
    this.#health = new Health(events.refused);
    this.#reflection = new Reflection(events.refused);
    this.#health.addTo(this.#server);
    this.#reflection.addTo(this.#server);

    tightenHttp2(this.#server, {
      maxStreams: options.maxStreamsPerTransport,
      ended: (peer, detail) => events.transportRefused(peer, 'http2_error', detail),
      refused: events.refused,
    });
    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    const { tls, handshakeTimeoutMs } = options;
    this.#listener = new Listener({
      ...{ transports, tls, handshakeTimeoutMs },
      serve: (socket) => injector.injectConnection(socket),
      refused: events.transportRefused,
    });
  }

  /** Listens, and returns the port. Rejects with Node's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return this.#listener.listen(host, port);
  }

  /** Transports from now on are proved by this; those that there are go on. @throws when OpenSSL does not take it. */
  renewTls(tls: TlsMaterial): void {
    this.#listener.renew(tls);
  }

  /** Health says NOT_SERVING from now on, except of the process itself. */
  stopServing(): void {
    this.#health.stopServing();
  }

  /** Accepts nothing more, lets transports finish, and cuts what is still there when `cut` resolves. */
  async close(refusal: Refusal, cut: Promise<void>): Promise<void> {
    this.#health.close(refusal);
    this.#reflection.close(refusal);
    const closed = this.#listener.close();
    this.#server.tryShutdown(() => {});
    await Promise.race([closed, cut]);
    this.transports.destroy();
    await closed;
  }

  /** Sees to it that ended streams go, and ended transports. To be called once a second. */
  sweep(): void {
    for (const connection of this.connections) connection.sweep();
    this.transports.sweep();
  }

  #entranceOf(method: Method, call: ServerInterceptingCallInterface): ServerInterceptingCall {
    const { path, requestStream } = method;
    const { channel, listRooms } = ChatServiceService;
    if (path === channel.path) return new ChannelCall(call, this.#admission, OF_CHANNEL, this.#serveChannel);
    const entrance = path === listRooms.path ? OF_A_PAGE : requestStream ? OF_REFLECTION : OF_HEALTH;
    return new AdmittedCall(call, this.#admission, entrance);
  }

  /** The status of a fault of ours in a handler; left to grpc-js it would be UNKNOWN, and in no log. */
  #failure(fault: unknown): ReturnType<typeof statusOf> {
    const correlationId = randomUUID();
    this.#events.faulted(fault, correlationId);
    return statusOf(internalFault(correlationId));
  }

  readonly #serveChannel: ServeChannel = (call, metadata) => {
    let connection: Connection;
    try {
      const grant = this.#admission.grantOf(call);
      const traceparent = String(metadata.get('traceparent')[0] ?? '');
      connection = Connection.open(call, { grant, traceparent }, this.#connectionPorts);
    } catch (fault) {
      call.end(this.#failure(fault));
      return undefined;
    }
    this.connections.add(connection);
    try {
      if (connection.refusal === undefined) this.#events.opened(connection);
      else this.#events.refused(connection.peer, connection.refusal);
    } catch (fault) {
      connection.failed(fault);
    }
    return connection;
  };
}

import { createServer, type Server as Listener } from 'node:net';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { ChatServiceService, type ListRoomsRequest, type ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import type { Refusal } from '../core/errors.ts';
import type { RoomRegistry } from '../core/room-registry.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import { coalescing } from './coalesce.ts';
import { decodeCommand } from './codec.ts';
import { type ChannelCall, Connection, type ConnectionEvents } from './connection.ts';
import { Health } from './health.ts';
import { listRooms } from './list-rooms.ts';
import { Reflection } from './reflection.ts';
import { statusOf } from './status.ts';
import { Transports } from './transports.ts';

export interface GrpcServerOptions {
  readonly maxEnvelopeBytes: number;
  readonly maxPageSize: number;
  /** HTTP/2 PING after so much silence, and how long its answer may take. */
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
}

export interface GrpcServerEvents extends Omit<ConnectionEvents, 'gone'> {
  readonly opened: (connection: Connection) => void;
  readonly refused: (peer: string, refusal: Refusal) => void;
}

/**
 * The gRPC server. The listener is our own and hands its sockets to grpc-js: a
 * peer that does not read can be got rid of only by its socket, and with channelz
 * off, which each write would pay for, `forceShutdown` leaves them open
 * (grpc-js 1.14.7).
 */
export class GrpcServer {
  /** Those that still hold something on a transport, ended and refused ones too. */
  readonly connections = new Set<Connection>();
  readonly transports = new Transports();
  readonly #server: Server;
  readonly #listener: Listener;
  readonly #health = new Health();
  readonly #reflection = new Reflection();
  readonly #sessions: SessionRegistry;
  readonly #events: GrpcServerEvents;

  constructor(sessions: SessionRegistry, rooms: RoomRegistry, options: GrpcServerOptions, events: GrpcServerEvents) {
    this.#sessions = sessions;
    this.#events = events;
    this.#server = new Server({
      'grpc.enable_channelz': 0,
      // Up to here an oversized envelope is refused in our words; beyond, by grpc-js from its length prefix alone.
      'grpc.max_receive_message_length': 2 * options.maxEnvelopeBytes,
      'grpc.keepalive_time_ms': options.keepaliveTimeMs,
      'grpc.keepalive_timeout_ms': options.keepaliveTimeoutMs,
      interceptors: [coalescing(ChatServiceService.channel.path)],
    });
    const channel = {
      ...ChatServiceService.channel,
      requestDeserialize: (bytes: Buffer) => decodeCommand(bytes, options.maxEnvelopeBytes),
      responseSerialize: (event: Uint8Array) => asBuffer(event),
    };
    this.#server.addService(
      { ...ChatServiceService, channel },
      {
        channel: (call: ChannelCall) => this.#open(call),
        listRooms: (
          call: ServerUnaryCall<ListRoomsRequest, ListRoomsResponse>,
          reply: sendUnaryData<ListRoomsResponse>,
        ) => {
          const page = listRooms(rooms, call.request, options.maxPageSize);
          if ('reason' in page) reply(statusOf(page));
          else reply(null, page);
        },
      },
    );
    this.#health.addTo(this.#server);
    this.#reflection.addTo(this.#server);

    const injector = this.#server.createConnectionInjector(ServerCredentials.createInsecure());
    this.#listener = createServer({ noDelay: true }, (socket) => {
      this.transports.add(socket);
      injector.injectConnection(socket);
    });
  }

  /** Listens, and returns the port. Rejects with Node's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#listener.once('error', reject);
      this.#listener.listen({ host, port, backlog: 4096 }, () => {
        this.#listener.off('error', reject);
        const address = this.#listener.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Health says NOT_SERVING from now on, except of the process itself. */
  stopServing(): void {
    this.#health.stopServing();
  }

  /** Accepts nothing more, lets transports finish, and cuts what is still there when `cut` resolves. */
  async close(refusal: Refusal, cut: Promise<void>): Promise<void> {
    this.#health.close(refusal);
    this.#reflection.close(refusal);
    const closed = new Promise<void>((resolve) => this.#listener.close(() => resolve()));
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

  #open(call: ChannelCall): void {
    const connection = Connection.open(call, this.#sessions, {
      closed: this.#events.closed,
      gone: (gone) => this.connections.delete(gone),
      answered: this.#events.answered,
      faulted: this.#events.faulted,
    });
    this.connections.add(connection);
    this.transports.opened(connection.transport);
    if (connection.refusal === undefined) this.#events.opened(connection);
    else this.#events.refused(connection.peer, connection.refusal);
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

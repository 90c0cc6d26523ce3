import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Refusal } from '../core/errors.ts';
import type { Limits } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import { Addresses, type AddressLimits } from './addresses.ts';
import { pushTellingOfMorsels } from './morsels.ts';
import { type LimitsOfTransport, Transport } from './transport.ts';

/** Public, unlike the HTTP/2 server that grpc-js keeps to itself. */
const STREAM_CREATED = 'http2.server.stream.created';
/** A transport whose HTTP/2 session is over may still write for so many sweeps. */
const SWEEPS_TO_END = 5;

/** Why a transport is not served, in logs and metrics. */
export type TransportRefusal =
  | 'too_many_transports'
  | 'too_many_of_address'
  | 'too_fast_from_address'
  | 'silent'
  | 'tls_on_plaintext'
  | 'not_http2'
  | 'tls_failed'
  | 'http2_error'
  | 'flooded';

export interface TransportLimits extends AddressLimits, Pick<LimitsOfTransport, 'maxStreamsPerTransport'> {
  /** Of the server. */
  readonly maxTransports: number;
}

export interface TransportPorts {
  readonly limits: TransportLimits &
    Pick<Limits, 'handshakeTimeoutMs' | 'rateLimit' | 'rateBurst' | 'maxEnvelopeBytes'>;
  readonly clock: Clock;
  readonly refused: (peer: string, reason: TransportRefusal) => void;
}

/**
 * The sockets that were accepted, and what each may take.
 *
 * `destroy()` of an HTTP/2 session waits for its unfinished write (Node 24), and so
 * does what grpc-js does when a keepalive is not answered: a frozen peer would keep
 * what was written to it for ever. Destroying the socket gives it back.
 */
export class Transports {
  /** By the addresses and ports of both ends, those whose session is not known yet. */
  readonly #byEnds = new Map<string, Transport>();
  readonly #transports = new Set<Transport>();
  readonly #bySession = new WeakMap<Http2Session, Transport>();
  readonly #addresses: Addresses;
  readonly #ports: TransportPorts;
  readonly #push = pushTellingOfMorsels<ServerHttp2Stream>((stream) => this.#tookMorsel(stream));

  constructor(ports: TransportPorts) {
    this.#ports = ports;
    this.#addresses = new Addresses(ports.limits, ports.clock);
    subscribe(STREAM_CREATED, this.#streamCreated);
  }

  get size(): number {
    return this.#transports.size;
  }

  /** Takes a socket that was accepted, or destroys it when there are too many. Returns whether it was taken. */
  add(socket: Socket): boolean {
    const { limits, clock } = this.#ports;
    const { remoteAddress } = socket;
    socket.on('error', destroyThis);
    // Gone before it was here.
    if (remoteAddress === undefined) {
      socket.destroy();
      return false;
    }
    const isFull = this.#transports.size >= limits.maxTransports;
    const reason = isFull ? 'too_many_transports' : this.#addresses.take(remoteAddress);
    if (reason !== undefined) {
      this.#refuse(socket, reason);
      return false;
    }
    const ends = endsOf(socket);
    const transport = new Transport({ socket, address: remoteAddress, ends }, limits, clock.monotonicMs());
    this.#transports.add(transport);
    this.#byEnds.set(ends, transport);
    socket.on('close', () => {
      this.#transports.delete(transport);
      this.#addresses.letGo(transport.address);
      this.#forgetEnds(transport);
    });
    return true;
  }

  /** A call begins within this session, which costs so much. Returns why it may not. Whoever may is counted until `over`. */
  begin(session: Http2Session | undefined, cost: number): Refusal | undefined {
    const transport = session && this.#bySession.get(session);
    if (transport === undefined) return undefined;
    const { maxStreamsPerTransport } = this.#ports.limits;
    const waitMs = transport.takeCall(cost, this.#ports.clock.monotonicMs());
    if (waitMs > 0) {
      const message = `more than ${maxStreamsPerTransport} calls a second on this connection; wait ${waitMs} ms`;
      return { reason: 'rate_limited', message, retryAfterMs: waitMs };
    }
    if (transport.streams >= maxStreamsPerTransport) {
      const message = `this connection has its ${maxStreamsPerTransport} streams; open another connection`;
      return { reason: 'server_full', message };
    }
    transport.begun();
    return undefined;
  }

  /** A call is over that had begun. */
  over(session: Http2Session | undefined): void {
    const transport = session && this.#bySession.get(session);
    if (transport !== undefined) transport.streams -= 1;
  }

  /** Ends those that send too much. To be called a few times a second: what they cost until then is all of a core. */
  cutFlooding(): void {
    if (this.#ports.limits.rateLimit === 0) return;
    const nowMs = this.#ports.clock.monotonicMs();
    for (const transport of this.#transports) {
      if (transport.sendsTooMuch(nowMs) && !transport.socket.destroyed) this.#refuse(transport.socket, 'flooded');
    }
  }

  /** Ends those whose session is over, and those that say nothing. To be called once a second. */
  sweep(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const transport of this.#transports) {
      const { socket, session, sinceMs } = transport;
      if (session?.destroyed === true) {
        transport.sweepsSinceEnd += 1;
        if (transport.sweepsSinceEnd >= SWEEPS_TO_END) socket.destroy();
      } else if (session === undefined && nowMs - sinceMs >= this.#ports.limits.handshakeTimeoutMs) {
        this.#refuse(socket, 'silent');
      }
    }
    this.#addresses.sweep();
  }

  /** Ends all of them, whatever they are at. */
  destroy(): void {
    unsubscribe(STREAM_CREATED, this.#streamCreated);
    for (const { socket } of this.#transports) socket.destroy();
  }

  /** Ends one that is not to be served. */
  #refuse(socket: Socket, reason: TransportRefusal): void {
    this.#ports.refused(peerOf(socket), reason);
    socket.destroy();
  }

  /** Told by Node of every stream of HTTP/2 in this process, those too that are no call of ours. */
  readonly #streamCreated = (message: unknown) => {
    const { stream } = message as { readonly stream: ServerHttp2Stream };
    const { session } = stream;
    if (session === undefined || session.destroyed) return;
    const transport = this.#bySession.get(session) ?? this.#byEnds.get(endsOf(session.socket));
    if (transport === undefined) return;
    if (transport.session === undefined) {
      transport.session = session;
      this.#bySession.set(session, transport);
      this.#forgetEnds(transport);
    }
    stream.push = this.#push;
    if (transport.opened(this.#ports.clock.monotonicMs())) this.#cutSoon(transport);
  };

  #forgetEnds(transport: Transport): void {
    const { ends } = transport;
    // One that was reset may be here still when its peer comes again by the same port.
    if (ends !== undefined && this.#byEnds.get(ends) === transport) this.#byEnds.delete(ends);
    transport.ends = undefined;
  }

  #tookMorsel({ session }: ServerHttp2Stream): void {
    const transport = session && this.#bySession.get(session);
    if (transport?.tookMorsel() === true && this.#ports.limits.rateLimit > 0) this.#cutSoon(transport);
  }

  /** Not at once: grpc-js 1.14.7 throws at the streams that were read together with this one. */
  #cutSoon(transport: Transport): void {
    if (transport.isCut || transport.socket.destroyed) return;
    transport.isCut = true;
    setImmediate(() => {
      if (!transport.socket.destroyed) this.#refuse(transport.socket, 'flooded');
    });
  }
}

function destroyThis(this: Socket): void {
  this.destroy();
}

/** As grpc-js writes it of a call. */
export function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress}:${remotePort}`;
}

type Ends = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

/** No two sockets that are open have both ends alike. */
function endsOf(socket: Ends): string {
  return `${peerOf(socket)} ${socket.localAddress} ${socket.localPort}`;
}

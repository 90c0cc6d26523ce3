import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Http2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Refusal } from '../core/errors.ts';
import { type Limits, PAGE_COST, TokenBucket } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';
import { Addresses, type AddressLimits } from './addresses.ts';
import { onMorsel } from './morsels.ts';

/** Public, unlike the HTTP/2 server that grpc-js keeps to itself. */
const STREAM_CREATED = 'http2.server.stream.created';
/** A transport whose HTTP/2 session is over may still write for so many sweeps. */
const SWEEPS_TO_END = 5;
/** What a transport may send at once beyond what its streams may say: frames of HTTP/2, and a margin. */
const LEAST_BURST_BYTES = 4 * 1024 * 1024;
/** What a morsel counts for beyond its bytes: to handle one costs as much as these. */
const MORSEL_COST_BYTES = 1024;

/** So many times the calls a second may be opened in streams, and twice that at once, before the transport is cut. */
const OPENINGS_BEFORE_CUT = 2;

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

export interface TransportLimits extends AddressLimits {
  /** Of the server. */
  readonly maxTransports: number;
  /** Streams at a time; and as many may be opened a second, twice as many at once. */
  readonly maxStreamsPerTransport: number;
}

interface Transport {
  readonly socket: Socket;
  readonly sinceMs: number;
  /** Known from its first stream on. */
  session: Http2Session | undefined;
  streams: number;
  readonly calls: TokenBucket;
  /** Streams of HTTP/2, those that never become a call too. */
  readonly openings: TokenBucket;
  /** What it may still send, and how much it had sent when that was reckoned, and when. */
  allowedBytes: number;
  bytesRead: number;
  reckonedAtMs: number;
  sweepsSinceEnd: number;
  /** It is cut before the turn is over. */
  isCut: boolean;
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
 *
 * What nghttp2 answers by itself (PING, SETTINGS, resets, empty frames) no limit of
 * ours sees. But all of it is bytes: whoever sends more of them than its streams may
 * say at their rate is cut off.
 */
export class Transports {
  /** By the addresses and ports of both ends. */
  readonly #byEnds = new Map<string, Transport>();
  readonly #transports = new Set<Transport>();
  readonly #bySession = new WeakMap<Http2Session, Transport>();
  readonly #addresses: Addresses;
  readonly #ports: TransportPorts;

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
    socket.on('error', () => socket.destroy());
    // Gone before it was here.
    if (socket.remoteAddress === undefined) {
      socket.destroy();
      return false;
    }
    const nowMs = clock.monotonicMs();
    const isFull = this.#transports.size >= limits.maxTransports;
    const letGo = isFull ? 'too_many_transports' : this.#addresses.take(socket.remoteAddress);
    if (typeof letGo === 'string') {
      this.#refuse(socket, letGo);
      return false;
    }
    const most = limits.maxStreamsPerTransport;
    const mostOpenings = OPENINGS_BEFORE_CUT * most;
    const transport: Transport = {
      ...{ socket, sinceMs: nowMs, session: undefined, streams: 0, sweepsSinceEnd: 0, isCut: false },
      calls: new TokenBucket(most, Math.max(2 * most, PAGE_COST), nowMs),
      openings: new TokenBucket(mostOpenings, 2 * mostOpenings, nowMs),
      allowedBytes: LEAST_BURST_BYTES,
      bytesRead: 0,
      reckonedAtMs: nowMs,
    };
    // One that was reset may be here still when its peer comes again by the same port.
    const ends = endsOf(socket);
    this.#transports.add(transport);
    this.#byEnds.set(ends, transport);
    socket.once('close', () => {
      this.#transports.delete(transport);
      if (this.#byEnds.get(ends) === transport) this.#byEnds.delete(ends);
      letGo();
    });
    return true;
  }

  /** A call begins within this session, which costs so much. Returns why it may not. Whoever may is counted until `over`. */
  begin(session: Http2Session | undefined, cost: number): Refusal | undefined {
    const transport = session && this.#bySession.get(session);
    if (transport === undefined) return undefined;
    const { maxStreamsPerTransport } = this.#ports.limits;
    const waitMs = transport.calls.take(cost, this.#ports.clock.monotonicMs());
    if (waitMs > 0) {
      const message = `more than ${maxStreamsPerTransport} calls a second on this connection; wait ${waitMs} ms`;
      return { reason: 'rate_limited', message, retryAfterMs: waitMs };
    }
    if (transport.streams >= maxStreamsPerTransport) {
      const message = `this connection has its ${maxStreamsPerTransport} streams; open another connection`;
      return { reason: 'server_full', message };
    }
    transport.streams += 1;
    // What it may say at once it may say however short it lives.
    this.#allow(transport, this.#ports.limits.rateBurst * this.#ports.limits.maxEnvelopeBytes);
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
      if (this.#sendsTooMuch(transport, nowMs) && !transport.socket.destroyed)
        this.#refuse(transport.socket, 'flooded');
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
    }
    onMorsel(stream, () => {
      transport.allowedBytes -= MORSEL_COST_BYTES;
      if (transport.allowedBytes < 0 && this.#ports.limits.rateLimit > 0) this.#cutSoon(transport);
    });
    if (transport.openings.take(1, this.#ports.clock.monotonicMs()) > 0) this.#cutSoon(transport);
  };

  /** Not at once: grpc-js 1.14.7 throws at the streams that were read together with this one. */
  #cutSoon(transport: Transport): void {
    if (transport.isCut || transport.socket.destroyed) return;
    transport.isCut = true;
    setImmediate(() => {
      if (!transport.socket.destroyed) this.#refuse(transport.socket, 'flooded');
    });
  }

  #sendsTooMuch(transport: Transport, nowMs: number): boolean {
    const { rateLimit, maxEnvelopeBytes } = this.#ports.limits;
    const { bytesRead } = transport.socket;
    transport.allowedBytes -= bytesRead - transport.bytesRead;
    transport.bytesRead = bytesRead;
    const isTooMuch = transport.allowedBytes < 0;
    const seconds = (nowMs - transport.reckonedAtMs) / 1000;
    transport.reckonedAtMs = nowMs;
    // What was not needed does not add up to more than a burst.
    if (transport.allowedBytes < LEAST_BURST_BYTES) {
      this.#allow(transport, seconds * Math.max(1, transport.streams) * rateLimit * maxEnvelopeBytes);
    }
    return isTooMuch;
  }

  #allow(transport: Transport, bytes: number): void {
    const { rateBurst, maxEnvelopeBytes, maxStreamsPerTransport } = this.#ports.limits;
    const most = LEAST_BURST_BYTES + maxStreamsPerTransport * rateBurst * maxEnvelopeBytes;
    transport.allowedBytes = Math.min(most, transport.allowedBytes + bytes);
  }
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

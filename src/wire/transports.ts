import type { Http2Session } from 'node:http2';
import { isIPv6, type Socket } from 'node:net';
import type { Refusal } from '../core/errors.ts';
import { type Limits, TokenBucket } from '../core/limits.ts';
import type { Clock } from '../core/ports.ts';

/** A transport whose HTTP/2 session is over may still write for so many sweeps. */
const SWEEPS_TO_END = 5;
/** What a transport may send at once beyond what its streams may say: frames of HTTP/2, and a margin. */
const LEAST_BURST_BYTES = 4 * 1024 * 1024;

/** Why a transport is not served, in logs and metrics. */
export type TransportRefusal =
  | 'too_many_transports'
  | 'too_many_of_address'
  | 'silent'
  | 'tls_on_plaintext'
  | 'not_http2'
  | 'tls_failed'
  | 'flooded';

export interface TransportLimits {
  /** Of the server. */
  readonly maxTransports: number;
  /** Of one address, for IPv6 of one /64; 0: any number. Those of this machine are not counted. */
  readonly maxTransportsPerAddress: number;
  /** Streams at a time; and as many may be opened a second, twice as many at once. */
  readonly maxStreamsPerTransport: number;
}

interface Transport {
  readonly socket: Socket;
  readonly address: string;
  readonly sinceMs: number;
  /** Known from its first stream on. */
  session: Http2Session | undefined;
  streams: number;
  readonly calls: TokenBucket;
  /** What it may still send, and how much it had sent when that was reckoned. */
  allowedBytes: number;
  bytesRead: number;
  sweepsSinceEnd: number;
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
  /** By the peer's address and port. */
  readonly #transports = new Map<string, Transport>();
  readonly #bySession = new WeakMap<Http2Session, Transport>();
  /** Transports of each address that is counted. */
  readonly #ofAddress = new Map<string, number>();
  readonly #ports: TransportPorts;

  constructor(ports: TransportPorts) {
    this.#ports = ports;
  }

  get size(): number {
    return this.#transports.size;
  }

  /** Takes a socket that was accepted, or destroys it when there are too many. Returns whether it was taken. */
  add(socket: Socket): boolean {
    const { limits, clock } = this.#ports;
    const peer = peerOf(socket);
    const address = countedAddress(socket.remoteAddress ?? '');
    const ofAddress = this.#ofAddress.get(address) ?? 0;
    socket.on('error', () => socket.destroy());
    const isOneTooMany = limits.maxTransportsPerAddress > 0 && ofAddress >= limits.maxTransportsPerAddress;
    if (this.#transports.size >= limits.maxTransports || isOneTooMany) {
      this.#refuse(socket, isOneTooMany ? 'too_many_of_address' : 'too_many_transports');
      return false;
    }
    const nowMs = clock.monotonicMs();
    this.#transports.set(peer, {
      ...{ socket, address, sinceMs: nowMs, session: undefined, streams: 0, sweepsSinceEnd: 0 },
      calls: new TokenBucket(limits.maxStreamsPerTransport, 2 * limits.maxStreamsPerTransport, nowMs),
      allowedBytes: LEAST_BURST_BYTES,
      bytesRead: 0,
    });
    if (address !== '') this.#ofAddress.set(address, ofAddress + 1);
    socket.once('close', () => this.#forget(peer));
    return true;
  }

  /** A call begins within this session. Returns why it may not. Whoever may is counted until `over`. */
  begin(session: Http2Session | undefined): Refusal | undefined {
    const transport = session && this.#transportOf(session);
    if (transport === undefined) return undefined;
    const { maxStreamsPerTransport } = this.#ports.limits;
    const waitMs = transport.calls.take(1, this.#ports.clock.monotonicMs());
    if (waitMs > 0) {
      const message = `more than ${maxStreamsPerTransport} calls a second on this connection; wait ${waitMs} ms`;
      return { reason: 'rate_limited', message, retryAfterMs: waitMs };
    }
    if (transport.streams >= maxStreamsPerTransport) {
      const message = `this connection has its ${maxStreamsPerTransport} streams; open another connection`;
      return { reason: 'server_full', message };
    }
    transport.streams += 1;
    return undefined;
  }

  /** A call is over that had begun. */
  over(session: Http2Session | undefined): void {
    const transport = session && this.#bySession.get(session);
    if (transport !== undefined) transport.streams -= 1;
  }

  /** Ends those whose session is over, that say nothing, and that send too much. To be called once a second. */
  sweep(): void {
    const nowMs = this.#ports.clock.monotonicMs();
    for (const transport of this.#transports.values()) {
      const { socket, session, sinceMs } = transport;
      if (session?.destroyed === true) {
        transport.sweepsSinceEnd += 1;
        if (transport.sweepsSinceEnd >= SWEEPS_TO_END) socket.destroy();
      } else if (session === undefined && nowMs - sinceMs >= this.#ports.limits.handshakeTimeoutMs) {
        this.#refuse(socket, 'silent');
      } else if (this.#sendsTooMuch(transport)) {
        this.#refuse(socket, 'flooded');
      }
    }
  }

  /** Ends all of them, whatever they are at. */
  destroy(): void {
    for (const { socket } of this.#transports.values()) socket.destroy();
  }

  /** Ends one that is not to be served. */
  #refuse(socket: Socket, reason: TransportRefusal): void {
    this.#ports.refused(peerOf(socket), reason);
    socket.destroy();
  }

  #transportOf(session: Http2Session): Transport | undefined {
    const known = this.#bySession.get(session);
    if (known !== undefined || session.destroyed) return known;
    const transport = this.#transports.get(peerOf(session.socket));
    if (transport === undefined) return undefined;
    transport.session = session;
    this.#bySession.set(session, transport);
    return transport;
  }

  #sendsTooMuch(transport: Transport): boolean {
    const { rateLimit, rateBurst, maxEnvelopeBytes } = this.#ports.limits;
    if (rateLimit === 0) return false;
    const streams = Math.max(1, transport.streams);
    const { bytesRead } = transport.socket;
    const left = transport.allowedBytes - (bytesRead - transport.bytesRead);
    const most = Math.max(LEAST_BURST_BYTES, streams * rateBurst * maxEnvelopeBytes);
    transport.bytesRead = bytesRead;
    transport.allowedBytes = Math.min(most, left + streams * rateLimit * maxEnvelopeBytes);
    return left < 0;
  }

  #forget(peer: string): void {
    const address = this.#transports.get(peer)?.address ?? '';
    this.#transports.delete(peer);
    if (address === '') return;
    const left = (this.#ofAddress.get(address) ?? 0) - 1;
    if (left > 0) this.#ofAddress.set(address, left);
    else this.#ofAddress.delete(address);
  }
}

export function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}

/** What counts as one address: of IPv6 the /64, which one machine has to itself; '' for this machine, which is not counted. */
export function countedAddress(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
  if (plain === '::1' || plain.startsWith('127.')) return '';
  if (!isIPv6(plain)) return plain;
  const [head = '', tail] = plain.split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}

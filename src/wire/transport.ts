import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { type Limits, PAGE_COST, TokenBucket } from '../core/limits.ts';

/** What a transport may send at once beyond what its streams may say: frames of HTTP/2, and a margin. */
const LEAST_BURST_BYTES = 4 * 1024 * 1024;
/** What a morsel counts for beyond its bytes: to handle one costs as much as these. */
const MORSEL_COST_BYTES = 1024;
/** So many times the calls a second may be opened in streams, and twice that at once, before the transport is cut. */
const OPENINGS_BEFORE_CUT = 2;

export interface LimitsOfTransport extends Pick<Limits, 'rateLimit' | 'rateBurst' | 'maxEnvelopeBytes'> {
  /** Streams at a time; and as many may be opened a second, twice as many at once. */
  readonly maxStreamsPerTransport: number;
}

/**
 * A socket that was accepted, and what it may still take.
 *
 * What nghttp2 answers by itself (PING, SETTINGS, resets, empty frames) no limit of
 * ours sees. But all of it is bytes, and a transport may send as many as its streams
 * may say at their rate.
 */
export class Transport {
  readonly socket: Socket;
  readonly address: string;
  readonly sinceMs: number;
  /** The addresses and ports of both ends, as long as its session is not known. */
  ends: string | undefined;
  /** Known from its first stream on. */
  session: Http2Session | undefined;
  streams = 0;
  sweepsSinceEnd = 0;
  /** It is cut before the turn is over. */
  isCut = false;
  readonly #limits: LimitsOfTransport;
  readonly #calls: TokenBucket;
  /** Streams of HTTP/2, those that never become a call too. */
  readonly #openings: TokenBucket;
  /** What it may still send, and how much it had sent when that was reckoned, and when. */
  #allowedBytes = LEAST_BURST_BYTES;
  #bytesRead = 0;
  #reckonedAtMs: number;

  constructor(
    of: { readonly socket: Socket; readonly address: string; readonly ends: string },
    limits: LimitsOfTransport,
    nowMs: number,
  ) {
    const most = limits.maxStreamsPerTransport;
    const mostOpenings = OPENINGS_BEFORE_CUT * most;
    this.socket = of.socket;
    this.address = of.address;
    this.ends = of.ends;
    this.sinceMs = nowMs;
    this.session = undefined;
    this.#limits = limits;
    this.#calls = new TokenBucket(most, Math.max(2 * most, PAGE_COST), nowMs);
    this.#openings = new TokenBucket(mostOpenings, 2 * mostOpenings, nowMs);
    this.#reckonedAtMs = nowMs;
  }

  /** 0 when a call that costs so much may be made; otherwise in how many milliseconds it may. */
  takeCall(cost: number, nowMs: number): number {
    return this.#calls.take(cost, nowMs);
  }

  /** A stream of HTTP/2 was opened. Returns whether that was one too many. */
  opened(nowMs: number): boolean {
    return this.#openings.take(1, nowMs) > 0;
  }

  /** A call has begun. What it may say at once it may say however short it lives. */
  begun(): void {
    this.streams += 1;
    this.#allow(this.#limits.rateBurst * this.#limits.maxEnvelopeBytes);
  }

  /** A small piece of DATA has come. Returns whether that was one too many. */
  tookMorsel(): boolean {
    this.#allowedBytes -= MORSEL_COST_BYTES;
    return this.#allowedBytes < 0;
  }

  /** Whether it has sent more than it may. */
  sendsTooMuch(nowMs: number): boolean {
    const { rateLimit, maxEnvelopeBytes } = this.#limits;
    const { bytesRead } = this.socket;
    this.#allowedBytes -= bytesRead - this.#bytesRead;
    this.#bytesRead = bytesRead;
    const isTooMuch = this.#allowedBytes < 0;
    const seconds = (nowMs - this.#reckonedAtMs) / 1000;
    this.#reckonedAtMs = nowMs;
    // What was not needed does not add up to more than a burst.
    if (this.#allowedBytes < LEAST_BURST_BYTES) {
      this.#allow(seconds * Math.max(1, this.streams) * rateLimit * maxEnvelopeBytes);
    }
    return isTooMuch;
  }

  #allow(bytes: number): void {
    const { rateBurst, maxEnvelopeBytes, maxStreamsPerTransport } = this.#limits;
    const most = LEAST_BURST_BYTES + maxStreamsPerTransport * rateBurst * maxEnvelopeBytes;
    this.#allowedBytes = Math.min(most, this.#allowedBytes + bytes);
  }
}

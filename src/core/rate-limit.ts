import { type Limits, TokenBucket } from './limits.ts';

/** Refused in so many successive seconds, a client is not waited for any more: the contract's table of errors. */
const SECONDS_TO_END = 10;
const SECOND_MS = 1000;
/** One heartbeat in so long costs nothing. */
const FREE_HEARTBEAT_EVERY_MS = 1000;
/** Refused so often within a second, a client is not read until it is over. */
const MOST_REFUSALS_A_SECOND = 200;

/** How fast a session may speak, and how long one is borne that does not keep to it. */
export class RateLimit {
  readonly #envelopes: TokenBucket;
  /** From when on a heartbeat costs nothing again. */
  #heartbeatIsFreeAtMs: number;
  /** The last second in which something was refused, how often, and how many before it had refusals too. */
  #refused: { readonly second: number; times: number; readonly secondsBefore: number } | undefined;

  constructor(limits: Pick<Limits, 'rateLimit' | 'rateBurst'>, nowMs: number) {
    this.#envelopes = new TokenBucket(limits.rateLimit, limits.rateBurst, nowMs);
    this.#heartbeatIsFreeAtMs = nowMs;
  }

  /** 0 when the envelope may be handled; otherwise it is refused, and there is room for it in that many milliseconds. */
  take(cost: number, nowMs: number): number {
    const waitMs = this.#envelopes.take(cost, nowMs);
    if (waitMs > 0) this.#noteRefusal(Math.floor(nowMs / SECOND_MS));
    return waitMs;
  }

  /** Heartbeats cost nothing, up to one a second. */
  costOfHeartbeat(nowMs: number): number {
    if (nowMs < this.#heartbeatIsFreeAtMs) return 1;
    this.#heartbeatIsFreeAtMs = nowMs + FREE_HEARTBEAT_EVERY_MS;
    return 0;
  }

  /** It has gone on for so long that the stream is to end. */
  get isExhausted(): boolean {
    return this.#refused !== undefined && this.#refused.secondsBefore >= SECONDS_TO_END - 1;
  }

  /**
   * So much was refused in this second that the rest of it is not read: to refuse
   * costs as much as to take, and a flood would be served like a chat.
   */
  isFlooded(nowMs: number): boolean {
    const last = this.#refused;
    return last?.second === Math.floor(nowMs / SECOND_MS) && last.times >= MOST_REFUSALS_A_SECOND;
  }

  #noteRefusal(second: number): void {
    const last = this.#refused;
    if (last?.second === second) last.times += 1;
    else {
      const secondsBefore = last?.second === second - 1 ? last.secondsBefore + 1 : 0;
      this.#refused = { second, times: 1, secondsBefore };
    }
  }
}

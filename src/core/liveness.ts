import type { Limits } from './limits.ts';

/**
 * Whether a peer is still there, by what arrives from it. After a silence it is
 * asked, and given up when nothing arrived for a while after the question had
 * left. Time in which the server itself did not read does not count.
 */
export class Liveness {
  readonly #limits: Pick<Limits, 'heartbeatIntervalMs' | 'heartbeatTimeoutMs'>;
  #heardAtMs: number;
  /** When the question had left; undefined while none is asked or it waits to be written. */
  #askedAtMs: number | undefined;
  #isAsking = false;

  constructor(limits: Pick<Limits, 'heartbeatIntervalMs' | 'heartbeatTimeoutMs'>, nowMs: number) {
    this.#limits = limits;
    this.#heardAtMs = nowMs;
  }

  /** Something arrived, or could not have because it was not read. */
  heard(nowMs: number): void {
    this.#heardAtMs = nowMs;
    this.#askedAtMs = undefined;
    this.#isAsking = false;
  }

  /** The server stood still for so long. */
  forgive(stalledMs: number): void {
    this.#heardAtMs += stalledMs;
    if (this.#askedAtMs !== undefined) this.#askedAtMs += stalledMs;
  }

  /** What to do now. `hasLeft`: nothing waits to be written to the peer. */
  check(nowMs: number, hasLeft: boolean): 'nothing' | 'ask' | 'give up' {
    if (!this.#isAsking) {
      if (nowMs - this.#heardAtMs < this.#limits.heartbeatIntervalMs) return 'nothing';
      this.#isAsking = true;
      return 'ask';
    }
    if (this.#askedAtMs === undefined) {
      if (hasLeft) this.#askedAtMs = nowMs;
      return 'nothing';
    }
    return nowMs - this.#askedAtMs >= this.#limits.heartbeatTimeoutMs ? 'give up' : 'nothing';
  }
}

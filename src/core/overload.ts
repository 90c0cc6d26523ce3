import type { Refusal } from './errors.ts';
import type { Clock } from './ports.ts';

/** How often the event loop is looked at. */
export const LOOK_AT_LOOP_EVERY_MS = 100;
/** Late for so long without a break, the process has more to do than it can. */
const SUSTAINED_MS = 1000;
/** Whoever is sent away comes back after this, or up to twice of it. */
const RETRY_MS = 1000;

/**
 * Whether the process has more to do than it can, by how late its timers are: one
 * long turn is nothing, but when every look for a second comes too late, whoever
 * comes new would make it worse for those who are there.
 */
export class Overload {
  readonly #maxDelayMs: number;
  readonly #clock: Clock;
  #lookedAtMs: number;
  /** Since when every look was late. */
  #lateSinceMs: number | undefined;
  #isOverloaded = false;
  #refusals = 0;

  /** @param maxDelayMs how late a timer may be; 0: it does not matter. */
  constructor(maxDelayMs: number, clock: Clock) {
    this.#maxDelayMs = maxDelayMs;
    this.#clock = clock;
    this.#lookedAtMs = clock.monotonicMs();
  }

  /** To be called every LOOK_AT_LOOP_EVERY_MS. */
  look(): void {
    const nowMs = this.#clock.monotonicMs();
    const delayMs = nowMs - this.#lookedAtMs - LOOK_AT_LOOP_EVERY_MS;
    this.#lookedAtMs = nowMs;
    const isLate = this.#maxDelayMs > 0 && delayMs > this.#maxDelayMs;
    this.#lateSinceMs = isLate ? (this.#lateSinceMs ?? nowMs) : undefined;
    this.#isOverloaded = this.#lateSinceMs !== undefined && nowMs - this.#lateSinceMs >= SUSTAINED_MS;
  }

  /** Why no new stream is taken now. */
  get refusal(): Refusal | undefined {
    if (!this.#isOverloaded) return undefined;
    // Spread, so that they do not all come back in the same moment.
    const retryAfterMs = RETRY_MS + ((this.#refusals++ * 137) % RETRY_MS);
    return { reason: 'overloaded', message: 'the server has more to do than it can; try again later', retryAfterMs };
  }
}

const BASE_MS = 250;
const CEILING_MS = 30_000;

/**
 * How long to wait before the next attempt: exponential with full jitter, which
 * spreads clients that were cut off together over the whole delay (Brooker,
 * "Exponential Backoff And Jitter", AWS 2015).
 */
export class Backoff {
  readonly #random: () => number;
  #attempt = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** The attempt that `next` gave the delay of, from 1. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Milliseconds to wait; what the server told is obeyed to the letter. */
  next(toldMs: number | undefined): number {
    this.#attempt += 1;
    return toldMs ?? this.#random() * Math.min(CEILING_MS, BASE_MS * 2 ** (this.#attempt - 1));
  }

  /** The last attempt brought something that lasted. */
  reset(): void {
    this.#attempt = 0;
  }
}

/** Every so many deliveries one is sampled; a prime, so that it does not fall in step with a room. */
const EVERY = 17;
/** A power of two. More samples than this overwrite the oldest. */
const CAPACITY = 1 << 21;

/** Latencies of a sample of deliveries, in microseconds. */
export class Latencies {
  readonly #micros = new Float64Array(CAPACITY);
  #count = 0;
  #skipped = 0;

  /** Whether the next delivery is to be sampled. */
  isDue(): boolean {
    this.#skipped += 1;
    if (this.#skipped < EVERY) return false;
    this.#skipped = 0;
    return true;
  }

  add(micros: number): void {
    this.#micros[this.#count % CAPACITY] = micros;
    this.#count += 1;
  }

  /** Milliseconds at each of the fractions, such as 0.5 for the median; NaN without samples. */
  percentilesMs(fractions: readonly number[]): number[] {
    const sorted = this.#micros.subarray(0, Math.min(this.#count, CAPACITY)).slice().sort();
    return fractions.map((fraction) => (sorted[Math.floor(sorted.length * fraction)] ?? Number.NaN) / 1000);
  }
}

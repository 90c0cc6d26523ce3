import {
  decodeFromCompressedBase64,
  encodeIntoCompressedBase64,
  Float64Histogram,
  type Histogram,
} from 'hdr-histogram-js';
import type { Bucket, Percentiles } from './report/report.ts';

/** An hour; beyond, the histogram grows. */
const HIGHEST_MICROS = 3_600e6;
/** A percentile is right to a thousandth. */
const DIGITS = 3;

/** Latencies in microseconds, as an HDR histogram: exact to a thousandth, however many there are. */
export class Latencies {
  /** Counts that do not overflow: a run may have billions. */
  readonly #histogram = new Float64Histogram(1, HIGHEST_MICROS, DIGITS);

  #last = 0;
  #lastCount = 0;

  constructor() {
    this.#histogram.autoResize = true;
  }

  /** What comes in one piece is often equally old, and then recorded at once. */
  add(micros: number): void {
    const whole = micros > 0 ? Math.round(micros) : 0;
    if (whole !== this.#last) this.#settle();
    this.#last = whole;
    this.#lastCount += 1;
  }

  /** What another thread has packed. */
  addPacked(packed: string): void {
    const into: Histogram = this.#histogram;
    if (packed !== '') into.add(decodeFromCompressedBase64(packed, 64));
  }

  /** All of them as text for `addPacked`; they are gone then. */
  takePacked(): string {
    this.#settle();
    if (this.#histogram.totalCount === 0) return '';
    const packed = encodeIntoCompressedBase64(this.#histogram);
    this.#histogram.reset();
    return packed;
  }

  clear(): void {
    this.#lastCount = 0;
    this.#histogram.reset();
  }

  /** At a percentile such as 99.9, in microseconds; 0 without any. */
  at(percentile: number): number {
    this.#settle();
    if (this.#histogram.totalCount === 0) return 0;
    // What is asked for is told as the upper end of its bucket.
    return Math.min(this.#histogram.getValueAtPercentile(percentile), this.#histogram.maxValue);
  }

  percentiles(): Percentiles {
    this.#settle();
    const { totalCount: count } = this.#histogram;
    if (count === 0) return { count, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, mean: 0 };
    const tail = { p99: this.at(99), p999: this.at(99.9), p9999: this.at(99.99), max: this.#histogram.maxValue };
    return { count, p50: this.at(50), p90: this.at(90), ...tail, mean: this.#histogram.mean };
  }

  /** Those that hold any, ascending; as fine as they were counted. */
  buckets(): Bucket[] {
    this.#settle();
    const buckets: Bucket[] = [];
    const values = this.#histogram.recordedValuesIterator;
    values.reset();
    while (values.hasNext()) {
      const { valueIteratedTo, countAtValueIteratedTo } = values.next();
      const from = this.#histogram.lowestEquivalentValue(valueIteratedTo);
      buckets.push({
        from,
        to: this.#histogram.nextNonEquivalentValue(valueIteratedTo),
        count: countAtValueIteratedTo,
      });
    }
    return buckets;
  }

  #settle(): void {
    if (this.#lastCount > 0) this.#histogram.recordValueWithCount(this.#last, this.#lastCount);
    this.#lastCount = 0;
  }
}

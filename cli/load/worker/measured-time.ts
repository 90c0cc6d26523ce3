import { performance } from 'node:perf_hooks';
import type { Measured, Speaking } from './orders.ts';
import type { Tally } from './tally.ts';

/** What was counted between the beginning and the end of the measured time. */
export class MeasuredTime {
  readonly #tally: Tally;
  #speaking: Speaking | undefined;
  #begin: Measured | undefined;
  #end: Measured | undefined;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  expect(speaking: Speaking): void {
    this.#speaking = speaking;
  }

  /** To be told of the time often: what is counted then is kept when it begins and when it ends. */
  tick(now: number): void {
    if (this.#speaking === undefined || this.#end !== undefined) return;
    const { measureFromMicros, measureToMicros } = this.#speaking;
    if (now >= measureFromMicros) this.#begin ??= this.#figures(now);
    if (now >= measureToMicros) this.stop(now);
  }

  /** It ends now, if it has begun. */
  stop(now: number): void {
    this.#end ??= this.#begin && this.#figures(now);
  }

  /** As far as it has gone. */
  measured(now: number): Measured {
    const begin = this.#begin;
    if (begin === undefined) return { micros: 0, busyMicros: 0, deliveries: 0, receivedBytes: 0 };
    const end = this.#end ?? this.#figures(now);
    return {
      micros: end.micros - begin.micros,
      busyMicros: end.busyMicros - begin.busyMicros,
      deliveries: end.deliveries - begin.deliveries,
      receivedBytes: end.receivedBytes - begin.receivedBytes,
    };
  }

  #figures(micros: number): Measured {
    const { deliveries, receivedBytes } = this.#tally;
    return { micros, busyMicros: performance.eventLoopUtilization().active * 1000, deliveries, receivedBytes };
  }
}

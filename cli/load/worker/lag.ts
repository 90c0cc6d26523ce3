import { Latencies } from '../latencies.ts';

const TICK_MICROS = 1_000;

/** How late the tool did what was due: its own part of the latencies. */
export class LagWatch {
  /** Since they were taken; of the measured time. */
  readonly latencies = new Latencies();
  #max = 0;

  add(micros: number, isMeasured: boolean): void {
    if (micros > this.#max) this.#max = micros;
    if (isMeasured) this.latencies.add(micros);
  }

  /** A timer that should have come every millisecond: each that did not come was late as well. */
  addTick(micros: number, isMeasured: boolean): void {
    for (let late = Math.max(0, micros); ; late -= TICK_MICROS) {
      this.add(late, isMeasured);
      if (late <= TICK_MICROS) return;
    }
  }

  /** The largest since the last time, in microseconds. */
  takeMax(): number {
    const max = this.#max;
    this.#max = 0;
    return Math.max(0, max);
  }
}

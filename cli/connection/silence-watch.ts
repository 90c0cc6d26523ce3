import type { Timing } from './timing.ts';

/** Behind a process that was stopped or busy, timers run before what has arrived is read. */
const SECOND_LOOK_MS = 1_000;

/** Notices that nothing was heard for too long. Time in which nobody listens does not count. */
export class SilenceWatch {
  readonly #timing: Timing;
  readonly #silent: (limitMs: number) => void;
  #limitMs = 0;
  #heardAtMs = 0;
  #isListening = true;
  #cancel: () => void = () => {};

  /** @param silent called once, with the limit in milliseconds; the watch has then stopped. */
  constructor(timing: Timing, silent: (limitMs: number) => void) {
    this.#timing = timing;
    this.#silent = silent;
  }

  /** Something must be heard within this from now on, again and again; 0 is for ever. */
  expect(limitMs: number): void {
    this.#limitMs = limitMs;
    this.heard();
    this.#arm();
  }

  /** Costs a reading of the clock; the timer looks later. */
  heard(): void {
    this.#heardAtMs = this.#timing.monotonicMs();
  }

  pause(): void {
    this.#isListening = false;
    this.#cancel();
  }

  resume(): void {
    this.#isListening = true;
    this.expect(this.#limitMs);
  }

  stop(): void {
    this.#limitMs = 0;
    this.#cancel();
  }

  #arm(): void {
    this.#cancel();
    if (this.#limitMs === 0 || !this.#isListening) return;
    const heardAtMs = this.#heardAtMs;
    const secondLookMs = Math.min(SECOND_LOOK_MS, this.#limitMs / 2);
    const leftMs = heardAtMs + this.#limitMs - this.#timing.monotonicMs();
    this.#cancel = this.#timing.after(Math.max(0, leftMs - secondLookMs), () => {
      this.#cancel = this.#timing.after(secondLookMs, () => {
        if (this.#heardAtMs !== heardAtMs) return this.#arm();
        const limitMs = this.#limitMs;
        this.stop();
        this.#silent(limitMs);
      });
    });
  }
}

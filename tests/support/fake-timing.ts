import type { Timing } from '../../cli/connection/index.ts';

/** When a test with a fake clock begins, since 1970. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

interface Timer {
  readonly atMs: number;
  readonly task: () => void;
}

/** Time that stands still until it is moved, and chance that is always the same. */
export class FakeTiming implements Timing {
  chance = 0.5;
  #nowMs = 0;
  readonly #timers = new Set<Timer>();

  monotonicMs(): number {
    return this.#nowMs;
  }

  utcMs(): number {
    return EPOCH_MS + this.#nowMs;
  }

  random(): number {
    return this.chance;
  }

  after(ms: number, task: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, task };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** Timers that have not run. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Runs what is due until then, each at its time. */
  advance(ms: number): void {
    const untilMs = this.#nowMs + ms;
    for (;;) {
      const [next] = [...this.#timers].sort((a, b) => a.atMs - b.atMs);
      if (next === undefined || next.atMs > untilMs) break;
      this.#timers.delete(next);
      this.#nowMs = Math.max(this.#nowMs, next.atMs);
      next.task();
    }
    this.#nowMs = untilMs;
  }
}

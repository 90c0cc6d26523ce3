import type { Clock } from '../core/ports.ts';

const SECOND_MS = 1000;
/** Lines of one kind a second. */
const MOST_LINES = 20;

interface Kind {
  sinceMs: number;
  lines: number;
  unsaid: number;
}

/** Whoever knocks ten thousand times a second must not write as many lines of log. */
export class LineQuota {
  readonly #clock: Clock;
  readonly #kinds = new Map<string, Kind>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Whether a line of this kind, of which there must be few, may be written: then how many of its kind were not since
   * the last one; undefined when it may not.
   */
  take(name: string): number | undefined {
    const nowMs = this.#clock.monotonicMs();
    const kind = this.#kinds.get(name) ?? { sinceMs: nowMs, lines: 0, unsaid: 0 };
    this.#kinds.set(name, kind);
    if (nowMs - kind.sinceMs >= SECOND_MS) {
      kind.sinceMs = nowMs;
      kind.lines = 0;
    }
    if (kind.lines >= MOST_LINES) {
      kind.unsaid += 1;
      return undefined;
    }
    const { unsaid } = kind;
    kind.lines += 1;
    kind.unsaid = 0;
    return unsaid;
  }
}

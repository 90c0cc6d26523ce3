import type { Grant } from './grant.ts';
import type { Clock } from './ports.ts';

/** So long before the end a client is told: the contract's table of errors. */
const TOLD_BEFORE_MS = 60_000;

/** How long the token lasts that a stream came with. From then on by the clock that does not jump. */
export class TokenLife {
  /** Undefined where nobody needs a token. */
  readonly grant: Grant | undefined;
  readonly #endsAtMs: number;
  #isTold = false;

  constructor(grant: Grant | undefined, clock: Clock) {
    this.grant = grant;
    this.#endsAtMs =
      grant === undefined ? Number.POSITIVE_INFINITY : clock.monotonicMs() + grant.untilUtcMs - clock.utcMs();
  }

  /** What to do now; each `tell` is returned once. */
  check(nowMs: number): 'nothing' | 'tell' | 'end' {
    if (nowMs >= this.#endsAtMs) return 'end';
    if (this.#isTold || nowMs < this.#endsAtMs - TOLD_BEFORE_MS) return 'nothing';
    this.#isTold = true;
    return 'tell';
  }
}

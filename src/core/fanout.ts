import type { Deliveries } from './deliveries.ts';
import type { Outbox } from './outbox.ts';
import type { AtEndOfTurn } from './ports.ts';

/** Those who are owed what a room appends, by any key. */
export type Audience = ReadonlyMap<string, { readonly outbox: Outbox }>;

/** Writes that begin in one turn, and of these for one room before the next has its turn. */
const WRITES_A_TURN = 64;
const WRITES_A_STEP = 16;

/**
 * From the log out to the members, at the end of each turn of the event loop.
 *
 * Appending only marks the room. When everything that arrived in this turn was
 * handled, a pass over each marked room flushes its members: all that the turn
 * appended goes out in one write. An idle server adds no delay by this, and a
 * busy one gathers the more the busier it is.
 *
 * A pass over a large room takes many turns, and the rooms take turns in it, so
 * that whoever speaks, comes in or sits in a small room does not wait for it.
 */
export class Fanout {
  readonly #atEndOfTurn: AtEndOfTurn;
  readonly #deliveries: Deliveries;
  /** Rooms that have appended something since their last pass began. */
  readonly #marked = new Set<Audience>();
  /** Members that are still to be flushed in a pass that has begun. */
  readonly #passes = new Map<Audience, Iterable<{ readonly outbox: Outbox }>>();
  readonly #answered = new Set<Outbox>();
  #isScheduled = false;

  constructor(atEndOfTurn: AtEndOfTurn, deliveries: Deliveries) {
    this.#atEndOfTurn = atEndOfTurn;
    this.#deliveries = deliveries;
  }

  /** One event was appended that everyone in `audience` is owed. */
  appended(audience: Audience): void {
    this.#deliveries.owed += audience.size;
    this.#marked.add(audience);
    this.#schedule();
  }

  /** One session is owed something. */
  answered(outbox: Outbox): void {
    this.#answered.add(outbox);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    this.#atEndOfTurn(() => this.#flush());
  }

  #flush(): void {
    this.#isScheduled = false;
    for (const outbox of this.#answered) outbox.flush();
    this.#answered.clear();
    for (const audience of this.#marked) {
      // Those whom the pass has been at already have to wait for the next.
      if (this.#passes.has(audience)) continue;
      this.#marked.delete(audience);
      this.#passes.set(audience, audience.values());
    }
    let left = WRITES_A_TURN;
    for (const [audience, members] of this.#passes) {
      this.#passes.delete(audience);
      const writes = writeToNext(members, WRITES_A_STEP);
      // Behind the others it comes up in this loop again.
      if (writes === WRITES_A_STEP) this.#passes.set(audience, members);
      left -= writes;
      if (left <= 0) break;
    }
    if (this.#marked.size + this.#passes.size > 0) this.#schedule();
  }
}

/**
 * Begins at most so many writes, to the next members that are owed something, and
 * returns how many; fewer when none is left. A later call goes on where it stopped.
 */
function writeToNext(members: Iterable<{ readonly outbox: Outbox }>, most: number): number {
  let writes = 0;
  for (const { outbox } of members) {
    if (outbox.flush()) writes += 1;
    if (writes === most) break;
  }
  return writes;
}

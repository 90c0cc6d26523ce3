import type { Deliveries } from './deliveries.ts';
import type { Outbox } from './outbox.ts';
import type { AtEndOfTurn, MessageTrace, Observer, PassObserver } from './ports.ts';

/** Those who are owed what a room appends, by any key. */
export type Audience = ReadonlyMap<string, { readonly outbox: Outbox }>;

/** Writes that begin in one turn, and of these for one room before the next has its turn. */
const WRITES_A_TURN = 64;
const WRITES_A_STEP = 16;

interface Pass {
  /** Those whom it has still to be at. */
  readonly members: Iterable<{ readonly outbox: Outbox }>;
  readonly observer: PassObserver;
  writes: number;
  bytes: number;
}

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
  readonly #observer: Observer;
  /** Rooms that have appended something since their last pass began. */
  readonly #marked = new Map<Audience, PassObserver>();
  readonly #passes = new Map<Audience, Pass>();
  readonly #answered = new Set<Outbox>();
  #isScheduled = false;

  constructor(atEndOfTurn: AtEndOfTurn, deliveries: Deliveries, observer: Observer) {
    this.#atEndOfTurn = atEndOfTurn;
    this.#deliveries = deliveries;
    this.#observer = observer;
  }

  /** One event was appended that everyone in `audience` is owed. */
  appended(audience: Audience, trace?: MessageTrace): void {
    this.#deliveries.owed += audience.size;
    const observer = this.#marked.get(audience) ?? this.#observer.appended();
    this.#marked.set(audience, observer);
    if (trace !== undefined) observer.carries(trace);
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
    for (const [audience, observer] of this.#marked) {
      // Those whom the pass has been at already have to wait for the next.
      if (this.#passes.has(audience)) continue;
      this.#marked.delete(audience);
      this.#passes.set(audience, { members: audience.values(), observer, writes: 0, bytes: 0 });
    }
    let left = WRITES_A_TURN;
    for (const [audience, pass] of this.#passes) {
      this.#passes.delete(audience);
      const writes = writeToNext(pass, WRITES_A_STEP);
      // Behind the others it comes up in this loop again.
      if (writes === WRITES_A_STEP) this.#passes.set(audience, pass);
      else pass.observer.passed({ members: audience.size, writes: pass.writes, bytes: pass.bytes });
      left -= writes;
      if (left <= 0) break;
    }
    // Behind the passes, so that what these bring to the same sessions is theirs.
    for (const outbox of this.#answered) outbox.flush();
    this.#answered.clear();
    if (this.#marked.size + this.#passes.size > 0) this.#schedule();
  }
}

/**
 * Begins at most so many writes, to the next members that are owed something, and
 * returns how many; fewer when none is left. A later call goes on where it stopped.
 */
function writeToNext(pass: Pass, most: number): number {
  const before = pass.writes;
  for (const { outbox } of pass.members) {
    const bytes = outbox.flush(pass.writes === 0 ? () => pass.observer.delivered() : undefined);
    if (bytes === 0) continue;
    pass.bytes += bytes;
    pass.writes += 1;
    if (pass.writes - before === most) break;
  }
  return pass.writes - before;
}

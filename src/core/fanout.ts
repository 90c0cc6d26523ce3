import type { Deliveries } from './deliveries.ts';
import type { Outbox } from './outbox.ts';
import type { AtEndOfTurn, MessageTrace, Observer, PassObserver } from './ports.ts';
import type { TurnBudget } from './turn-budget.ts';

/** Those who are owed what a room appends, by any key. */
export type Audience = ReadonlyMap<string, { readonly outbox: Outbox }>;

/** Writes that begin for one room before the next has its turn. */
const WRITES_A_STEP = 8;
/** To look at a session that is owed nothing, or whose write is unfinished, counts as this part of a write. */
const WRITES_A_LOOK = 1 / 32;

interface Pass {
  /** Those whom it has still to be at. */
  readonly members: Iterable<{ readonly outbox: Outbox }>;
  readonly observer: PassObserver;
  /** Of the pass that follows, for what was appended since this one began. */
  next?: PassObserver;
  writes: number;
  bytes: number;
}

/**
 * From the log out to the members, at the end of each turn of the event loop.
 *
 * Appending only marks the room. When everything that arrived in this turn was
 * handled, a pass over each marked room flushes its members: all that the turn
 * appended goes out in one write, without delay and the more the busier it is.
 *
 * A pass over a large room takes many turns, and the rooms take turns in it, so
 * that whoever speaks, comes in or sits in a small room waits little for it.
 */
export class Fanout {
  readonly #atEndOfTurn: AtEndOfTurn;
  readonly #turn: TurnBudget;
  readonly #deliveries: Deliveries;
  readonly #observer: Observer;
  /** Rooms whose next pass begins at the end of this turn. */
  readonly #marked = new Map<Audience, PassObserver>();
  readonly #passes = new Map<Audience, Pass>();
  readonly #answered = new Set<Outbox>();
  #isScheduled = false;

  constructor(atEndOfTurn: AtEndOfTurn, turn: TurnBudget, deliveries: Deliveries, observer: Observer) {
    this.#atEndOfTurn = atEndOfTurn;
    this.#turn = turn;
    this.#deliveries = deliveries;
    this.#observer = observer;
  }

  /** One event was appended that everyone in `audience` is owed. */
  appended(audience: Audience, trace?: MessageTrace): void {
    this.#deliveries.owed += audience.size;
    // Those whom a pass has been at already have to wait for the next.
    const pass = this.#passes.get(audience);
    const observer = (pass === undefined ? this.#marked.get(audience) : pass.next) ?? this.#observer.appended();
    if (pass === undefined) this.#marked.set(audience, observer);
    else pass.next = observer;
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
      this.#passes.set(audience, { members: audience.values(), observer, writes: 0, bytes: 0 });
    }
    this.#marked.clear();
    let left = this.#turn.take();
    for (const [audience, pass] of this.#passes) {
      const cost = step(pass);
      this.#passes.delete(audience);
      // Behind the others it comes up in this loop again.
      if (cost >= WRITES_A_STEP) this.#passes.set(audience, pass);
      else pass.observer.passed({ members: audience.size, writes: pass.writes, bytes: pass.bytes });
      if (cost < WRITES_A_STEP && pass.next !== undefined) this.#marked.set(audience, pass.next);
      left -= cost;
      if (left <= 0) break;
    }
    // Behind the passes, so that what these bring to the same sessions is theirs.
    for (const outbox of this.#answered) outbox.flush();
    this.#answered.clear();
    if (this.#marked.size + this.#passes.size > 0) this.#schedule();
  }
}

/** Goes on to the next members. Returns what that cost, in writes; less than a step where none is left. */
function step(pass: Pass): number {
  let cost = 0;
  for (const { outbox } of pass.members) {
    const bytes = outbox.flush(pass.writes === 0 ? () => pass.observer.delivered() : undefined);
    pass.bytes += bytes;
    if (bytes > 0) pass.writes += 1;
    cost += bytes > 0 ? 1 : WRITES_A_LOOK;
    if (cost >= WRITES_A_STEP) break;
  }
  return cost;
}

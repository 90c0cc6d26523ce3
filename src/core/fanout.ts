import type { Deliveries } from './deliveries.ts';
import type { Outbox } from './outbox.ts';
import type { AtEndOfTurn } from './ports.ts';

/** Those who are owed what a room appends, by any key. */
export type Audience = ReadonlyMap<string, { readonly outbox: Outbox }>;

/**
 * From the log out to the members, once a turn of the event loop.
 *
 * Appending only marks the room. When everything that arrived in this turn was
 * handled, each member of each marked room is flushed: all that the turn
 * appended goes out in one write. An idle server adds no delay by this, and a
 * busy one gathers the more the busier it is.
 */
export class Fanout {
  readonly #atEndOfTurn: AtEndOfTurn;
  readonly #deliveries: Deliveries;
  readonly #marked = new Set<Audience>();
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
      for (const { outbox } of audience.values()) outbox.flush();
    }
    this.#marked.clear();
  }
}

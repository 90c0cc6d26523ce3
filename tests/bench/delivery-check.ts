import type { Tally } from './tally.ts';

/**
 * Whether one client gets everything once and in order: for each sender, the
 * number that must come next. Everybody has joined before the first message is
 * sent, so the first number of each is 0.
 */
export class DeliveryCheck {
  readonly #tally: Tally;
  readonly #next: Int32Array;

  constructor(senders: number, tally: Tally) {
    this.#next = new Int32Array(senders);
    this.#tally = tally;
  }

  /** @throws for a sender that is in none of the rooms. */
  came(sender: number, number: number): void {
    const expected = this.#next[sender];
    if (expected === undefined) throw new Error(`a message of a sender ${sender}, which there is not`);
    if (number < expected) {
      this.#tally.repeatedOrLate += 1;
      return;
    }
    this.#tally.lost += number - expected;
    this.#next[sender] = number + 1;
  }

  /** How many of the `sent` messages of a sender have not come, those apart that were counted as lost. */
  missing(sender: number, sent: number): number {
    return sent - (this.#next[sender] ?? 0);
  }
}

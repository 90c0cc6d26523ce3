import { type Found, OrderCheck } from './order-check.ts';

/** Told of a fault in the numbers of one sender. */
export type FoundOfSender = (sender: number, ...found: Parameters<Found>) => void;

/**
 * The order of a seat that is told no seqs, by the numbers that each sender gives
 * its messages. What a client missed before the first number of a sender that it
 * hears is not known, unless it was there before anybody spoke.
 */
export class NumberChecks {
  readonly #checks = new Map<number, OrderCheck>();
  readonly #found: FoundOfSender;
  #isFromTheBeginning: boolean;

  constructor(isFromTheBeginning: boolean, found: FoundOfSender) {
    this.#isFromTheBeginning = isFromTheBeginning;
    this.#found = found;
  }

  came(sender: number, number: number): void {
    const check = this.#checks.get(sender);
    if (check !== undefined) check.came(number);
    else this.#begin(sender, this.#isFromTheBeginning ? 0 : number).came(number);
  }

  /** Some events, nobody knows which, were told not to come: whatever comes next of each sender is right. */
  toldOfSome(): void {
    for (const check of this.#checks.values()) check.forgetHoles();
    this.#checks.clear();
    this.#isFromTheBeginning = false;
  }

  forgetHoles(): void {
    for (const check of this.#checks.values()) check.forgetHoles();
  }

  /** Whether it has all that this sender has sent so far. */
  hasAll(sender: number, sent: number): boolean {
    const next = this.#checks.get(sender)?.next ?? (this.#isFromTheBeginning ? 0 : sent);
    return next >= sent;
  }

  /** Nothing comes any more; `sent` are the messages that this sender of the room has sent. */
  end(sender: number, sent: number): void {
    const check = this.#checks.get(sender) ?? (this.#isFromTheBeginning ? this.#begin(sender, 0) : undefined);
    check?.end(sent - 1);
  }

  #begin(sender: number, next: number): OrderCheck {
    const check = new OrderCheck(next, (...found) => this.#found(sender, ...found));
    this.#checks.set(sender, check);
    return check;
  }
}

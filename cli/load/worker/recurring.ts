/** Does something so many times a second, on a schedule; what a late tick has missed is made up for. */
export class Recurring {
  readonly #everyMicros: number;
  readonly #action: () => void;
  #nextMicros: number;

  /** @param perSecond 0: never. */
  constructor(perSecond: number, fromMicros: number, action: () => void) {
    this.#everyMicros = 1e6 / perSecond;
    this.#action = action;
    this.#nextMicros = fromMicros + this.#everyMicros;
  }

  tick(nowMicros: number): void {
    for (; this.#nextMicros <= nowMicros; this.#nextMicros += this.#everyMicros) this.#action();
  }
}

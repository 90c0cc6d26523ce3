import type { FaultKind } from '../fault.ts';

/** Told of a fault in the numbers from `from` to `to`, both included. */
export type Found = (kind: FaultKind, from: number, to: number) => void;

/** Holes that are remembered, until they are filled late or known to be lost; beyond, they are lost at once. */
const MOST_HOLES = 1_000;

/** Gaps that are remembered, the latest. */
const MOST_GAPS = 100;

interface Run {
  from: number;
  to: number;
}

/** Whether numbers come once each and in order, as the seqs of a room do, or the messages of one sender. */
export class OrderCheck {
  readonly #found: Found;
  #next: number;
  /** Ascending. */
  #holes: Run[] = [];
  readonly #gaps: Run[] = [];

  constructor(next: number, found: Found) {
    this.#next = next;
    this.#found = found;
  }

  /** The number that must come next. */
  get next(): number {
    return this.#next;
  }

  came(number: number): void {
    if (number === this.#next) {
      this.#next = number + 1;
      return;
    }
    if (number > this.#next) {
      this.#leaveHole(this.#next, number - 1);
      this.#next = number + 1;
    } else this.#found(this.#fill(number) ? 'disordered' : 'doubled', number, number);
  }

  /** The numbers from `from` to `to` are told not to come. */
  told(from: number, to: number): void {
    this.#gaps.push({ from, to });
    if (this.#gaps.length > MOST_GAPS) this.#gaps.shift();
    if (from > this.#next) this.#leaveHole(this.#next, from - 1);
    this.#next = Math.max(this.#next, to + 1);
    this.#holes = this.#holes.flatMap((hole) => [
      ...(hole.from < from ? [{ from: hole.from, to: Math.min(hole.to, from - 1) }] : []),
      ...(hole.to > to ? [{ from: Math.max(hole.from, to + 1), to: hole.to }] : []),
    ]);
  }

  /** Whether this number was told not to come. */
  wasTold(number: number): boolean {
    return this.#gaps.some(({ from, to }) => from <= number && number <= to);
  }

  /** Nothing comes any more; `last` is the last number that there is, as far as anybody knows. */
  end(last: number): void {
    this.forgetHoles();
    if (last >= this.#next) this.#found('behind', this.#next, last);
  }

  /** What has not come until now is lost. */
  forgetHoles(): void {
    for (const { from, to } of this.#holes) this.#found('lost', from, to);
    this.#holes = [];
  }

  #leaveHole(from: number, to: number): void {
    if (this.#holes.length < MOST_HOLES) this.#holes.push({ from, to });
    else this.#found('lost', from, to);
  }

  #fill(number: number): boolean {
    const index = this.#holes.findIndex(({ from, to }) => from <= number && number <= to);
    const hole = this.#holes[index];
    if (hole === undefined) return false;
    const rest = [
      { from: hole.from, to: number - 1 },
      { from: number + 1, to: hole.to },
    ].filter(({ from, to }) => from <= to);
    this.#holes.splice(index, 1, ...rest);
    return true;
  }
}

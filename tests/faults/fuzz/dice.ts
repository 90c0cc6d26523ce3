import { randomFrom } from '../../../cli/load/random.ts';

/** Chance that is the same for the same seed and number. */
export class Dice {
  readonly #random: () => number;

  constructor(seed: number, number: number) {
    this.#random = randomFrom(Math.imul(seed, 0x9e3779b1) ^ Math.imul(number + 1, 0x85ebca6b));
    // The first numbers of seeds that are close to each other are close too.
    this.#random();
  }

  /** A whole number from 0 to below `end`. */
  below(end: number): number {
    return Math.floor(this.#random() * end);
  }

  pick<T>(of: readonly [T, ...T[]]): T {
    return of[this.below(of.length)] ?? of[0];
  }

  /** True so often, from 0 to 1. */
  chance(often: number): boolean {
    return this.#random() < often;
  }

  bytes(count: number): Buffer {
    return Buffer.from(Array.from({ length: count }, () => this.below(256)));
  }
}

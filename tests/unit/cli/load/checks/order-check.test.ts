import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { OrderCheck } from '../../../../../cli/load/checks/order-check.ts';

/** What a check finds in numbers that come one after another, the last that there is being `last`. */
function foundIn(
  numbers: readonly number[],
  last: number,
  told: readonly (readonly [from: number, to: number])[] = [],
) {
  const found: string[] = [];
  const check = new OrderCheck(1, (kind, from, to) => found.push(`${kind} ${from}–${to}`));
  for (const number of numbers) check.came(number);
  for (const [from, to] of told) check.told(from, to);
  check.end(last);
  return found;
}

interface Case {
  readonly name: string;
  readonly numbers: readonly number[];
  readonly last: number;
  readonly found: readonly string[];
}

const cases: readonly Case[] = [
  { name: 'all, once and in order', numbers: [1, 2, 3], last: 3, found: [] },
  { name: 'nothing, and there is nothing', numbers: [], last: 0, found: [] },
  { name: 'a hole', numbers: [1, 4], last: 4, found: ['lost 2–3'] },
  { name: 'two holes', numbers: [2, 4], last: 4, found: ['lost 1–1', 'lost 3–3'] },
  { name: 'one twice', numbers: [1, 2, 2, 3], last: 3, found: ['doubled 2–2'] },
  { name: 'an old one again', numbers: [1, 2, 3, 1], last: 3, found: ['doubled 1–1'] },
  { name: 'two in the other order', numbers: [1, 3, 2, 4], last: 4, found: ['disordered 2–2'] },
  { name: 'the middle of a hole late', numbers: [1, 5, 3], last: 5, found: ['disordered 3–3', 'lost 2–2', 'lost 4–4'] },
  { name: 'a late one that comes twice', numbers: [1, 3, 2, 2], last: 3, found: ['disordered 2–2', 'doubled 2–2'] },
  { name: 'not to the end', numbers: [1, 2], last: 4, found: ['behind 3–4'] },
  { name: 'a hole, and not to the end', numbers: [1, 3], last: 5, found: ['lost 2–2', 'behind 4–5'] },
];

describe('the order of numbers', () => {
  test.each(cases)('$name', ({ numbers, last, found }) => {
    expect(foundIn(numbers, last)).toEqual(found);
  });

  test('what is told not to come is not lost', () => {
    expect(foundIn([1, 2], 9, [[3, 9]])).toEqual([]);
    expect(foundIn([1, 6], 6, [[2, 5]])).toEqual([]);
    expect(foundIn([1, 6], 6, [[3, 4]])).toEqual(['lost 2–2', 'lost 5–5']);
    expect(foundIn([1], 9, [[4, 9]])).toEqual(['lost 2–3']);
  });

  test('each number is accounted for once, in whatever order they come', () => {
    const numbers = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 60 });
    fc.assert(
      fc.property(numbers, fc.integer({ min: 60, max: 70 }), (came, last) => {
        const missing = foundIn(came, last)
          .map((one) => /^(lost|behind) (\d+)–(\d+)$/.exec(one))
          .filter((one) => one !== null)
          .flatMap(([, , from, to]) =>
            Array.from({ length: Number(to) - Number(from) + 1 }, (_, i) => Number(from) + i),
          );
        const all = [...came, ...missing].toSorted((a, b) => a - b);
        expect(all).toEqual(Array.from({ length: last }, (_, i) => i + 1));
      }),
    );
  });

  test('beyond a thousand holes they are lost at once, and none is forgotten', () => {
    const odd = Array.from({ length: 1_500 }, (_, i) => i * 2 + 1);
    expect(foundIn(odd, 2_999)).toHaveLength(1_499);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RoomLog } from '../../../src/core/room-log.ts';

/** An entry that says which one it is, of a given size. */
function entry(seq: number, bytes: number): Buffer {
  return Buffer.alloc(bytes, `${seq},`);
}

function filled(sizes: readonly number[], budget = 1 << 20): { log: RoomLog; entries: Buffer[] } {
  const log = new RoomLog(budget);
  const entries = sizes.map((size, i) => entry(i + 1, size));
  for (const one of entries) log.append(one);
  return { log, entries };
}

const sizes = fc.array(fc.integer({ min: 1, max: 6000 }), { maxLength: 200 });
const budget = fc.integer({ min: 4096, max: 200_000 });

describe('RoomLog', () => {
  test('numbers entries from 1 without holes', () => {
    const log = new RoomLog(4096);
    expect(log.head).toBe(0);
    expect([1, 2, 3].map((n) => log.append(entry(n, 10)))).toEqual([1, 2, 3]);
    expect(log.head).toBe(3);
    expect(log.oldest).toBe(1);
  });

  test('slices laid end to end are the entries, whatever their limits', () => {
    fc.assert(
      fc.property(sizes, budget, fc.integer({ min: 1, max: 70_000 }), (given, bytes, limit) => {
        const { log, entries } = filled(given, bytes);
        let at = log.oldest - 1;
        const got: Uint8Array[] = [];
        for (let slice = log.slice(at, Number.POSITIVE_INFINITY, limit); slice !== undefined; ) {
          expect(slice.from).toBe(at + 1);
          expect(slice.bytes.length <= limit || slice.to === slice.from).toBe(true);
          got.push(slice.bytes);
          at = slice.to;
          slice = log.slice(at, Number.POSITIVE_INFINITY, limit);
        }
        expect(at).toBe(given.length);
        expect(Buffer.concat(got).equals(Buffer.concat(entries.slice(log.oldest - 1)))).toBe(true);
      }),
    );
  });

  test('a slice stops at the seq it is asked for', () => {
    const { log, entries } = filled([10, 20, 30, 40]);
    expect(log.slice(1, 3, 1000)).toEqual({ bytes: Buffer.concat(entries.slice(1, 3)), from: 2, to: 3 });
    expect(log.slice(3, 3, 1000)).toBeUndefined();
  });

  test('logs that are read in turn keep to their own entries', () => {
    const { log: one, entries: ofOne } = filled([10, 10]);
    const { log: other, entries: ofOther } = filled([11, 11]);
    for (let round = 0; round < 2; round++) {
      expect(one.slice(0, 2, 1000)?.bytes).toEqual(Buffer.concat(ofOne));
      expect(other.slice(0, 2, 1000)?.bytes).toEqual(Buffer.concat(ofOther));
    }
  });

  test('a slice that was cut before is cut anew when there is more', () => {
    const { log } = filled([10, 10]);
    expect(log.slice(0, Number.POSITIVE_INFINITY, 1000)?.to).toBe(2);
    log.append(entry(3, 10));
    expect(log.slice(0, Number.POSITIVE_INFINITY, 1000)?.to).toBe(3);
  });

  test('holds no more than its budget, and the newest entries', () => {
    fc.assert(
      fc.property(sizes, budget, (given, bytes) => {
        const { log } = filled(given, bytes);
        expect(log.heldBytes <= bytes || log.oldest === log.head || log.heldBytes <= 6000).toBe(true);
        if (given.length > 0) expect(log.oldest).toBeLessThanOrEqual(log.head);
      }),
    );
  });
});

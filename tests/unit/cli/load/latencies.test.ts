import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Latencies } from '../../../../cli/load/latencies.ts';

const latencies = fc.array(fc.oneof(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 10_000_000 })), {
  minLength: 1,
  maxLength: 300,
});

function of(all: readonly number[]): Latencies {
  const counted = new Latencies();
  for (const micros of all) counted.add(micros);
  return counted;
}

describe('latencies', () => {
  test('have percentiles that are right to a thousandth', () => {
    fc.assert(
      fc.property(latencies, (all) => {
        const { count, p50, p99, max } = of(all).percentiles();
        const sorted = all.toSorted((a, b) => a - b);
        const at = (percent: number) => sorted[Math.max(0, Math.ceil((percent / 100) * all.length) - 1)] ?? Number.NaN;
        expect(count).toBe(all.length);
        for (const [told, right] of [
          [p50, at(50)],
          [p99, at(99)],
          [max, at(100)],
        ] as const) {
          expect(Math.abs(told - right)).toBeLessThanOrEqual(right / 1000 + 1);
        }
      }),
    );
  });

  test('of several threads together are as if one had counted them', () => {
    fc.assert(
      fc.property(latencies, latencies, (some, others) => {
        const merged = new Latencies();
        for (const part of [of(some), of(others)]) merged.addPacked(part.takePacked());
        expect(merged.buckets()).toEqual(of([...some, ...others]).buckets());
      }),
    );
  });

  test('are gone when they were taken', () => {
    const counted = of([7, 7, 9]);
    expect(counted.takePacked()).not.toBe('');
    expect(counted.takePacked()).toBe('');
    expect(counted.percentiles()).toMatchObject({ count: 0, p50: 0, max: 0 });
    counted.add(4);
    expect(counted.percentiles()).toMatchObject({ count: 1, p50: 4, max: 4 });
  });

  test('no percentile is above the largest', () => {
    expect(of([5_001]).percentiles()).toMatchObject({ p50: 5_001, p9999: 5_001, max: 5_001 });
  });
});

import { describe, expect, test } from 'vitest';
import { LOOK_AT_LOOP_EVERY_MS, Overload } from '../../../src/core/overload.ts';

/** Looks that come so late each, one after another. */
function lookedAt(delaysMs: readonly number[], maxDelayMs = 200): Overload {
  let nowMs = 0;
  const overload = new Overload(maxDelayMs, { monotonicMs: () => nowMs, utcMs: () => 0 });
  for (const delayMs of delaysMs) {
    nowMs += LOOK_AT_LOOP_EVERY_MS + delayMs;
    overload.look();
  }
  return overload;
}

describe('Overload', () => {
  test.each([
    { what: 'looks in time', delaysMs: Array(50).fill(5), isRefused: false },
    { what: 'one long turn', delaysMs: [5, 60_000], isRefused: false },
    { what: 'late for less than a second', delaysMs: [300, 300, 300], isRefused: false },
    { what: 'late for a second', delaysMs: [300, 300, 300, 300], isRefused: true },
    { what: 'late, but never beyond the bound', delaysMs: Array(50).fill(200), isRefused: false },
    { what: 'late with a break', delaysMs: [300, 300, 300, 5, 300, 300], isRefused: false },
    { what: 'over', delaysMs: [300, 300, 300, 300, 300, 5], isRefused: false },
  ])('$what: refused? $isRefused', ({ delaysMs, isRefused }) => {
    expect(lookedAt(delaysMs).refusal !== undefined).toBe(isRefused);
  });

  test('0 is no bound', () => {
    expect(lookedAt(Array(50).fill(5000), 0).refusal).toBeUndefined();
  });

  test('sends those who come together away for different times, a second at least', () => {
    const overload = lookedAt(Array(10).fill(500));
    const waits = Array.from({ length: 100 }, () => overload.refusal?.retryAfterMs ?? 0);
    expect(overload.refusal).toMatchObject({ reason: 'overloaded' });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...waits)).toBeLessThan(2000);
    expect(new Set(waits).size).toBe(100);
  });
});

import { expect, test } from 'vitest';
import { LineQuota } from '../../../src/telemetry/line-quota.ts';

test('of each kind twenty lines a second, and then how many there were besides', () => {
  let nowMs = 0;
  const quota = new LineQuota({ monotonicMs: () => nowMs, utcMs: () => 0 });
  const taken = (kind: string, times: number) => Array.from({ length: times }, () => quota.take(kind));
  expect(taken('flooded', 1000)).toEqual([...Array(20).fill(0), ...Array(980).fill(undefined)]);
  expect(quota.take('silent')).toBe(0);
  nowMs += 999;
  expect(quota.take('flooded')).toBeUndefined();
  nowMs += 1;
  expect(taken('flooded', 2)).toEqual([981, 0]);
});

import { expect, test } from 'vitest';
import { Backoff } from '../../../../cli/connection/backoff.ts';

function delays(chance: number, count: number): number[] {
  const backoff = new Backoff(() => chance);
  return Array.from({ length: count }, () => backoff.next(undefined));
}

test('the most it waits doubles from 250 ms up to 30 s', () => {
  expect(delays(1, 9)).toEqual([250, 500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
});

test('it waits any part of that', () => {
  expect(delays(0, 3)).toEqual([0, 0, 0]);
  expect(delays(0.5, 3)).toEqual([125, 250, 500]);
});

test('what the server told is obeyed, and counts as an attempt', () => {
  const backoff = new Backoff(() => 1);
  expect(backoff.next(90_000)).toBe(90_000);
  expect(backoff.next(undefined)).toBe(500);
  expect(backoff.attempt).toBe(2);
});

test('reset begins from the beginning', () => {
  const backoff = new Backoff(() => 1);
  backoff.next(undefined);
  backoff.next(undefined);
  backoff.reset();
  expect(backoff.next(undefined)).toBe(250);
  expect(backoff.attempt).toBe(1);
});

import { beforeEach, expect, test, vi } from 'vitest';
import { SilenceWatch } from '../../../../cli/connection/silence-watch.ts';
import { FakeTiming } from '../../../support/fake-timing.ts';

const LIMIT_MS = 35_000;

let timing: FakeTiming;
let silent: ReturnType<typeof vi.fn<(limitMs: number) => void>>;
let watch: SilenceWatch;

beforeEach(() => {
  timing = new FakeTiming();
  silent = vi.fn<(limitMs: number) => void>();
  watch = new SilenceWatch(timing, silent);
  watch.expect(LIMIT_MS);
});

test('silence is told at the limit, once', () => {
  timing.advance(LIMIT_MS - 1);
  expect(silent).not.toHaveBeenCalled();
  timing.advance(1);
  expect(silent).toHaveBeenCalledExactlyOnceWith(LIMIT_MS);
  timing.advance(10 * LIMIT_MS);
  expect(silent).toHaveBeenCalledOnce();
  expect(timing.pending).toBe(0);
});

test('what is heard counts from its own time', () => {
  timing.advance(20_000);
  watch.heard();
  timing.advance(LIMIT_MS - 1);
  expect(silent).not.toHaveBeenCalled();
  timing.advance(1);
  expect(silent).toHaveBeenCalledOnce();
});

test('what is heard at the second look is in time', () => {
  timing.advance(LIMIT_MS - 1);
  watch.heard();
  timing.advance(LIMIT_MS - 1);
  expect(silent).not.toHaveBeenCalled();
});

test('time in which nobody listens does not count', () => {
  timing.advance(30_000);
  watch.pause();
  timing.advance(10 * LIMIT_MS);
  watch.resume();
  timing.advance(LIMIT_MS - 1);
  expect(silent).not.toHaveBeenCalled();
  timing.advance(1);
  expect(silent).toHaveBeenCalledOnce();
});

test.each([
  { what: 'a limit of 0', stop: () => watch.expect(0) },
  { what: 'stop', stop: () => watch.stop() },
  { what: 'resume after stop', stop: () => [watch.stop(), watch.resume()] },
])('$what: never, and no timer stays', ({ stop }) => {
  stop();
  expect(timing.pending).toBe(0);
  timing.advance(10 * LIMIT_MS);
  expect(silent).not.toHaveBeenCalled();
});

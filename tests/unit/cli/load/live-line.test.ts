import { expect, test } from 'vitest';
import { progressLine } from '../../../../cli/load/live/line.ts';
import { NO_PROGRESS, sampleFaults, sampleProgress } from '../../../support/sample-progress.ts';

const words = (text: string) => text.replaceAll(/ +/g, ' ');

test('a line tells the last second, what went wrong so far, and how long it takes', () => {
  const errors = [
    { reason: 'slow_consumer', count: 12, advice: undefined },
    { reason: 'ECONNRESET', count: 3, advice: undefined },
  ];
  expect(words(progressLine(sampleProgress(55, { faults: sampleFaults(), errors })))).toBe(
    '00:55 measuring 4,998 seated 500 posts/s 31,817 deliveries/s p50 1.53 ms p99 10.7 ms lag 920 µs faults 8 errors 15 25 s left',
  );
});

test('a run that has just begun has no figures, and nobody knows how long it takes', () => {
  expect(words(progressLine(NO_PROGRESS))).toBe(
    '00:00 joining 0 seated 0 posts/s 0 deliveries/s p50 – p99 – lag 0 µs faults 0 errors 0',
  );
});

test('the lines of a run stand one under the other', () => {
  const lines = [3, 15, 55, 82].map((seconds) => progressLine(sampleProgress(seconds)));
  for (const word of ['seated', 'posts/s', 'deliveries/s', 'p99', 'lag', 'faults', 'errors']) {
    expect(new Set(lines.map((line) => line.indexOf(word))).size).toBe(1);
  }
});

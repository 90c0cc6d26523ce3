import { describe, expect, test } from 'vitest';
import { toolLimit } from '../../../../cli/load/run/tool-limit.ts';

describe('the tool was the limit', () => {
  test.each([
    {
      name: 'a worker was at work all the time',
      busiestWorker: 0.95,
      lag: { p99: 900, max: 900 },
      delivery: { p99: 90_000, max: 90_000 },
      says: /95%/,
    },
    {
      name: 'its own lag is most of the latency',
      busiestWorker: 0.4,
      lag: { p99: 30_000, max: 30_000 },
      delivery: { p99: 40_000, max: 40_000 },
      says: /30\.0 ms.*40\.0 ms/,
    },
    {
      name: 'it was late, and nothing was delivered',
      busiestWorker: 0.1,
      lag: { p99: 30_000, max: 30_000 },
      delivery: { p99: 0, max: 0 },
      says: /30\.0 ms/,
    },
    {
      name: 'it stood still once, which is in the largest latencies alone',
      busiestWorker: 0.2,
      lag: { p99: 1_000, max: 900_000 },
      delivery: { p99: 2_000, max: 950_000 },
      says: /900 ms/,
    },
  ])('where $name', ({ says, ...figures }) => {
    expect(toolLimit(figures)).toMatch(says);
  });

  test.each([
    {
      name: 'the server is slow',
      busiestWorker: 0.4,
      lag: { p99: 9_000, max: 9_000 },
      delivery: { p99: 400_000, max: 400_000 },
    },
    {
      name: 'all is fast: a timer is a millisecond late',
      busiestWorker: 0.1,
      lag: { p99: 1_200, max: 1_200 },
      delivery: { p99: 1_500, max: 1_500 },
    },
    {
      name: 'it stood still once and nobody waited for anything',
      ...{ busiestWorker: 0.1, lag: { p99: 900, max: 300_000 }, delivery: { p99: 0, max: 0 } },
    },
  ])('not where $name', (figures) => {
    expect(toolLimit(figures)).toBeUndefined();
  });
});

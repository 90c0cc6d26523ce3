import { describe, expect, test } from 'vitest';
import { toolLimit } from '../../../../cli/load/run/tool-limit.ts';

describe('the tool was the limit', () => {
  test.each([
    { name: 'a worker was at work all the time', busiestWorker: 0.95, lagP99: 900, deliveryP99: 90_000, says: /95%/ },
    {
      name: 'its own lag is most of the latency',
      busiestWorker: 0.4,
      lagP99: 30_000,
      deliveryP99: 40_000,
      says: /30\.0 ms.*40\.0 ms/,
    },
    {
      name: 'it was late, and nothing was delivered',
      busiestWorker: 0.1,
      lagP99: 30_000,
      deliveryP99: 0,
      says: /30\.0 ms/,
    },
  ])('where $name', ({ says, ...figures }) => {
    expect(toolLimit(figures)).toMatch(says);
  });

  test.each([
    { name: 'the server is slow', busiestWorker: 0.4, lagP99: 9_000, deliveryP99: 400_000 },
    { name: 'all is fast: a timer is a millisecond late', busiestWorker: 0.1, lagP99: 1_200, deliveryP99: 1_500 },
  ])('not where $name', (figures) => {
    expect(toolLimit(figures)).toBeUndefined();
  });
});

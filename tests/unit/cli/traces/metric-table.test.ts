import { describe, expect, test } from 'vitest';
import { type MetricRow, MetricTable } from '../../../../cli/traces/metric-table.ts';
import { percentile } from '../../../../cli/traces/percentile.ts';
import type { Buckets, MetricPoint } from '../../../../cli/traces/received.ts';
import { counter, histogram } from '../../../support/received.ts';

/** The row after each point. */
function rowsOf(...points: MetricPoint[]): (MetricRow | undefined)[] {
  const table = new MetricTable();
  return points.map((point) => table.add(point, 0));
}

describe('the rate of a counter', () => {
  interface Case {
    readonly what: string;
    readonly points: readonly MetricPoint[];
    readonly values: readonly number[];
    readonly rates: readonly (number | undefined)[];
  }

  test.each<Case>([
    {
      what: 'is that between its last two points, by their own times',
      points: [counter(10, 100), counter(30, 110), counter(31, 110.5)],
      values: [10, 30, 31],
      rates: [undefined, 2, 2],
    },
    {
      what: 'is unknown where the counter began anew',
      points: [counter(10, 1), counter(3, 2), counter(5, 3)],
      values: [10, 3, 5],
      rates: [undefined, undefined, 2],
    },
    {
      what: 'stays when a point comes twice',
      points: [counter(1, 1), counter(5, 2), counter(5, 2)],
      values: [1, 5, 5],
      rates: [undefined, 4, 4],
    },
    {
      what: 'is that of its time, when points count from the one before and have to be added up',
      points: [
        counter(10, 2, { isDelta: true, startUnixNano: 0n }),
        counter(1, 4, { isDelta: true, startUnixNano: 2_000_000_000n }),
      ],
      values: [10, 11],
      rates: [5, 0.5],
    },
    {
      what: 'is not told of what goes up and down',
      points: [counter(1, 1, { kind: 'up_down_counter' }), counter(5, 2, { kind: 'up_down_counter' })],
      values: [1, 5],
      rates: [undefined, undefined],
    },
  ])('$what', ({ points, values, rates }) => {
    expect(rowsOf(...points)).toEqual(
      values.map((value, index) => expect.objectContaining({ value, perSecond: rates[index] })),
    );
  });
});

describe('the table', () => {
  test('has a row for each name, attributes and process, whatever the order of the attributes', () => {
    const table = new MetricTable();
    table.add(counter(1, 1, { attributes: { a: 1, b: 2 } }), 0);
    table.add(counter(2, 2, { attributes: { b: 2, a: 1 } }), 0);
    table.add(counter(3, 2, { attributes: { a: 1 } }), 0);
    table.add(counter(4, 2, { instance: 'two' }), 0);
    table.add(counter(5, 2, { name: 'other' }), 0);
    expect(table.rows().map((row) => 'value' in row && row.value)).toEqual([2, 3, 4, 5]);
  });

  test('has our own metrics first, and then goes by the name', () => {
    const table = new MetricTable();
    for (const name of ['v8js.gc', 'chat.write.count', 'a', 'chat.log.bytes']) table.add(counter(1, 1, { name }), 0);
    expect(table.rows().map(({ name }) => name)).toEqual(['chat.log.bytes', 'chat.write.count', 'a', 'v8js.gc']);
  });

  test('drops what is exported no more', () => {
    const table = new MetricTable();
    table.add(counter(1, 1), 0);
    table.add(counter(1, 1, { instance: 'two' }), 100_000);
    table.forget(150_000);
    expect(table.rows()).toHaveLength(2);
    table.forget(150_001);
    expect(table.rows().map(({ instance }) => instance)).toEqual(['two']);
  });

  test('takes 1,000 rows, and counts the points beyond', () => {
    const table = new MetricTable();
    for (let i = 0; i < 1010; i++) table.add(counter(1, 1, { attributes: { i } }), 0);
    table.add(counter(7, 2, { attributes: { i: 3 } }), 0);
    expect(table.rows()).toHaveLength(1000);
    expect([table.takeLeftOut(), table.takeLeftOut()]).toEqual([10, 0]);
  });

  test('has count, mean and percentiles of a histogram', () => {
    const [row] = rowsOf(histogram([50, 40, 10], 1, { sum: 120, min: 0, max: 4 }));
    expect(row).toMatchObject({ kind: 'histogram', count: 100, mean: 1.2, p50: 1 });
    expect(row).toHaveProperty('p99', expect.closeTo(3.8));
  });

  test('adds up a histogram whose points count from the one before', () => {
    const isDelta = true;
    const rows = rowsOf(histogram([1, 0, 0], 1, { isDelta, sum: 1 }), histogram([1, 2, 0], 2, { isDelta, sum: 5 }));
    expect(rows[1]).toMatchObject({ count: 4, mean: 1.5, p50: 1 });
  });

  test('has no mean of a histogram in which there is nothing', () => {
    expect(rowsOf(histogram([0, 0, 0], 1))).toEqual([
      expect.objectContaining({ count: 0, mean: undefined, p50: undefined, p99: undefined }),
    ]);
  });
});

describe('a percentile of buckets', () => {
  const buckets = (given: Partial<Buckets>): Buckets => ({
    bounds: [1, 2, 4],
    bucketCounts: [0, 0, 0, 0],
    min: undefined,
    max: undefined,
    ...given,
  });

  interface Case {
    readonly what: string;
    readonly given: Partial<Buckets>;
    readonly share: number;
    readonly value: number | undefined;
  }

  test.each<Case>([
    { what: 'evenly within its bucket', given: { bucketCounts: [0, 10, 0, 0] }, share: 0.5, value: 1.5 },
    { what: 'from 0 in the first bucket', given: { bucketCounts: [10, 0, 0, 0] }, share: 0.5, value: 0.5 },
    { what: 'on the edge of two buckets', given: { bucketCounts: [10, 0, 10, 0] }, share: 0.5, value: 1 },
    { what: 'behind empty buckets', given: { bucketCounts: [1, 0, 99, 0] }, share: 0.505, value: 3 },
    { what: 'at most the largest', given: { bucketCounts: [0, 0, 9, 0], max: 2.5 }, share: 0.99, value: 2.5 },
    { what: 'at least the smallest', given: { bucketCounts: [9, 0, 0, 0], min: 0.8 }, share: 0.01, value: 0.802 },
    { what: 'up to the largest in the last', given: { bucketCounts: [0, 0, 0, 4], max: 8 }, share: 0.5, value: 6 },
    { what: 'the last bound, without a largest', given: { bucketCounts: [0, 0, 0, 4] }, share: 0.5, value: 4 },
    { what: 'of all', given: { bucketCounts: [1, 1, 1, 0] }, share: 1, value: 4 },
    { what: 'below 0', given: { bounds: [-2, 0], bucketCounts: [0, 4, 0] }, share: 0.5, value: -1 },
    { what: 'of one bucket alone', given: { bounds: [], bucketCounts: [4], min: 1, max: 3 }, share: 0.5, value: 2 },
    { what: 'of nothing', given: {}, share: 0.5, value: undefined },
    { what: 'of no buckets', given: { bounds: [], bucketCounts: [] }, share: 0.5, value: undefined },
  ])('is $what', ({ given, share, value }) => {
    const found = percentile(buckets(given), share);
    if (value === undefined) expect(found).toBeUndefined();
    else expect(found).toBeCloseTo(value);
  });
});

import { describe, expect, test } from 'vitest';
import { scenarioOf } from '../../../cli/load/settings.ts';
import { readConfig } from '../../../src/config.ts';
import { askedOf } from '../../bench/curves/asked.ts';
import { drawingOf } from '../../bench/curves/chart.ts';
import { type Curve, type Curves, commonLoad, isFarBeyond, isReached, isSwift } from '../../bench/curves/curve.ts';
import { ladderOf, loadOf, SHAPES } from '../../bench/curves/shapes.ts';
import { tableOf } from '../../bench/curves/table.ts';
import type { Summary } from '../../bench/summary.ts';

const MS = 1000;

/** One that reaches all that is offered at once, but for what is said. */
function pointOf(offered: number, { reached = offered, ...said }: Partial<Summary> & { reached?: number } = {}) {
  const summary: Summary = {
    deliveriesPerSecond: { median: reached, least: reached, most: reached },
    ...{ serverCpuMicrosPerDelivery: 12.345, serverCores: 0.5, bytesPerClient: 1024, toolCores: 0.4, toolLimited: 0 },
    ...{ p50: 2 * MS, p99: 20 * MS, joinP99: 30 * MS, faults: 0, errors: 0 },
    ...said,
  };
  return { offered, summary };
}

const OURS: Curve = {
  name: 'ours, full clients',
  server: 'ours',
  points: [pointOf(10_000), pointOf(20_000), pointOf(40_000, { p99: 150 * MS }), pointOf(80_000, { reached: 60_000 })],
};
const BASIC: Curve = { name: 'ours, basic clients', server: 'ours', points: [pointOf(10_000), pointOf(20_000)] };
const WS: Curve = {
  name: 'plain ws',
  server: 'plain ws',
  points: [
    pointOf(10_000, { faults: 2, errors: 1, p99: 12.3 * MS }),
    pointOf(20_000, { reached: 9_000, toolLimited: 1 }),
  ],
};

function curvesOf(...curves: readonly Curve[]): Curves {
  const [shape] = SHAPES;
  if (shape === undefined) throw new Error('no shape');
  return { shape, words: 'a machine of <two> cores', seconds: 4, rounds: 3, curves };
}

describe('the ladder', () => {
  test.each(SHAPES)('of $name doubles from step to step', (shape) => {
    const ladder = ladderOf(shape);
    expect(ladder.length).toBeGreaterThan(4);
    expect(ladder).toEqual(ladder.map((_, step) => shape.lowest * 2 ** step));
  });

  test.each(SHAPES)(
    'of $name is what the load tester is told to offer, and below the rate limit of a session',
    (shape) => {
      const { limits } = readConfig({});
      for (const offered of ladderOf(shape)) {
        const words = loadOf(shape, offered);
        const given = Object.fromEntries(
          words.flatMap((word, at) => (at % 2 === 0 ? [[word.slice(2), words[at + 1]]] : [])),
        );
        const { clients, rooms, sendersPerRoom, load } = scenarioOf('flags', given);
        const rate = load.kind === 'rate' ? load.messagesPerSecond : 0;
        expect(rooms * sendersPerRoom * rate * (clients / rooms)).toBeCloseTo(offered);
        expect(clients / rooms).toBe(shape.members);
        expect(rate).toBeLessThan(limits.rateLimit);
      }
    },
  );
});

describe('a point', () => {
  test('is reached where nearly all of it came', () => {
    expect([9_499, 9_500, 10_200].map((reached) => isReached(pointOf(10_000, { reached })))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('is swift where nearly all of it came, and that soon', () => {
    expect(isSwift(pointOf(10_000, { p99: 99 * MS }))).toBe(true);
    expect(isSwift(pointOf(10_000, { p99: 100 * MS }))).toBe(false);
    expect(isSwift(pointOf(10_000, { p99: undefined }))).toBe(false);
    expect(isSwift(pointOf(10_000, { reached: 9_000 }))).toBe(false);
  });

  test('is far beyond a server that delivers less than half, or late by more than a second', () => {
    expect(isFarBeyond(pointOf(10_000, { reached: 5_000, p99: 1_000 * MS }))).toBe(false);
    expect(isFarBeyond(pointOf(10_000, { reached: 4_999 }))).toBe(true);
    expect(isFarBeyond(pointOf(10_000, { p99: 1_001 * MS }))).toBe(true);
  });
});

test('the load that all reach', () => {
  expect(commonLoad([OURS, BASIC])).toBe(20_000);
  expect(commonLoad([OURS, BASIC, WS])).toBe(10_000);
  expect(commonLoad([OURS, { ...WS, points: [] }])).toBeUndefined();
  expect(commonLoad([])).toBeUndefined();
});

describe('the table', () => {
  test('has a row a contender, with a star where the load tester was the limit, or may have been what kept it from more', () => {
    const limited: Curve = { ...BASIC, points: [pointOf(10_000), pointOf(20_000, { toolLimited: 1 })] };
    expect(tableOf([curvesOf(OURS, limited, WS)]).split('\n')).toEqual([
      '| rooms × members | server, clients | most deliveries/s reached | with p99 < 100 ms | at deliveries/s | CPU µs a delivery | p50 | p99 | faults, errors |',
      `|${' --- |'.repeat(9)}`,
      '| 50 × 40 | ours, full clients | 40,000 | 20,000 | 10,000 | 12.35 | 2.00 ms | 20.0 ms | 0, 0 |',
      '| 50 × 40 | ours, basic clients | 20,000 * | 20,000 * | 10,000 | 12.35 | 2.00 ms | 20.0 ms | 0, 0 |',
      '| 50 × 40 | plain ws | 10,000 * | 10,000 * | 10,000 | 12.35 | 2.00 ms | 12.3 ms | 2, 1 |',
      '',
      '\\* The load tester was the limit in a round or more: the server may do better.',
    ]);
  });

  test('says of what was reached by nobody that it is not there', () => {
    const lost: Curve = { ...WS, points: [pointOf(10_000, { reached: 0, p50: undefined, p99: undefined })] };
    expect(tableOf([curvesOf(lost)]).split('\n')[2]).toBe('| 50 × 40 | plain ws | – | – | – | – | – | – | 0, 0 |');
  });
});

describe('the chart', () => {
  const svg = drawingOf(curvesOf(OURS, BASIC, WS));

  test('shows nothing that is no value, and asks nobody for anything', () => {
    expect(svg).not.toMatch(/NaN|undefined|Infinity|\[object/);
    expect(svg.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:|<script|@import|url\(/);
  });

  test('has a line and its marks a contender in each of three plots, and its name once', () => {
    expect(svg.match(/<path class="line" d="M[^0]/g)).toHaveLength(9);
    for (const { name } of [OURS, BASIC, WS]) expect(svg.split(`>${name}<`)).toHaveLength(2);
    // Eight points in three plots and three in the legend; of one the load tester was the limit.
    expect(svg.match(/class="full"/g)).toHaveLength(7 * 3 + 3);
    expect(svg.match(/class="hollow"/g)).toHaveLength(3);
    expect(svg).toContain('Hollow: the load tester was the limit.');
  });

  test('says in words what it is of, and of which machine', () => {
    expect(svg).toContain(
      '<title>50 rooms of 40: medians of 3 × 4 s. Latency and CPU against the offered load.</title>',
    );
    expect(svg).toContain('<desc>a machine of &lt;two&gt; cores</desc>');
  });

  test('is there too where no latency was measured', () => {
    const nothing = { reached: 0, p50: undefined, p99: undefined, serverCores: undefined };
    expect(drawingOf(curvesOf({ ...WS, points: [pointOf(10_000, nothing)] }))).not.toMatch(/NaN|Infinity/);
  });
});

describe('what is asked for', () => {
  test('is everything unless something else is said', () => {
    expect(askedOf({ ONLY: '', SECONDS: '' })).toEqual({ seconds: 2, rounds: 3, shapes: SHAPES });
    expect(askedOf({ ONLY: '1x2000', SECONDS: '1.5', ROUNDS: '1' })).toMatchObject({
      ...{ seconds: 1.5, rounds: 1 },
      shapes: [{ name: '1x2000' }],
    });
  });

  test.each([
    { SECONDS: '0' },
    { SECONDS: 'x' },
    { SECONDS: '16' },
    { ROUNDS: '1.5' },
    { ROUNDS: '0' },
    { ONLY: 'all' },
  ])('%o is refused with what there is', (environment) => {
    expect(() => askedOf(environment)).toThrow(
      'takes SECONDS from 1 to 15, ROUNDS from 1 to 9, and ONLY one of 50x40, 20x100, 1x2000, 1x10000, 2000x2, such as: make curves ROUNDS=1 ONLY=50x40',
    );
  });
});

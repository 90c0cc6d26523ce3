import { describe, expect, test } from 'vitest';
import { FAULT_KINDS, type Fault } from '../../../../cli/load/fault.ts';
import { linearAxis, placeOf } from '../../../../cli/load/report/html/axis.ts';
import { barsOf } from '../../../../cli/load/report/html/bars-of.ts';
import { htmlOf } from '../../../../cli/load/report/html/html.ts';
import { STYLE } from '../../../../cli/load/report/html/style.ts';
import { CLIENT_STATES, type Point, type Report } from '../../../../cli/load/report/report.ts';
import { emptyReport, healthyReport, NOTHING, samplePoint, sampleReport } from '../../../support/sample-report.ts';

/** What a reader sees of it, tooltips and labels included. */
function textOf(html: string): string {
  return html
    .replace(/<style>[\s\S]*?<\/style>/g, '')
    .replace(/<[^>]*?aria-label="([^"]*)"[^>]*>/g, '\n$1\n')
    .replace(/<[^>]*>/g, '\n');
}

/** The cells of the row that the name heads. */
function cellsOf(html: string, name: string): (string | undefined)[][] {
  const rows = [...html.matchAll(/<tr><th scope="row">(.*?)<\/th>(.*?)<\/tr>/g)].filter(([, head]) => head === name);
  return rows.map(([, , cells = '']) => [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell]) => cell));
}

function longRun(changed: Partial<Point>): Report {
  const points = Array.from({ length: 86_400 }, (_, index) => {
    const point = samplePoint({ seconds: index + 1, phase: 'measuring', isHealthy: true });
    return index === 54_321 ? { ...point, ...changed } : point;
  });
  return { ...healthyReport(), points };
}

/** What a broken figure looks like; `toLocaleString` writes infinity as a sign. */
const NO_VALUE = /NaN|undefined|Infinity|∞|\[object/;

describe('the page', () => {
  const html = htmlOf(sampleReport());

  test('asks nobody for anything and runs no script', () => {
    expect(html).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<script|<iframe|<object|<embed|@import|\son\w+=/i);
    const links = [...html.matchAll(/\s(?:src|href|srcset|action|poster)="?([^"\s>]*)|url\(([^)]*)\)/gi)];
    expect(links.length).toBeGreaterThan(0);
    for (const [, link = '', url = ''] of links) expect(link + url).toMatch(/^(data:|#)/);
    expect(html).toContain("default-src 'none'");
  });

  test('shows the reader nothing that is no value', () => {
    expect(html).not.toMatch(NO_VALUE);
  });

  test('has a chart for each question, twice for two widths, each with what it shows in words', () => {
    expect([...html.matchAll(/<figure>\n<figcaption><h3>(.*?)<\/h3>/g)].map(([, title]) => title)).toEqual([
      'Throughput',
      'Time from post to delivery',
      'Deliveries by time taken',
      'Clients by state',
      'Lag of the tool, faults, errors',
    ]);
    expect(html.match(/<svg class="chart (wide|narrow)" [^>]*role="img" aria-label="[^"]{20,}"/g)).toHaveLength(10);
  });

  test('names every state of clients in the legend', () => {
    for (const state of CLIENT_STATES) expect(html).toMatch(new RegExp(`<li><svg.*?</svg>${state}</li>`));
  });

  test('tells broken from held, with what was found', () => {
    expect(textOf(html)).toMatch(
      /✗ Broken\s+57 faults\s+found\.[\s\S]*✗ broken\s+p99&lt;50ms\s+found 85\.6 ms[\s\S]*✓ holds/,
    );
    expect(textOf(htmlOf(healthyReport()))).toMatch(/✓ Holds\s+No faults were found\./);
  });

  test.each([
    { what: 'where the tool was the limit', report: sampleReport(), banner: 'The tool was the limit', isThere: true },
    { what: 'not where the server was', report: healthyReport(), banner: 'The tool was the limit', isThere: false },
    { what: 'where it was ended early', report: emptyReport(), banner: 'Ended early.', isThere: true },
    { what: 'not where it took its time', report: sampleReport(), banner: 'Ended early.', isThere: false },
  ])('warns $what', ({ report, banner, isThere }) => {
    expect(htmlOf(report).includes(`<p class="banner"><strong>${banner}`)).toBe(isThere);
  });
});

describe('what others wrote', () => {
  const PLACES = [
    ...['command', 'server', 'startedAt', 'machine', 'tool', 'name', 'expected', 'expectation', 'actual', 'limit'],
    ...['room', 'client', 'sender', 'slowest room', 'slowest client', 'reason', 'advice'],
  ] as const;
  const evil = (place: (typeof PLACES)[number]) => `<script>"${place.replace(' ', '_')}"&'\u202e'</script>`;
  const report = sampleReport();
  const example: Fault = {
    kind: 'lost',
    room: evil('room'),
    client: evil('client'),
    seqs: { from: 1, to: 1 },
    numbers: { sender: evil('sender'), from: 1, to: 1 },
  };
  const slowest = { room: evil('slowest room'), client: evil('slowest client'), seq: 1 };
  const html = htmlOf({
    ...report,
    command: evil('command'),
    server: evil('server'),
    startedAt: evil('startedAt'),
    machine: evil('machine'),
    tool: evil('tool'),
    scenario: { ...report.scenario, name: evil('name'), expectations: [evil('expected')] },
    verdict: { holds: false, expectations: [{ text: evil('expectation'), actual: evil('actual'), holds: false }] },
    faults: [{ kind: 'lost', count: 1, examples: [example] }],
    latencies: report.latencies.map((one) => ({ ...one, slowest })),
    errors: [{ reason: evil('reason'), count: 1, advice: evil('advice') }],
    lag: { ...report.lag, toolWasLimit: evil('limit') },
  });

  test.each(PLACES)('is text: %s', (place) => {
    const shown = `&lt;script&gt;&quot;${place.replace(' ', '_')}&quot;&amp;&#39;\ufffd&#39;&lt;/script&gt;`;
    expect(html).toContain(shown);
  });

  test('is nowhere anything else', () => {
    expect(html).not.toMatch(/<\/?script|\u202e/);
  });
});

describe('the tables', () => {
  const report = sampleReport();
  const html = htmlOf(report);

  test('have each fault with how many and which', () => {
    for (const { kind, count, examples } of report.faults) {
      expect(cellsOf(html, kind)[0]?.[0]).toBe(count === 0 ? '0' : `<b class="bad">${count}</b>`);
      for (const { room, client, seqs, numbers } of examples) {
        const row = cellsOf(html, kind).find(([first, second]) => first === room && second === client);
        for (const number of [seqs?.from, seqs?.to, numbers?.from, numbers?.to, numbers?.sender]) {
          if (number !== undefined) expect(row?.[2]).toContain(`${number}`);
        }
      }
    }
    expect(report.faults.map(({ kind }) => kind)).toEqual([...FAULT_KINDS]);
  });

  test('say how many faults more there are than the examples show', () => {
    expect(cellsOf(html, 'lost')).toContainEqual(['', '', 'and 34 more']);
    expect(cellsOf(html, 'unacked').flat().join()).not.toContain('more');
  });

  test('have the slowest by room, client and seq', () => {
    expect(cellsOf(html, 'post to ack')).toContainEqual(['702 ms', 'load-3', 'c-0003', '18114']);
  });

  test('have errors with advice', () => {
    expect(cellsOf(html, 'rate_limited')).toEqual([['2', 'Raise CHAT_GRPC_RATE_LIMIT, or send less often.']]);
  });

  test('have what the server took, where it is known', () => {
    expect(cellsOf(html, 'CPU a delivery')).toEqual([['30.4 µs']]);
    expect(cellsOf(htmlOf(healthyReport()), 'CPU a delivery')).toEqual([]);
  });
});

describe('to repeat the run', () => {
  const report = sampleReport();
  const html = htmlOf(report);

  test('every setting of the scenario is there', () => {
    const settings: Record<keyof Report['scenario'], readonly [string, string]> = {
      name: ['scenario', 'busy-evening'],
      clients: ['clients', '1,000'],
      rooms: ['rooms', '10'],
      sendersPerRoom: ['senders in each room', '2'],
      load: ['load', '15.5 messages a second from each sender, whether or not the server keeps up'],
      durationMs: ['measured for', '35 s'],
      warmupMs: ['warmed up for', '8.25 s'],
      payload: ['content of a message', '16 to 2,048 bytes'],
      joinsPerSecond: ['joins a second', '150'],
      churnPerSecond: ['clients that leave and come back, a second', '3.25'],
      cutsPerSecond: ['clients cut off, a second', '2.75'],
      slow: ['slow readers', '21'],
      frozen: ['readers that stop', '5'],
      clientKind: ['kind of client', 'full'],
      streamsPerTransport: ['streams on each transport', '25'],
      workers: ['workers', '4'],
      seed: ['seed', '20260302'],
      expectations: ['expected', 'p99&lt;50ms<br>faults=0<br>seated=1000'],
    };
    const section = html.slice(html.indexOf('id="repeat"'));
    for (const [name, value] of Object.values(settings)) expect(cellsOf(section, name)).toEqual([[value]]);
  });

  test('the command is there as it was', () => {
    const [, command = ''] = /<pre><code>(.*?)<\/code><\/pre>/.exec(html) ?? [];
    const words = command
      .replace(/<\/?span>/g, '')
      .replaceAll('&#39;', "'")
      .replaceAll('&lt;', '<');
    expect(words).toBe(report.command);
  });

  test.each([
    { load: { kind: 'window', messages: 1 } as const, text: '1 message unanswered of each sender at any time' },
    { load: { kind: 'idle' } as const, text: 'nobody says anything' },
  ])('a load of kind $load.kind is told', ({ load, text }) => {
    expect(cellsOf(htmlOf({ ...report, scenario: { ...report.scenario, load } }), 'load')).toEqual([[text]]);
  });
});

describe('a run of little', () => {
  const points = healthyReport().points;

  test.each([
    { what: 'nothing at all', points: [] },
    { what: 'a second', points: points.slice(0, 1) },
    {
      what: 'deliveries in no time',
      points: points.map((point) => ({ ...point, delivery: { ...NOTHING, count: 1, max: 1000 } })),
    },
    { what: 'silence', points: points.map((point) => ({ ...point, posts: 0, deliveries: 0, delivery: NOTHING })) },
    {
      what: 'no lag and nobody',
      points: points.map((point) => ({
        ...point,
        lagMax: 0,
        states: samplePoint({ seconds: 1, phase: 'leaving', isHealthy: true }).states,
      })),
    },
  ])('has no broken figures: $what', ({ points }) => {
    const html = htmlOf({ ...emptyReport(), points });
    expect(html).not.toMatch(NO_VALUE);
    // Nor is anything drawn to the left of or above its drawing.
    expect(html).not.toMatch(/ (?:x|y|cx|cy|width|height)="-/);
  });

  test('has zero at the foot of the axis, where there is nothing but zeros', () => {
    expect(placeOf(linearAxis(0, 100, String), [100, 0])(0)).toBe(100);
  });

  test('has a dash for each latency that nobody measured', () => {
    const html = htmlOf(emptyReport());
    expect(cellsOf(html, 'p99')).toEqual([['–', '–', '–', '–']]);
    expect(html).toContain('<dt>Delivery p99</dt><dd><b>–</b>');
  });
});

describe('a run of a day', () => {
  const peak = { ...NOTHING, count: 9, p50: 2000, p90: 3000, p99: 5_550_000, max: 7_654_321 };
  const html = htmlOf(longRun({ delivery: peak, lagMax: 4_320_000, faults: 3, errors: 5 }));

  test('is no large page, and says what was thinned', () => {
    expect(html.length).toBeLessThan(1_000_000);
    expect(html).toContain('a point stands for up to 2 min 24 s');
    expect(htmlOf(sampleReport())).not.toContain('a point stands for');
  });

  test('keeps the one second that was slow', () => {
    expect(html).toMatch(/<title>[^<]*p99 5\.55 s, max 7\.65 s<\/title>/);
    expect(html).toMatch(/<title>[^<]*lag 4\.32 s, 3 faults, 5 errors<\/title>/);
    expect(html).toContain('The slowest delivery took 7.65 s.');
  });

  test('has means for rates, and for clients what was last', () => {
    const points = Array.from({ length: 1200 }, (_, index) => {
      const point = samplePoint({ seconds: index + 1, phase: 'measuring', isHealthy: true });
      return { ...point, posts: index, deliveries: index * 10, states: { ...point.states, seated: index } };
    });
    const text = textOf(htmlOf({ ...healthyReport(), points }));
    expect(text).toContain('2 s, measuring: 5.0 deliveries/s, 0.5 posts/s');
    expect(text).toContain('2 s, measuring: 1 seated');
    expect(text).toContain('20 min, measuring: 1,199 seated');
  });

  test('keeps phases apart, however short', () => {
    const [first, ...others] = longRun({}).points;
    if (first === undefined) throw new Error('a long run has points');
    const text = textOf(htmlOf({ ...healthyReport(), points: [{ ...first, phase: 'joining' }, ...others] }));
    expect(text).toContain('Phases: joining until 1 s, measuring until 24 h.');
  });
});

describe('the bars of the histogram', () => {
  test('are 60, equally wide on a log scale, and count what the buckets count', () => {
    const { deliveryBuckets } = sampleReport();
    const bars = barsOf(deliveryBuckets);
    expect(bars).toHaveLength(60);
    const sum = (all: readonly { readonly count: number }[]) => all.reduce((before, { count }) => before + count, 0);
    expect(sum(bars)).toBeCloseTo(sum(deliveryBuckets), 3);
    const ratios = bars.map(({ from, to }) => to / from);
    expect(Math.max(...ratios) - Math.min(...ratios)).toBeLessThan(1e-9);
  });

  test.each([
    { what: 'below a microsecond', buckets: [{ from: 0, to: 1, count: 7 }] },
    { what: 'within half a microsecond', buckets: [{ from: 0, to: 0.25, count: 7 }] },
    { what: 'of one value', buckets: [{ from: 1000, to: 1001, count: 7 }] },
    {
      what: 'coarser than a bar',
      buckets: [
        { from: 1, to: 2, count: 3 },
        { from: 2, to: 3, count: 2 },
        { from: 90_000, to: 90_064, count: 2 },
      ],
    },
  ])('lose nothing $what', ({ buckets }) => {
    expect(barsOf(buckets).reduce((sum, { count }) => sum + count, 0)).toBeCloseTo(7, 6);
  });
});

describe('the colours', () => {
  /** WCAG 2.2, 1.4.3. */
  function luminance(colour: string): number {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5]
      .map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
      .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  }
  const schemes = [...STYLE.matchAll(/:root \{([^}]*--paper[^}]*)\}/g)].map(
    ([, block = '']) =>
      new Map([...block.matchAll(/--([\w-]+): (#\w{6})/g)].map(([, name = '', colour = '']) => [name, colour])),
  );
  const pairs = [
    ...['ink', 'faint', 'a'].flatMap((front) => ['paper', 'shade'].map((back) => ({ front, back, least: 4.5 }))),
    ...['good', 'bad', 'ink', 'a'].flatMap((front) =>
      ['good-paper', 'bad-paper'].map((back) => ({ front, back, least: 4.5 })),
    ),
    ...['b', 'c', 'd', 'e'].flatMap((front) => ['paper', 'shade'].map((back) => ({ front, back, least: 3 }))),
    { front: 'ink', back: 'warn-paper', least: 4.5 },
  ];

  test.each(pairs)('$front on $back can be read in light and dark', ({ front, back, least }) => {
    const ratios = schemes.map((colours) => {
      const [dark = 0, light = 0] = [front, back]
        .map((name) => luminance(colours.get(name) ?? ''))
        .sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    });
    expect(ratios).toHaveLength(2);
    for (const ratio of ratios) expect(ratio).toBeGreaterThanOrEqual(least);
  });
});

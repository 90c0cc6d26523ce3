import { describe, expect, test } from 'vitest';
import { FAULT_KINDS, FAULT_WORDS, type Fault, type FaultKind, type FaultTally } from '../../../../cli/load/fault.ts';
import type { Report } from '../../../../cli/load/report/report.ts';
import { reportLines } from '../../../../cli/load/report/text/text.ts';
import { lineCells, written } from '../../../../cli/terminal/line.ts';
import { emptyReport, healthyReport, sampleReport } from '../../../support/sample-report.ts';

const HOSTILE = '\u001b[2J\u001b]0;title\u0007\n\r\t\u202e日本🦊e\u0301';

const sample = sampleReport();

const seqs = (kind: FaultKind, room: string, client: string, [from, to]: readonly [number, number]): Fault => ({
  ...{ kind, room, client },
  seqs: { from, to },
  numbers: undefined,
});

const numbers = { sender: 'c-0003', from: 310, to: 315 };
const FOUND: Partial<Record<FaultKind, Omit<FaultTally, 'kind'>>> = {
  lost: {
    count: 48,
    examples: [seqs('lost', 'load-7', 'c-0417', [1_207, 1_219]), seqs('lost', 'load-7', 'c-0427', [1_214, 1_214])],
  },
  doubled: { count: 2, examples: [seqs('doubled', 'load-2', 'c-0032', [871, 872])] },
  unacked: {
    count: 6,
    examples: [{ kind: 'unacked', room: 'load-3', client: 'c-0003', seqs: undefined, numbers }],
  },
  misnumbered: {
    count: 1,
    examples: [
      {
        ...seqs('misnumbered', 'load-5', 'c-0015', [2_044, 2_044]),
        numbers: { sender: 'c-0015', from: 511, to: 511 },
      },
    ],
  },
};

/** With all that is looked for by its words here, so that the sample may change. */
const BROKEN: Report = {
  ...sample,
  verdict: {
    holds: false,
    expectations: [
      { text: 'p99<50ms', actual: '73.4 ms', holds: false },
      { text: 'seated=1000', actual: '1000', holds: true },
    ],
  },
  scenario: {
    ...sample.scenario,
    ...{ warmupMs: 8_250, payload: { minBytes: 16, maxBytes: 2_048 }, churnPerSecond: 3.25, cutsPerSecond: 2.75 },
    load: { kind: 'rate', messagesPerSecond: 15.5 },
  },
  faults: FAULT_KINDS.map((kind) => ({ kind, ...(FOUND[kind] ?? { count: 0, examples: [] }) })),
  latencies: sample.latencies.map((one) =>
    one.name === 'delivery'
      ? { ...one, count: 9, max: 2_210_000, slowest: { room: 'load-7', client: 'c-0417', seq: 20_931 } }
      : { ...one, count: 9, max: 91_400, slowest: { room: 'load-1', client: 'c-0991', seq: undefined } },
  ),
  errors: [{ reason: 'rate_limited', count: 2, advice: 'Send less often.' }],
  lag: { ...sample.lag, toolWasLimit: 'Use more workers.' },
  serverProcess: {
    ...{ pid: 48_213, cores: 0.94, cpuMicrosPerDelivery: 30.4, bytesPerClient: 72_351 },
    rss: { before: 91_226_112, seated: 163_577_856, end: 201_326_592 },
  },
};

const rows = (report: Report) => reportLines(report).map((line) => written(line, { colours: false }));
const text = (report: Report) => rows(report).join('\n');

describe('the report as text', () => {
  test.each([
    { of: 'a broken run', report: BROKEN },
    { of: 'a healthy run', report: healthyReport() },
    { of: 'a run that never began', report: emptyReport() },
  ])('of $of is at most 100 columns wide and tells no nonsense', ({ report }) => {
    for (const line of reportLines({ ...report, command: 'chat-client load' })) {
      expect(lineCells(line)).toBeLessThanOrEqual(100);
    }
    expect(text(report)).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('says at its end whether the run holds, in words', () => {
    expect(rows(healthyReport()).at(-1)).toMatch(/^✓ holds {3}(\d) of \1 expectations hold, 0 faults$/);
    expect(rows(BROKEN).at(-1)).toBe('✗ broken  1 of 2 expectations hold, 57 faults');
    expect(rows(emptyReport()).at(-1)).toBe('✓ holds   nothing was expected of it, 0 faults');
  });

  test('says of each expectation what was found', () => {
    expect(rows(BROKEN)).toContain('  ✗ broken  p99<50ms     found 73.4 ms');
    expect(rows(BROKEN)).toContain('  ✓ holds   seated=1000  found 1000');
  });

  test('names each example of a fault by room, client and seq or number, and tells how many more there are', () => {
    const seen = rows(BROKEN).map((row) => row.trim());
    for (const row of [
      'room load-7, client c-0417, seqs 1207–1219',
      'room load-7, client c-0427, seq 1214',
      'and 34 more',
      'room load-2, client c-0032, seqs 871–872',
      'room load-3, client c-0003, messages 310–315 of c-0003',
      'room load-5, client c-0015, seq 2044, message 511 of c-0015',
    ]) {
      expect(seen).toContain(row);
    }
    expect(seen.filter((row) => row.startsWith('and '))).toHaveLength(1);
  });

  test('lists every kind of fault, those too that did not occur', () => {
    for (const report of [BROKEN, healthyReport()]) {
      for (const [kind, words] of Object.entries(FAULT_WORDS)) {
        expect(text(report)).toMatch(new RegExp(`^ +\\d+ +${kind} +${words}$`, 'm'));
      }
    }
  });

  test('names the slowest of each latency', () => {
    expect(text(BROKEN)).toContain('slowest delivery  2.21 s: room load-7, client c-0417, seq 20931');
    expect(text(BROKEN)).toContain('slowest join      91.4 ms: room load-1, client c-0991\n');
    expect(text(emptyReport())).not.toContain('slowest ');
  });

  test('tells that the tool was the limit, and that the run was ended early, before any figure', () => {
    expect(text(BROKEN)).toMatch(/! The tool was the limit[\s\S]*Use more workers\.[\s\S]*Latencies/);
    expect(text(emptyReport())).toMatch(/! Ended early: 0 s of .* were measured\.[\s\S]*Latencies/);
    expect(text(healthyReport())).not.toContain('!');
  });

  test('tells of errors their advice, and of the server its process where it is known', () => {
    expect(text(BROKEN)).toMatch(/2 {2}rate_limited\n +Send less often\./);
    expect(text(BROKEN)).toContain('process 48213 · 0.94 cores · 30.4 µs a delivery');
    expect(text(healthyReport())).not.toContain('process ');
    expect(text(healthyReport())).toContain('Errors  none');
  });

  test('rounds nothing that was chosen', () => {
    for (const chosen of [
      '15.5 messages/s',
      '8.25 s of warming up',
      'churn 3.25/s',
      'cuts 2.75/s',
      '16 to 2,048 bytes',
    ]) {
      expect(text(BROKEN)).toContain(chosen);
    }
    expect(text(BROKEN)).toContain(BROKEN.command);
  });

  test('is harmless whatever names it is given', () => {
    const report: Report = {
      ...sample,
      ...{ server: HOSTILE, machine: HOSTILE, command: HOSTILE, tool: HOSTILE },
      scenario: { ...sample.scenario, name: HOSTILE },
      verdict: { holds: false, expectations: [{ text: HOSTILE, actual: HOSTILE, holds: false }] },
      errors: [{ reason: HOSTILE, count: 1, advice: HOSTILE }],
      lag: { ...sample.lag, toolWasLimit: HOSTILE },
      latencies: sample.latencies.map((one) => ({ ...one, slowest: { room: HOSTILE, client: HOSTILE, seq: 1 } })),
      faults: sample.faults.map(({ kind }) => ({
        ...{ kind, count: 1 },
        examples: [
          { kind, room: HOSTILE, client: HOSTILE, seqs: undefined, numbers: { sender: HOSTILE, from: 1, to: 1 } },
        ],
      })),
    };
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
    expect(rows(report).join('')).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]/);
    expect(rows(report)).toHaveLength(reportLines(report).length);
  });
});

describe('the histogram', () => {
  const histogram = (deliveryBuckets: Report['deliveryBuckets']) => {
    const seen = rows({ ...healthyReport(), deliveryBuckets });
    return seen.filter((row) => / – /.test(row));
  };
  const bucket = (from: number, count: number) => ({ from, to: from + 1, count });

  test('has a row for a single value', () => {
    expect(histogram([bucket(1_500, 12)])).toEqual([expect.stringMatching(/1\.50 ms – 1\.80 ms {2}█{46} +12 +100%$/)]);
  });

  test.each([
    { what: 'a narrow range', buckets: [bucket(1_000, 1), bucket(4_000, 2)] },
    { what: 'a wide one', buckets: [bucket(0, 1), bucket(80_000_000, 3)] },
    { what: 'the sample', buckets: sample.deliveryBuckets },
  ])('is of a dozen rows at most, whole for $what', ({ buckets }) => {
    const seen = histogram(buckets);
    expect(seen.length).toBeGreaterThan(4);
    expect(seen.length).toBeLessThanOrEqual(12);
    const counts = seen.map((row) => Number(/([\d,]+) +<?[\d.]+%$/.exec(row)?.[1]?.replaceAll(',', '')));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(buckets.reduce((sum, { count }) => sum + count, 0));
  });

  test('shows something wherever there is something, and nothing else', () => {
    const [few = '', none = '', many = ''] = histogram([bucket(1_000, 1), bucket(1_500, 1_000_000)]);
    expect(few).toMatch(/▏ +1 +<0\.001%$/);
    expect(none).not.toMatch(/[\u2581-\u258f]/);
    expect(many).toContain('█'.repeat(46));
  });

  test('is left out without deliveries', () => {
    expect(text(emptyReport())).not.toContain('Deliveries by latency');
  });
});

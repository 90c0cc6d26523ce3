import { describe, expect, test } from 'vitest';
import type { Progress } from '../../../../cli/load/live/progress.ts';
import { liveRows } from '../../../../cli/load/live/rows.ts';
import { lineCells, written } from '../../../../cli/terminal/line.ts';
import { NO_PROGRESS, SAMPLE_SCENARIO, sampleFaults, sampleProgress } from '../../../support/sample-progress.ts';

const HOSTILE = '\u001b[2J\u001b]0;title\u0007\n\r\t\u202e日本🦊e\u0301';

const errors = [
  { reason: 'slow_consumer', count: 1_204, advice: undefined },
  { reason: 'ECONNRESET', count: 3, advice: undefined },
  ...Array.from({ length: 40 }, (_, index) => ({ reason: `reason_${index}`, count: 1, advice: undefined })),
];

const troubled = (seconds: number) => sampleProgress(seconds, { faults: sampleFaults(), errors });

function texts(progress: Progress, columns = 80, rows = 24): string[] {
  return liveRows(progress, { columns, rows }).map((row) => written(row, { colours: false }));
}

const picture = (...of: Parameters<typeof texts>) => texts(...of).join('\n');

describe('the picture of a run', () => {
  const progresses: Readonly<Record<string, Progress>> = {
    empty: NO_PROGRESS,
    joining: sampleProgress(6),
    measuring: sampleProgress(55),
    'an hour': sampleProgress(3_600),
    troubled: troubled(60),
    huge: sampleProgress(60, {
      scenario: {
        ...SAMPLE_SCENARIO,
        clients: 1_000_000,
        rooms: 100_000,
        name: 'x'.repeat(300),
        durationMs: 86_400_000,
      },
    }),
    hostile: sampleProgress(60, {
      server: HOSTILE,
      scenario: { ...SAMPLE_SCENARIO, name: HOSTILE },
      faults: sampleFaults(HOSTILE, HOSTILE),
      errors: [{ reason: HOSTILE.repeat(20), count: 2, advice: undefined }],
    }),
  };
  const sizes = [
    [80, 24],
    [60, 20],
    [120, 40],
    [200, 60],
    [100, 10],
    [40, 12],
    [20, 8],
    [10, 5],
    [5, 2],
    [1, 1],
  ] as const;
  const cases = Object.keys(progresses).flatMap((name) => sizes.map(([columns, rows]) => ({ name, columns, rows })));

  test.each(cases)('$name fits into $columns×$rows', ({ name, columns, rows }) => {
    const lines = liveRows(progresses[name] ?? NO_PROGRESS, { columns, rows });
    expect(lines).toHaveLength(rows);
    for (const line of lines) expect(lineCells(line)).toBeLessThanOrEqual(columns);
    const all = lines.map((line) => written(line, { colours: false })).join('');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of these may be left
    expect(all).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202e]|NaN|undefined|Infinity/);
  });

  test.each([
    { seconds: 6, facts: ['joining · 5,000 clients in 100 rooms', '00:06', '3,000 of 5,000 seated', '1,998 waiting'] },
    { seconds: 15, facts: ['warming up · ', 'nothing is measured yet, 1 min 5 s left', '500 posts/s'] },
    { seconds: 55, facts: ['measuring · ', '00:35 of 01:00, 25 s left', '4,998 seated', '1.20 ms', '72.0 ms'] },
    { seconds: 82, facts: ['settling · ', 'may still come', '2,041,800'] },
    { seconds: 85, facts: ['leaving · ', 'then comes the report'] },
  ])('after $seconds s it tells the phase, and how far that is', ({ seconds, facts }) => {
    for (const fact of [...facts, 'evening · 127.0.0.1:50051'])
      expect(picture(sampleProgress(seconds))).toContain(fact);
  });

  test('every state of clients, kind of latency and percentile has its place on a usual terminal', () => {
    const seen = picture(sampleProgress(55));
    for (const state of ['seated', 'joining', 'waiting', 'away', 'given up']) expect(seen).toContain(` ${state}`);
    for (const name of ['delivery', 'ack', 'join', 'reconnect']) expect(seen).toMatch(new RegExp(`^${name} +\\d`, 'm'));
    expect(seen).toMatch(/p50 +p90 +p99 +p99\.99 +max +count/);
    expect(seen).toContain('Ctrl+C ends the run early with a full report');
  });

  test('what was not measured has no figures', () => {
    const seen = picture(NO_PROGRESS);
    expect(seen).toMatch(/^delivery +– +– +– +– +– +0$/m);
    expect(seen).toContain('deliveries none yet');
  });

  test('faults are counted by kind, and the first one of each is named', () => {
    const seen = picture(troubled(55));
    expect(seen).toContain('7 lost · 1 unacked');
    expect(seen).toContain('lost: room load-3, client load-3-17, seqs 4711–4713');
    expect(seen).toContain('unacked: room load-3, client load-3-17, message 88 of load-3-1');
  });

  test('without faults and errors it says so in words', () => {
    expect(picture(sampleProgress(55))).toMatch(/faults +none so far\nerrors +none so far/);
  });

  test('the most frequent errors come first, and how many are left out is told', () => {
    expect(picture(troubled(55))).toMatch(/errors +1,204 slow_consumer · 3 ECONNRESET/);
    expect(picture(troubled(55))).toMatch(/and \d+ more/);
  });

  test.each([
    [80, 24],
    [60, 20],
    [40, 12],
  ])('on %i×%i faults, errors and the busiest worker are seen', (columns, rows) => {
    const seen = picture(troubled(55), columns, rows);
    for (const fact of ['7 lost', '1,204 slow_consumer', 'busiest worker 43%']) expect(seen).toContain(fact);
  });

  test('a tool at its limit says so in words', () => {
    expect(picture(sampleProgress(55, { busiestWorker: 0.97 }))).toContain('busiest worker 97%, it is the limit');
    expect(picture(sampleProgress(55))).not.toContain('limit');
  });

  test('a second in which some took long stands out of the chart', () => {
    const rows = texts(sampleProgress(55), 120, 40).filter((row) => /[┤│] /.test(row));
    const highest = (second: number) => rows.findIndex((row) => /[\u2800-\u28ff]/.test(row[10 + second] ?? ''));
    expect(highest(11)).toBeGreaterThan(2);
    expect(highest(34)).toBeLessThan(highest(33));
    expect(highest(34)).toBeLessThan(highest(35));
    expect(highest(10)).toBe(-1);
  });
});

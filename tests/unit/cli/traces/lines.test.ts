import { describe, expect, test } from 'vitest';
import { fittedLine, type Line, lineCells, piece, written } from '../../../../cli/terminal/line.ts';
import { metricLine, tableLines } from '../../../../cli/traces/metric-lines.ts';
import { type MetricRow, MetricTable } from '../../../../cli/traces/metric-table.ts';
import { quantity } from '../../../../cli/traces/quantities.ts';
import type { MetricPoint, ReceivedLog } from '../../../../cli/traces/received.ts';
import { logLine, traceLines } from '../../../../cli/traces/trace-lines.ts';
import { counter, histogram, span } from '../../../support/received.ts';

const plain = (line: Line) => written(line, { colours: false });
const coloured = (line: Line) => written(line, { colours: true });
const first = (...spans: ReturnType<typeof span>[]) => traceLines({ traceId: 't', spans, earlier: new Map() });

const LOG: ReceivedLog = {
  service: 'chat-grpc',
  instance: '',
  timeUnixNano: 0n,
  severity: 9,
  level: 'INFO',
  body: 'stream closed',
  attributes: { reason: 'ok' },
  traceId: 'abc',
  spanId: '',
};

function rowsOf(...points: MetricPoint[]): MetricRow[] {
  const table = new MetricTable();
  for (const point of points) table.add(point, 0);
  return table.rows();
}

describe('a trace', () => {
  const send = span('1', { name: 'send chat.room', service: 'chat-client', kind: 'producer', startUnixNano: 0n });
  const process = span('2', {
    parentSpanId: '1',
    name: 'process chat.room',
    kind: 'consumer',
    startUnixNano: 1_000_000n,
    endUnixNano: 1_310_000n,
    attributes: { 'messaging.system': 'chat', 'messaging.message.id': 'm', 'chat.message.seq': 4 },
    links: [{ traceId: '0123456789abcdef', spanId: '9' }],
  });

  test('is a head, and a line for each span of each service', () => {
    expect(first(process, send).map(plain)).toEqual([
      expect.stringMatching(/^\d\d:\d\d:\d\d trace t {2}2 spans, 10 ms$/),
      '  send chat.room  chat-client  producer  10 ms',
      '  └─ process chat.room  chat-grpc  consumer  310 µs  +1 ms  seq=4 messaging.message.id=m  → 01234567',
    ]);
  });

  test('shows in red what failed, and only that', () => {
    const failed = span('3', { name: 'bad', error: 'too long' });
    const events = [{ name: 'exception', timeUnixNano: 1_000_000n, attributes: { 'exception.message': 'no' } }];
    const [, line = [], event = [], good = []] = first({ ...failed, events }, { ...send, startUnixNano: 5n });
    expect(coloured(line)).toContain('\u001b[38;5;161mbad\u001b[0m');
    expect(coloured(line)).toContain('\u001b[38;5;161mERROR too long\u001b[0m');
    expect(plain(event)).toBe('  · exception  +1 ms  exception.message=no');
    expect(coloured(good)).not.toContain('\u001b[38;5;161m');
  });

  test('shows spans that come later under what they belong to', () => {
    const late = { traceId: 't', spans: [process], earlier: new Map([['1', 'send chat.room']]) };
    const [head = [], line = []] = traceLines(late);
    expect(plain(head)).toMatch(/ trace t {2}1 more span, 310 µs$/);
    expect(plain(line)).toMatch(/ {2}under send chat.room$/);
  });

  test('says that a parent has not come', () => {
    expect(plain(first(process)[1] ?? [])).toMatch(/ {2}under a span that has not come$/);
  });
});

describe('a log', () => {
  test('is a line', () => {
    expect(plain(logLine(LOG))).toMatch(/^\S{8} log {2}INFO {2}chat-grpc {2}stream closed {2}reason=ok {2}trace abc$/);
  });

  test.each([
    { severity: 9, colour: '' },
    { severity: 13, colour: '\u001b[38;5;130m' },
    { severity: 17, colour: '\u001b[38;5;161m' },
  ])('of severity $severity has its colour', ({ severity, colour }) => {
    expect(coloured(logLine({ ...LOG, severity }))).toContain(`${colour}stream closed`);
  });
});

describe('metrics', () => {
  test('a point is a line', () => {
    const [row] = rowsOf(
      counter(4, 1, { attributes: { reason: 'x' } }),
      counter(8, 3, { attributes: { reason: 'x' } }),
    );
    expect(row && plain(metricLine(row, 0n))).toMatch(
      /^\S{8} metric {2}chat-grpc {2}chat.message.received {2}8 message {2}2\/s {2}reason=x$/,
    );
  });

  test('a table has columns, and the process where there is more than one', () => {
    const lag = histogram([10, 0, 0], 1, { sum: 5 });
    expect(tableLines(rowsOf(counter(8, 1, { attributes: { reason: 'x' } }), lag), 9).map(plain)).toEqual([
      '── metrics ──',
      'chat.delivery.lag                 10 times  mean 500 ms  p50 500 ms  p99 990 ms',
      'chat.message.received  reason=x  8 message',
    ]);
    expect(tableLines(rowsOf(counter(8, 1), counter(9, 1, { instance: 'two' })), 9).map(plain)).toEqual([
      '── metrics ──',
      'chat-grpc one  chat.message.received  8 message',
      'chat-grpc two  chat.message.received  9 message',
    ]);
  });

  test('a table without space leaves out what is zero, then the last, and counts it', () => {
    const rows = rowsOf(
      ...['a', 'chat.a', 'chat.b', 'chat.c', 'z'].map((name) => counter(name === 'chat.b' ? 0 : 1, 1, { name })),
    );
    const names = (most: number) => tableLines(rows, most).map((line) => plain(line).split(' ')[0]);
    expect(names(6)).toEqual(['──', 'chat.a', 'chat.b', 'chat.c', 'a', 'z']);
    expect(names(5)).toEqual(['──', 'chat.a', 'chat.c', 'a', 'z']);
    expect(names(3)).toEqual(['──', 'chat.a', 'chat.c']);
    expect(plain(tableLines(rows, 3)[0] ?? [])).toBe('── metrics, 3 more do not fit ──');
    expect(names(2)).toEqual([]);
  });

  test.each([
    { value: 0, unit: 's', text: '0 s' },
    { value: 0.000_012_3, unit: 's', text: '12.3 µs' },
    { value: 0.0421, unit: 's', text: '42.1 ms' },
    { value: 1500, unit: 'ms', text: '1.5 s' },
    { value: 7200, unit: 's', text: '120 min' },
    { value: 1023, unit: 'By', text: '1023 B' },
    { value: 123_456, unit: 'By', text: '121 KiB' },
    { value: 3, unit: '{room}', text: '3 room' },
    { value: 0.25, unit: '1', text: '0.25' },
    { value: 1_234_567, unit: '', text: '1234567' },
  ])('$value $unit is $text', ({ value, unit, text }) => {
    expect(quantity(value, unit)).toBe(text);
  });
});

describe('what comes over the network', () => {
  const evil = '\u001b[2J\r\n\u202e\u009b31m';

  test('does not reach the terminal as a control character', () => {
    const attributes = { [evil]: evil };
    const rude = { service: evil, instance: evil, name: evil, traceId: evil, spanId: evil, attributes };
    const lines = [
      ...first(
        span(evil, { ...rude, error: evil, events: [{ name: evil, timeUnixNano: 0n, attributes }], links: [rude] }),
      ),
      ...traceLines({ traceId: evil, spans: [span('a', { parentSpanId: 'b' })], earlier: new Map([['b', evil]]) }),
      logLine({ ...LOG, ...rude, level: evil, body: evil }),
      ...rowsOf(counter(1, 1, { ...rude, unit: evil })).map((row) => metricLine(row, 0n)),
      ...tableLines(rowsOf(counter(1, 1, { ...rude, unit: evil }), counter(1, 1)), 9),
    ];
    expect(lines).toHaveLength(10);
    for (const line of lines) expect(plain(line)).not.toMatch(/\p{Cc}|\u202e/u);
  });

  test('is shown no longer than can be read', () => {
    const long = 'x'.repeat(1000);
    const [, line = []] = first(span('a', { attributes: { [long]: long } }));
    expect(plain(line)).toMatch(/ {2}x{60}…=x{60}…$/);
  });
});

describe('a line fitted into a width', () => {
  const line = [piece('abc', 'error'), piece('defg'), piece('hi')];

  test.each([
    { cells: 9, shown: 'abcdefghi' },
    { cells: 8, shown: 'abcdefg…' },
    { cells: 7, shown: 'abcdef…' },
    { cells: 4, shown: 'abc…' },
    { cells: 1, shown: '…' },
  ])('of $cells is $shown', ({ cells, shown }) => {
    expect(plain(fittedLine(line, cells))).toBe(shown);
  });

  test('counts what is two wide as two', () => {
    for (const text of ['日本語日本語', '👩‍🚀👩‍🚀', '한국어 한국어', 'ＡＢＣＤＥＦ', '⌚⌚⌚⌚⌚⌚⌚']) {
      const cut = fittedLine([piece(text)], 6);
      expect(lineCells(cut)).toBeLessThanOrEqual(6);
      expect(plain(cut)).toMatch(/…$/);
    }
  });

  test('keeps its colours', () => {
    expect(coloured(fittedLine(line, 3))).toBe('\u001b[38;5;161mab…\u001b[0m');
  });
});

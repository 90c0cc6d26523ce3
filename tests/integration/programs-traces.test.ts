import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { compressionAlgorithms, credentials } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { LogsServiceClient } from '../../api/gen/opentelemetry/proto/collector/logs/v1/logs_service.ts';
import { MetricsServiceClient } from '../../api/gen/opentelemetry/proto/collector/metrics/v1/metrics_service.ts';
import { TraceServiceClient } from '../../api/gen/opentelemetry/proto/collector/trace/v1/trace_service.ts';
import type { KeyValue } from '../../api/gen/opentelemetry/proto/common/v1/common.ts';
import { AggregationTemporality } from '../../api/gen/opentelemetry/proto/metrics/v1/metrics.ts';
import { Span_SpanKind, Status_StatusCode } from '../../api/gen/opentelemetry/proto/trace/v1/trace.ts';
import { freePort, Program } from '../support/program.ts';

const INTRODUCTION_LINES = 4;
const EVIL = '\u001b[2J\n';

const text = (key: string, value: string): KeyValue => ({ key, value: { value: { $case: 'stringValue', value } } });
const RESOURCE = { attributes: [text('service.name', 'tester'), text('service.instance.id', 'one')] };
const AT_NS = 1_000_000_000n;

/** `chat-client traces` on a port of its own, once it listens. */
async function traces(...args: string[]): Promise<{ program: Program; port: number }> {
  const program = new Program('client', { args: ['traces', '--port', '0', ...args] });
  await program.shows('Ctrl+C ends.\n');
  return { program, port: Number(/127\.0\.0\.1:(\d+)\./.exec(program.stdout)?.[1]) };
}

/** Exports one of each, gzipped: a failed span, a counter and a log. */
async function exportAll(port: number): Promise<void> {
  const options = { 'grpc.default_compression_algorithm': compressionAlgorithms.gzip };
  const clients = [TraceServiceClient, MetricsServiceClient, LogsServiceClient] as const;
  const [spans, metrics, logs] = [
    new clients[0](`127.0.0.1:${port}`, credentials.createInsecure(), options),
    new clients[1](`127.0.0.1:${port}`, credentials.createInsecure(), options),
    new clients[2](`127.0.0.1:${port}`, credentials.createInsecure(), options),
  ];
  const span = {
    traceId: Buffer.from('a1'.repeat(16), 'hex'),
    spanId: Buffer.from('b2'.repeat(8), 'hex'),
    parentSpanId: Buffer.alloc(0),
    name: `process${EVIL}`,
    kind: Span_SpanKind.CONSUMER,
    startTimeUnixNano: AT_NS,
    endTimeUnixNano: AT_NS + 2_000_000n,
    attributes: [
      { key: 'big', value: { value: { $case: 'intValue' as const, value: 2n ** 60n } } },
      { key: 'list', value: { value: { $case: 'arrayValue' as const, value: { values: [text('', 'x').value] } } } },
    ].map(({ key, value }) => ({ key, value }) as KeyValue),
    events: [],
    links: [],
    status: { code: Status_StatusCode.ERROR, message: 'it broke' },
  };
  const point = {
    startTimeUnixNano: 0n,
    timeUnixNano: AT_NS,
    value: { $case: 'asInt' as const, value: 7n },
    attributes: [text('reason', 'ok')],
  };
  const sum = { dataPoints: [point], isMonotonic: true, aggregationTemporality: AggregationTemporality.CUMULATIVE };
  const metric = { name: 'chat.message.received', unit: '{message}', data: { $case: 'sum' as const, value: sum } };
  const log = {
    timeUnixNano: AT_NS,
    observedTimeUnixNano: 0n,
    severityNumber: 13,
    severityText: '',
    body: text('', `careful${EVIL}`).value,
    attributes: [],
    traceId: Buffer.alloc(0),
    spanId: Buffer.alloc(0),
  };
  try {
    await promisify(spans.export.bind(spans))({
      resourceSpans: [{ resource: RESOURCE, scopeSpans: [{ spans: [span] }] }],
    });
    await promisify(metrics.export.bind(metrics))({
      resourceMetrics: [{ resource: RESOURCE, scopeMetrics: [{ metrics: [metric] }] }],
    });
    await promisify(logs.export.bind(logs))({
      resourceLogs: [{ resource: RESOURCE, scopeLogs: [{ logRecords: [log] }] }],
    });
  } finally {
    for (const client of [spans, metrics, logs]) client.close();
  }
}

describe('chat-client traces, piped', () => {
  test('says how to be traced, shows a line for each thing, and ends at a signal', async () => {
    const { program, port } = await traces();
    await using _ = program;
    await exportAll(port);
    await program.shows('process');
    program.signal('SIGINT');

    expect(await program.exit).toBe(0);
    expect(program.stderr).toBe('');
    const settings = `CHAT_GRPC_OTEL_ENABLED=true CHAT_GRPC_OTEL_EXPORTER_ENDPOINT=127.0.0.1:${port}`;
    expect(program.lines.slice(1, INTRODUCTION_LINES)).toEqual([
      `  ${settings} make run`,
      `  ${settings} make client NAME=ana ROOM=general`,
      'Ctrl+C ends.',
    ]);
    expect(program.lines.slice(INTRODUCTION_LINES).map((line) => line.replace(/^[\d:]{8} /, ''))).toEqual([
      'metric  tester  chat.message.received  7 message  reason=ok',
      'log  WARN  tester  careful␛[2J␊',
      `trace ${'a1'.repeat(16)}  1 span, 2 ms`,
      '  process␛[2J␊  tester  consumer  2 ms  ERROR it broke  big=1152921504606846976 list=[x]',
    ]);
  });

  test('shows at the end what still waits', async () => {
    const { program, port } = await traces();
    await using _ = program;
    await exportAll(port);
    program.signal('SIGTERM');

    expect(await program.exit).toBe(0);
    expect(program.stdout).toContain('ERROR it broke');
  });

  test('writes all that arrives to a file, as JSON lines', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'chat-grpc-traces-'));
    const file = join(folder, 'seen.jsonl');
    try {
      const { program, port } = await traces('--out', file);
      await using _ = program;
      await exportAll(port);
      program.signal('SIGTERM');
      await program.exit;
      const lines = (await readFile(file, 'utf8')).trimEnd().split('\n');
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ signal: 'span', error: 'it broke', startUnixNano: '1000000000', kind: 'consumer' }),
        expect.objectContaining({ signal: 'metric', name: 'chat.message.received', value: 7, kind: 'counter' }),
        expect.objectContaining({ signal: 'log', body: `careful${EVIL}`, level: 'WARN' }),
      ]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('shows what a traced server does', async () => {
    const { program, port } = await traces();
    await using _ = program;
    const env = {
      CHAT_GRPC_OTEL_ENABLED: 'true',
      CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: `127.0.0.1:${port}`,
      OTEL_METRIC_EXPORT_INTERVAL: '500',
      OTEL_METRIC_EXPORT_TIMEOUT: '500',
    };
    const chatPort = `${await freePort()}`;
    await using server = new Program('server', { env: { ...env, CHAT_GRPC_PORT: chatPort } });
    await server.shows('"listening"');
    await using ana = new Program('client', { args: ['join', '--name', 'ana', '--room', 'lobby', '--port', chatPort] });
    ana.type('hello\n');
    await ana.shows('ana: hello');
    await program.shows('process chat.room  chat-grpc  consumer');
    await program.shows('└─ fanout chat.room  chat-grpc  internal');
    await program.shows('metric  chat-grpc  chat.message.received');
  });

  test('ends when nobody reads what it shows', async () => {
    const { program, port } = await traces();
    await using _ = program;
    program.closeOutput();
    await exportAll(port);
    expect(await program.exit).toBe(0);
    expect(program.stderr).toBe('');
  });
});

describe('chat-client traces, when it cannot', () => {
  test('the port is taken: says what to do', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const address = listener.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await using program = new Program('client', { args: ['traces', '--port', `${port}`] });

    expect(await program.exit).toBe(69);
    expect(program.stdout).toBe('');
    expect(program.stderr).toBe(
      `chat-client: 127.0.0.1:${port} is taken; stop what listens there, or take another port: chat-client traces --port ${port + 1}\n`,
    );
    listener.close();
  });

  test('the file cannot be written', async () => {
    await using program = new Program('client', { args: ['traces', '--port', '0', '--out', '/nowhere/seen.jsonl'] });
    expect(await program.exit).toBe(73);
    expect(program.stderr).toMatch(/^chat-client: cannot write \/nowhere\/seen\.jsonl: ENOENT.*\n$/);
  });

  test.each([
    { args: ['traces', '--port', '65536'] },
    { args: ['traces', '--port', '-1'] },
    { args: ['traces', '--nonsense'] },
    { args: ['traces', 'nonsense'] },
  ])('wrong usage: $args', async ({ args }) => {
    await using program = new Program('client', { args });
    expect(await program.exit).toBe(64);
  });

  test('--help has examples', async () => {
    await using program = new Program('client', { args: ['traces', '--help'] });
    expect(await program.exit).toBe(0);
    expect(program.stdout).toContain('$ chat-client traces --port 4318 --out seen.jsonl');
  });
});

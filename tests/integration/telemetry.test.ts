import { describe, expect, test } from 'vitest';
import type { MetricPoint, ReceivedSpan } from '../../cli/traces/received.ts';
import { chat, message } from '../support/envelopes.ts';
import { startOtlp } from '../support/otlp.ts';
import { freePort, Program } from '../support/program.ts';
import { fullClient } from '../support/raw-client.ts';

const TRACE = 'a1'.repeat(16);
const SENDER = 'b2'.repeat(8);

/** The built server as a process that exports to a receiver in this one. */
async function startTraced(env: Readonly<Record<string, string>> = {}) {
  const otlp = await startOtlp();
  const port = await freePort();
  const settings = { CHAT_GRPC_PORT: `${port}`, CHAT_GRPC_RATE_LIMIT: '0', CHAT_GRPC_LOG_LEVEL: 'debug' };
  const server = new Program('server', { env: { ...settings, ...otlp.env, ...env } });
  await server.shows('"listening"');
  return {
    ...otlp,
    port,
    /** Ends it, and with that exports all that is left. */
    async stop() {
      server.signal('SIGTERM');
      expect(await server.exit).toBe(0);
    },
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      await otlp[Symbol.asyncDispose]();
    },
  };
}

const named = (spans: readonly ReceivedSpan[], name: string, traceId?: string) =>
  spans.find((span) => span.name === name && (traceId === undefined || span.traceId === traceId));

describe('spans', () => {
  test('a message is one trace, under its sender', async () => {
    await using server = await startTraced();
    const ana = await fullClient(server.port, 'ana', ['lobby']);
    const bob = await fullClient(server.port, 'bob', ['lobby']);
    const traceparent = message({ 11: `00-${TRACE}-${SENDER}-01` });
    ana.send(Buffer.concat([chat('lobby', 'hi', { messageId: 'm-1' }), traceparent]));
    await bob.hear('broadcast');

    const process = await server.until(() => named(server.spans, 'process chat.room', TRACE));
    const fanout = await server.until(() => named(server.spans, 'fanout chat.room', TRACE));
    const open = await server.until(() => named(server.spans, 'chat.session open'));
    expect(process).toMatchObject({ parentSpanId: SENDER, kind: 'consumer', service: 'chat-grpc', error: undefined });
    expect(process.attributes).toMatchObject({
      'messaging.system': 'chat',
      'messaging.destination.template': 'chat.room/{room}',
      'messaging.message.id': 'm-1',
      'chat.message.seq': expect.any(Number),
    });
    expect(process.links).toEqual([{ traceId: open.traceId, spanId: open.spanId }]);
    expect(fanout).toMatchObject({ parentSpanId: process.spanId, kind: 'internal' });
    expect(fanout.attributes).toMatchObject({ 'chat.fanout.members': 2, 'chat.fanout.bytes': expect.any(Number) });
    expect(server.spans.filter(({ traceId }) => traceId === TRACE)).toHaveLength(2);
  });

  test('a rejected message says why', async () => {
    await using server = await startTraced();
    const ana = await fullClient(server.port, 'ana', ['lobby']);
    ana.send(chat('lobby', 'x'.repeat(5000)));
    await ana.hear('error');

    const process = await server.until(() => named(server.spans, 'process chat.room'));
    expect(process.attributes).toHaveProperty(['error.type'], 'message_too_long');
    expect(process.error).toContain('5000 bytes');
  });

  test('a stream is told of by two short spans, and no other', async () => {
    await using server = await startTraced();
    const ana = await fullClient(server.port, 'ana', ['lobby']);
    const open = await server.until(() => named(server.spans, 'chat.session open'));
    ana.halfClose();
    await ana.ended;

    const close = await server.until(() => named(server.spans, 'chat.session close'));
    expect(open).toMatchObject({ kind: 'server', parentSpanId: '', attributes: { 'chat.session.resumed': false } });
    expect(close).toMatchObject({ kind: 'internal', parentSpanId: '', error: undefined });
    expect(close.traceId).not.toBe(open.traceId);
    expect(close.links).toEqual([{ traceId: open.traceId, spanId: open.spanId }]);
    expect(close.attributes).toMatchObject({
      'chat.session.close_reason': 'ok',
      'rpc.response.status_code': 'OK',
      'chat.session.envelopes_in': 2,
    });
    const log = await server.until(() => server.logs.find(({ body }) => body === 'stream closed'));
    expect(log).toMatchObject({ traceId: close.traceId, spanId: close.spanId });
    await server.stop();
    expect(server.spans.map(({ name }) => name)).toEqual(['chat.session open', 'chat.session close']);
  });
});

describe('metrics', () => {
  /** docs: the table of metrics. */
  const UNITS: Readonly<Record<string, string>> = {
    'chat.session.active': '{session}',
    'chat.room.active': '{room}',
    'chat.member.active': '{member}',
    'chat.session.closed': '{session}',
    'chat.session.resumed': '{session}',
    'chat.message.received': '{message}',
    'chat.message.rejected': '{message}',
    'chat.delivery.owed': '{event}',
    'chat.delivery.written': '{event}',
    'chat.delivery.skipped': '{event}',
    'chat.delivery.abandoned': '{event}',
    'chat.delivery.behind': '{event}',
    'chat.delivery.bytes': 'By',
    'chat.write.count': '{write}',
    'chat.fanout.duration': 's',
    'chat.delivery.lag': 's',
    'chat.log.bytes': 'By',
    'chat.log.trimmed': '{event}',
    'chat.member.lag': '{event}',
    'rpc.server.call.duration': 's',
  };

  test('arrive all, by their names and units, and hold no room, user or content', async () => {
    await using server = await startTraced();
    const ana = await fullClient(server.port, 'user-ana', ['room-lobby']);
    const bob = await fullClient(server.port, 'user-bob', ['room-lobby']);
    ana.send(chat('room-lobby', 'content-hi'), chat('room-lobby', 'x'.repeat(5000)));
    await bob.hear('broadcast');
    bob.halfClose();
    await bob.ended;

    await server.until(() => {
      const units = new Map(server.points.map(({ name, unit }) => [name, unit]));
      expect(Object.fromEntries(Object.keys(UNITS).map((name) => [name, units.get(name)]))).toEqual(UNITS);
      return units;
    });
    const told = server.points.map(({ attributes }) => JSON.stringify(attributes)).join();
    expect(told).not.toMatch(/user-|room-|content-/);
    expect(
      JSON.stringify([server.spans, server.logs], (_, value) => (typeof value === 'bigint' ? 0 : value)),
    ).not.toContain('content-');
  });

  test('owed is written, skipped, abandoned and behind together, at every moment', async () => {
    await using server = await startTraced({ CHAT_GRPC_ROOM_HISTORY_BYTES: '32KiB' });
    const talker = await fullClient(server.port, 'talker', ['lobby']);
    const slow = await fullClient(server.port, 'slow', ['lobby']);
    /** Says what a stream's window and the log together cannot hold, and no faster than it is heard. */
    const talk = async () => {
      for (let said = 0; said < 1000; said += 50) {
        talker.send(...Array.from({ length: 50 }, (_, i) => chat('lobby', `${said + i} ${'x'.repeat(200)}`)));
        await talker.hear('broadcast', ({ content }) => content.startsWith(`${said + 49} `));
      }
    };
    const reaches = (name: string) => server.until(() => server.samples.find((sample) => amount(sample, name) > 0));
    slow.pause();
    await talk();
    await reaches('chat.delivery.behind');
    slow.resume();
    await reaches('chat.delivery.skipped');
    slow.pause();
    await talk();
    slow.destroySocket();
    await reaches('chat.delivery.abandoned');

    const sums = server.samples.map((sample) => ({
      owed: amount(sample, 'chat.delivery.owed'),
      sum: ['written', 'skipped', 'abandoned', 'behind']
        .map((fate) => amount(sample, `chat.delivery.${fate}`))
        .reduce((a, b) => a + b),
    }));
    expect(sums.map(({ sum }) => sum)).toEqual(sums.map(({ owed }) => owed));
    expect(sums.at(-1)?.owed).toBeGreaterThanOrEqual(4000);
  });

  function amount(sample: readonly MetricPoint[] | undefined, name: string): number {
    const point = sample?.find((one) => one.name === name);
    return point !== undefined && 'value' in point ? point.value : 0;
  }
});

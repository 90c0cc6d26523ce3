import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { beforeEach, describe, expect, test } from 'vitest';
import { MessageObserver } from '../../../src/telemetry/messages.ts';

let exporter: InMemorySpanExporter;
let observer: MessageObserver;
let nowMs: number;
let rejected: unknown[];
let passed: number[];
let delivered: number[];

beforeEach(() => {
  nowMs = 0;
  rejected = [];
  passed = [];
  delivered = [];
  exporter = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter })] });
  observer = new MessageObserver({
    tracer: provider.getTracer('test'),
    clock: { monotonicMs: () => nowMs, utcMs: () => 0 },
    openSpanOf: () => undefined,
    rejected: (refusal, sessionId) => rejected.push([refusal.reason, sessionId]),
    passed: (seconds) => passed.push(seconds),
    delivered: (seconds) => delivered.push(seconds),
  });
});

const follow = ({ sessionId = 's', messageId = 'm' } = {}) =>
  observer.follow({ sessionId, traceparent: '', messageId });
const names = () => exporter.getFinishedSpans().map(({ name }) => name);

describe('a message that is followed', () => {
  test('has a span for being handled and one for being handed on, which its receivers are told of', () => {
    const message = follow();
    const pass = observer.appended();
    if (message === undefined) throw new Error('it is not followed');
    message.appended(7, false);
    pass.carries(message);
    expect(names()).toEqual(['process chat.room']);
    nowMs = 250;
    pass.delivered();
    nowMs = 500;
    pass.passed({ members: 3, writes: 2, bytes: 100 });

    const [process, fanout] = exporter.getFinishedSpans();
    expect(message.traceparent).toBe(`00-${process?.spanContext().traceId}-${process?.spanContext().spanId}-01`);
    expect(process?.attributes).toMatchObject({ 'chat.message.seq': 7, 'messaging.message.id': 'm' });
    expect(fanout?.parentSpanContext?.spanId).toBe(process?.spanContext().spanId);
    expect(fanout?.attributes).toMatchObject({
      'chat.fanout.members': 3,
      'chat.fanout.slices': 2,
      'chat.fanout.bytes': 100,
    });
    expect([delivered, passed]).toEqual([[0.25], [0.5]]);
  });

  test('and was said before is handed on to nobody', () => {
    follow()?.appended(7, true);
    expect(names()).toEqual(['process chat.room']);
    expect(exporter.getFinishedSpans()[0]?.attributes).toMatchObject({ 'chat.message.duplicate': true });
  });

  test('and is refused says why', () => {
    follow()?.rejected({ reason: 'empty_message', message: 'a message needs content' });
    const [process] = exporter.getFinishedSpans();
    expect(process?.attributes).toMatchObject({ 'error.type': 'empty_message' });
    expect(process?.status).toEqual({ code: 2, message: 'a message needs content' });
    expect(rejected).toEqual([['empty_message', 's']]);
  });
});

test('ten of a session are followed within a second: who floods does not blind the others', () => {
  const flooded = Array.from({ length: 1000 }, () => follow({ sessionId: 'flooder' }));
  expect(flooded.filter((one) => one !== undefined)).toHaveLength(10);
  expect(follow({ sessionId: 'another' })).toBeDefined();
});

test('a message id that is longer than any may be is not exported', () => {
  follow({ messageId: 'x'.repeat(15_000) })?.appended(1, false);
  expect(exporter.getFinishedSpans()[0]?.attributes).not.toHaveProperty(['messaging.message.id']);
});

test('fifty are followed of those that come within a second, and fifty of the next', () => {
  const followed = (count: number) =>
    Array.from({ length: count }, (_, i) => follow({ sessionId: `${i % 100}` })).filter((one) => one !== undefined);
  expect(followed(1000)).toHaveLength(50);
  nowMs = 999;
  expect(followed(1000)).toHaveLength(0);
  nowMs = 1000;
  expect(followed(1000)).toHaveLength(50);
});

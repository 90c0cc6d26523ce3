import { describe, expect, test } from 'vitest';
import { TraceShelf } from '../../../../cli/traces/trace-shelf.ts';
import { span } from '../../../support/received.ts';

const taken = (shelf: TraceShelf, nowMs: number) =>
  shelf.take(nowMs).map(({ traceId, spans }) => `${traceId}: ${spans.map(({ spanId }) => spanId).join(' ')}`);

describe('a shelf of traces', () => {
  test('gives a trace away whole, once no span of it has come for a while', () => {
    const shelf = new TraceShelf();
    shelf.add(span('server', { service: 'chat-grpc' }), 0);
    shelf.add(span('other', { traceId: 'u' }), 0);
    expect(taken(shelf, 1000)).toEqual([]);
    shelf.add(span('client', { service: 'chat-client' }), 1000);
    expect(taken(shelf, 1300)).toEqual(['u: other']);
    expect(taken(shelf, 2300)).toEqual(['t: server client']);
    expect(taken(shelf, 9000)).toEqual([]);
  });

  test('gives away what comes later as an addition that knows the names before it', () => {
    const shelf = new TraceShelf();
    shelf.add(span('1', { name: 'process chat.room' }), 0);
    expect(shelf.take(5000)[0]?.earlier.size).toBe(0);
    shelf.add(span('2', { parentSpanId: '1' }), 5000);
    const [part] = shelf.take(10_000);
    expect(part?.spans.map(({ spanId }) => spanId)).toEqual(['2']);
    expect(part?.earlier).toEqual(new Map([['1', 'process chat.room']]));
  });

  test('lets no trace wait for ever that is never quiet', () => {
    const shelf = new TraceShelf();
    for (let nowMs = 0; nowMs < 10_000; nowMs += 500) {
      shelf.add(span(`${nowMs}`), nowMs);
      expect(taken(shelf, nowMs)).toEqual([]);
    }
    shelf.add(span('last'), 10_000);
    expect(shelf.take(10_000)[0]?.spans).toHaveLength(21);
  });

  test('gives everything away at the end', () => {
    const shelf = new TraceShelf();
    shelf.add(span('a'), 0);
    expect(taken(shelf, Number.POSITIVE_INFINITY)).toEqual(['t: a']);
  });

  test('takes 500 spans of one trace, those that were given away among them, and counts the rest', () => {
    const shelf = new TraceShelf();
    for (let i = 0; i < 300; i++) shelf.add(span(`${i}`), 0);
    shelf.take(5000);
    for (let i = 300; i < 600; i++) shelf.add(span(`${i}`), 5000);
    expect(shelf.take(10_000)[0]?.spans).toHaveLength(200);
    expect([shelf.takeLeftOut(), shelf.takeLeftOut()]).toEqual([100, 0]);
  });

  test('lets 10,000 spans wait, and counts the rest', () => {
    const shelf = new TraceShelf();
    for (let i = 0; i < 10_050; i++) shelf.add(span(`${i}`, { traceId: `${i % 100}` }), 0);
    expect(shelf.take(5000).flatMap(({ spans }) => spans)).toHaveLength(10_000);
    expect(shelf.takeLeftOut()).toBe(50);
    shelf.add(span('there is room again', { traceId: 'new' }), 5000);
    expect(shelf.take(10_000)).toHaveLength(1);
  });

  test('forgets the oldest of more than 1,000 traces, but never unseen', () => {
    const shelf = new TraceShelf();
    for (let i = 0; i < 1002; i++) shelf.add(span('a', { traceId: `${i}` }), 0);
    expect(taken(shelf, 0)).toEqual(['0: a', '1: a']);
    shelf.take(5000);
    for (const traceId of ['0', '1001']) shelf.add(span('b', { traceId }), 6000);
    expect(shelf.take(10_000).map(({ traceId, earlier }) => [traceId, earlier.size])).toEqual([
      ['0', 0],
      ['1001', 1],
    ]);
  });
});

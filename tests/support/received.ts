import type { HistogramPoint, NumberPoint, ReceivedSpan } from '../../cli/traces/received.ts';

const SOURCE = { service: 'chat-grpc', instance: 'one' };

/** A span of 10 ms in the trace `t`, with the rest as given. */
export function span(spanId: string, given: Partial<ReceivedSpan> = {}): ReceivedSpan {
  const startUnixNano = given.startUnixNano ?? 0n;
  return {
    ...SOURCE,
    traceId: 't',
    spanId,
    parentSpanId: '',
    name: spanId,
    kind: 'internal',
    startUnixNano,
    endUnixNano: startUnixNano + 10_000_000n,
    attributes: {},
    events: [],
    links: [],
    error: undefined,
    ...given,
  };
}

const POINT = {
  ...SOURCE,
  name: 'chat.message.received',
  unit: '{message}',
  attributes: {},
  startUnixNano: 0n,
  isDelta: false,
};

/** A cumulative counter, read so many seconds after its start. */
export function counter(value: number, atS: number, given: Partial<NumberPoint> = {}): NumberPoint {
  return { ...POINT, kind: 'counter', value, timeUnixNano: nanoseconds(atS), ...given };
}

/** A cumulative histogram of seconds, read so many seconds after its start. */
export function histogram(bucketCounts: readonly number[], atS: number, given: Partial<HistogramPoint> = {}) {
  const count = bucketCounts.reduce((sum, some) => sum + some, 0);
  const point: HistogramPoint = {
    ...POINT,
    name: 'chat.delivery.lag',
    unit: 's',
    kind: 'histogram',
    count,
    sum: count,
    bounds: [1, 2],
    bucketCounts,
    min: undefined,
    max: undefined,
    timeUnixNano: nanoseconds(atS),
    ...given,
  };
  return point;
}

function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}

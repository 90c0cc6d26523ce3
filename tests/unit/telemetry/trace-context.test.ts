import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { contextOf, traceparentOf } from '../../../src/telemetry/trace-context.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN_ID = '00f067aa0ba902b7';

describe('a traceparent', () => {
  test.each(['00', '01'])('is what the contract takes from W3C trace context, flags %s', (flags) => {
    const traceparent = `00-${TRACE_ID}-${SPAN_ID}-${flags}`;
    const context = trace.getSpanContext(contextOf(traceparent));
    expect(context).toEqual({ traceId: TRACE_ID, spanId: SPAN_ID, traceFlags: Number(flags), isRemote: true });
    expect(context && traceparentOf(context)).toBe(traceparent);
  });

  test.each([
    ['nothing', ''],
    ['words', 'hello'],
    ['upper case', `00-${TRACE_ID.toUpperCase()}-${SPAN_ID}-01`],
    ['the version that is none', `ff-${TRACE_ID}-${SPAN_ID}-01`],
    ['a trace id of zeros', `00-${'0'.repeat(32)}-${SPAN_ID}-01`],
    ['a span id of zeros', `00-${TRACE_ID}-${'0'.repeat(16)}-01`],
    ['too long', `00-${TRACE_ID}-${SPAN_ID}-01-more`],
    ['a line end', `00-${TRACE_ID}-${SPAN_ID}-01\n`],
  ])('that is %s is ignored', (_, traceparent) => {
    expect(contextOf(traceparent)).toBe(ROOT_CONTEXT);
  });
});

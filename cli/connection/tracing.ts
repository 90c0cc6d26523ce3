import { type Context, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api';
import type { ChatError } from './errors.ts';

/** Whatever SDK the program has started, or none: then all of this is nothing. */
const tracer = trace.getTracer('chat-grpc/client');

const ROOM_TEMPLATE = { 'messaging.system': 'chat', 'messaging.destination.template': 'chat.room/{room}' };
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** A message from being said to being taken or refused by the server. */
export class SendSpan {
  /** W3C trace context that goes with the envelope, also when it is sent again; '' when nobody traces. */
  readonly traceparent: string;
  readonly #span: Span;

  constructor(messageId: string) {
    const operation = { 'messaging.operation.name': 'send', 'messaging.operation.type': 'send' };
    const attributes = { ...ROOM_TEMPLATE, ...operation, 'messaging.message.id': messageId };
    this.#span = tracer.startSpan('send chat.room', { kind: SpanKind.PRODUCER, attributes });
    const { traceId, spanId, traceFlags } = this.#span.spanContext();
    const isTraced = trace.isSpanContextValid(this.#span.spanContext());
    this.traceparent = isTraced ? `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}` : '';
  }

  acked(seq: bigint): void {
    this.#span.setAttribute('chat.message.seq', Number(seq));
    this.#span.end();
  }

  failed({ reason, message }: ChatError): void {
    this.#span.setAttribute('error.type', reason);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message });
    this.#span.end();
  }
}

/** A message has arrived that the server says is traced. */
export function noteReceived(
  message: { readonly traceparent: string; readonly messageId: string; readonly timestampUtc: bigint },
  utcMs: number,
): void {
  const context = sampledContextOf(message.traceparent);
  if (context === undefined) return;
  const attributes = {
    ...ROOM_TEMPLATE,
    'messaging.operation.name': 'receive',
    'messaging.operation.type': 'receive',
    'messaging.message.id': message.messageId,
    'chat.delivery.delay': (utcMs - Number(message.timestampUtc)) / 1000,
  };
  tracer.startSpan('receive chat.room', { kind: SpanKind.CONSUMER, attributes }, context).end();
}

function sampledContextOf(traceparent: string): Context | undefined {
  const [, traceId = '', spanId = '', flags = ''] = TRACEPARENT.exec(traceparent) ?? [];
  const traceFlags = Number.parseInt(flags, 16);
  const spanContext = { traceId, spanId, traceFlags, isRemote: true };
  if (!trace.isSpanContextValid(spanContext) || (traceFlags & TraceFlags.SAMPLED) === 0) return undefined;
  return trace.setSpanContext(ROOT_CONTEXT, spanContext);
}

import { ROOT_CONTEXT, type Span, type SpanContext, SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import type { Clock } from '../core/ports.ts';
import { contextOf } from './trace-context.ts';

/** A stream, as far as it is told of. */
export interface ObservedStream {
  readonly session: {
    readonly id: string;
    readonly speaker: { readonly client: string; readonly program: string } | undefined;
  };
  /** W3C trace context of the call, unchecked. */
  readonly traceparent: string;
  readonly isResumed: boolean;
  readonly traffic: { readonly envelopesIn: number; readonly eventsOut: number };
}

interface Opened {
  readonly context: SpanContext;
  readonly sinceMs: number;
  /** Undefined when it has ended. */
  span: Span | undefined;
  sessionId: string;
}

/** Ends that are nobody's fault. */
const PLANNED = ['ok', 'draining', 'replaced'];
const RPC = { 'rpc.system.name': 'grpc', 'rpc.method': 'chat.v1.ChatService/Channel' };

/**
 * Tells of streams by two short spans, one when a stream is open and one when it is
 * closed: a span that lasts as long as a stream is seen by nobody until it ends, and
 * one of a killed client never does.
 */
export class StreamObserver {
  readonly #tracer: Tracer;
  readonly #clock: Clock;
  readonly #streams = new Map<ObservedStream, Opened>();
  readonly #bySession = new Map<string, SpanContext>();

  constructor(tracer: Tracer, clock: Clock) {
    this.#tracer = tracer;
    this.#clock = clock;
  }

  /** The span that opened the stream which the session is on. */
  openSpanOf(sessionId: string): SpanContext | undefined {
    return this.#bySession.get(sessionId);
  }

  opened(stream: ObservedStream): void {
    const options = { kind: SpanKind.SERVER, attributes: RPC };
    const span = this.#tracer.startSpan('chat.session open', options, contextOf(stream.traceparent));
    const opened = {
      context: span.spanContext(),
      sinceMs: this.#clock.monotonicMs(),
      span,
      sessionId: stream.session.id,
    };
    this.#streams.set(stream, opened);
    this.#bySession.set(opened.sessionId, opened.context);
  }

  /** Its client was welcomed, or given its first seat. */
  answered(stream: ObservedStream): void {
    const opened = this.#streams.get(stream);
    if (opened === undefined) return;
    this.#bySession.delete(opened.sessionId);
    opened.sessionId = stream.session.id;
    this.#bySession.set(opened.sessionId, opened.context);
    const { speaker } = stream.session;
    opened.span?.setAttributes({
      'chat.session.id': stream.session.id,
      'chat.session.resumed': stream.isResumed,
      'chat.client.kind': speaker?.client ?? 'basic',
      'chat.client.program': speaker?.program ?? '',
    });
    opened.span?.end();
    opened.span = undefined;
  }

  /**
   * The stream is over, with this gRPC status. Returns how many seconds it lasted and
   * the span that tells of it; undefined when it was never opened.
   */
  closed(
    stream: ObservedStream,
    reason: string,
    status: string,
  ): { seconds: number; context: SpanContext } | undefined {
    const opened = this.#streams.get(stream);
    if (opened === undefined) return undefined;
    this.#streams.delete(stream);
    if (this.#bySession.get(opened.sessionId) === opened.context) this.#bySession.delete(opened.sessionId);
    if (opened.span !== undefined) {
      opened.span.setAttribute('error.type', reason);
      opened.span.setStatus({ code: SpanStatusCode.ERROR, message: 'it was over before it was answered' });
      opened.span.end();
    }
    const seconds = (this.#clock.monotonicMs() - opened.sinceMs) / 1000;
    const { envelopesIn, eventsOut } = stream.traffic;
    const span = this.#tracer.startSpan(
      'chat.session close',
      {
        root: true,
        links: [{ context: opened.context }],
        attributes: {
          ...RPC,
          'rpc.response.status_code': status,
          'chat.session.id': opened.sessionId,
          'chat.session.close_reason': reason,
          'chat.session.duration': seconds,
          'chat.session.envelopes_in': envelopesIn,
          'chat.session.events_out': eventsOut,
        },
      },
      ROOT_CONTEXT,
    );
    if (!PLANNED.includes(reason)) {
      span.setAttribute('error.type', reason);
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    span.end();
    return { seconds, context: span.spanContext() };
  }
}

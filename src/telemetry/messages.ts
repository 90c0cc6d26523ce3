import {
  type Attributes,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { Refusal } from '../core/errors.ts';
import type { Clock, MessageTrace, Observer, PassObserver, PassReport } from '../core/ports.ts';
import { contextOf, traceparentOf } from './trace-context.ts';

/** Messages that are followed, of those that begin within a second: what looking may cost at most. */
const MOST_TRACES_A_SECOND = 50;

/** Of these, as many as one session may have: who floods does not blind the others. */
const MOST_OF_A_SESSION = 10;
const MOST_ID_CHARACTERS = 64;

const ROOM_TEMPLATE: Attributes = { 'messaging.system': 'chat', 'messaging.destination.template': 'chat.room/{room}' };

export interface MessageObserverPorts {
  readonly tracer: Tracer;
  readonly clock: Clock;
  /** The span that opened the session's stream. */
  readonly openSpanOf: (sessionId: string) => SpanContext | undefined;
  readonly rejected: (refusal: Refusal, sessionId: string, span: SpanContext) => void;
  /** Seconds from what a pass brought being appended to its end, and to the first of its writes having left. */
  readonly passed: (seconds: number) => void;
  readonly delivered: (seconds: number) => void;
}

function secondFrom(beganAtMs: number) {
  return { beganAtMs, traces: 0, bySession: new Map<string, number>() };
}

/**
 * Follows messages through the server: a span for handling one, and below it one
 * for handing it to everybody. There is never one a recipient.
 */
export class MessageObserver implements Observer {
  readonly #ports: MessageObserverPorts;
  #second = secondFrom(Number.NEGATIVE_INFINITY);

  constructor(ports: MessageObserverPorts) {
    this.#ports = ports;
  }

  follow(post: Parameters<Observer['follow']>[0]): MessageTrace | undefined {
    const { clock, tracer, openSpanOf } = this.#ports;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#second.beganAtMs >= 1000) this.#second = secondFrom(nowMs);
    const ofSession = this.#second.bySession.get(post.sessionId) ?? 0;
    if (this.#second.traces >= MOST_TRACES_A_SECOND || ofSession >= MOST_OF_A_SESSION) return undefined;
    const opened = openSpanOf(post.sessionId);
    const attributes = {
      ...ROOM_TEMPLATE,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
    };
    const options = { kind: SpanKind.CONSUMER, attributes, links: opened === undefined ? [] : [{ context: opened }] };
    const span = tracer.startSpan('process chat.room', options, contextOf(post.traceparent));
    if (!span.isRecording()) return undefined;
    this.#second.traces += 1;
    this.#second.bySession.set(post.sessionId, ofSession + 1);
    // What is longer will be refused.
    if (post.messageId !== '' && post.messageId.length <= MOST_ID_CHARACTERS)
      span.setAttribute('messaging.message.id', post.messageId);
    const rejected = (refusal: Refusal) => this.#ports.rejected(refusal, post.sessionId, span.spanContext());
    return new FollowedMessage(span, tracer, rejected);
  }

  appended(): PassObserver {
    const { clock, passed, delivered } = this.#ports;
    const sinceMs = clock.monotonicMs();
    const seconds = () => (clock.monotonicMs() - sinceMs) / 1000;
    const traces: MessageTrace[] = [];
    return {
      carries: (trace) => traces.push(trace),
      delivered: () => delivered(seconds()),
      passed: (pass) => {
        passed(seconds());
        for (const trace of traces) trace.fannedOut(pass);
      },
    };
  }
}

class FollowedMessage implements MessageTrace {
  readonly traceparent: string;
  readonly #span: Span;
  readonly #tracer: Tracer;
  readonly #rejected: (refusal: Refusal) => void;
  #fanout: Span | undefined;

  constructor(span: Span, tracer: Tracer, rejected: (refusal: Refusal) => void) {
    this.traceparent = traceparentOf(span.spanContext());
    this.#span = span;
    this.#tracer = tracer;
    this.#rejected = rejected;
  }

  appended(seq: number, duplicate: boolean): void {
    this.#span.setAttributes({ 'chat.message.seq': seq, 'chat.message.duplicate': duplicate });
    const within = trace.setSpan(contextOf(''), this.#span);
    if (!duplicate) this.#fanout = this.#tracer.startSpan('fanout chat.room', { attributes: ROOM_TEMPLATE }, within);
    this.#span.end();
  }

  rejected(refusal: Refusal): void {
    this.#span.setAttribute('error.type', refusal.reason);
    this.#span.setStatus({ code: SpanStatusCode.ERROR, message: refusal.message });
    this.#rejected(refusal);
    this.#span.end();
  }

  fannedOut({ members, writes, bytes }: PassReport): void {
    this.#fanout?.setAttributes({
      'chat.fanout.members': members,
      'chat.fanout.slices': writes,
      'chat.fanout.bytes': bytes,
    });
    this.#fanout?.end();
  }
}

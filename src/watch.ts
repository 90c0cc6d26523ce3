import { isSpanContextValid, metrics, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { type Clock, NOBODY, type Observer } from './core/ports.ts';
import { LineQuota } from './telemetry/line-quota.ts';
import type { Logger } from './telemetry/logger.ts';
import { MessageObserver } from './telemetry/messages.ts';
import { createRecorders, exportMeasured, type Measured } from './telemetry/metrics.ts';
import { StreamObserver } from './telemetry/streams.ts';
import type { CloseReason, Connection } from './wire/connection.ts';
import type { GrpcServerEvents } from './wire/grpc-server.ts';
import { statusNameOf } from './wire/status.ts';

/** Everyday ends of a stream, which nobody has to act on. */
const EVERYDAY: readonly CloseReason[] = ['ok', 'lost', 'replaced', 'draining'];

/** Who is told what the server does, and what may be read of it. */
export interface Watch {
  readonly events: GrpcServerEvents;
  readonly observer: Observer;
  /** Lets the numbers be exported that the core keeps. */
  exports(measured: Measured): void;
}

/** Tells the log, and nobody else. */
export function watchByLog(log: Logger, clock: Clock): Watch {
  return { events: loggedEvents(log, clock, () => ({})), observer: NOBODY, exports: () => {} };
}

/** Tells the log, and what the OpenTelemetry API is registered with. */
export function watchByTelemetry(log: Logger, name: string, clock: Clock): Watch {
  const meter = metrics.getMeter(name);
  const recorders = createRecorders(meter);
  const tracer = trace.getTracer(name);
  const streams = new StreamObserver(tracer, clock);
  const observer = new MessageObserver({
    tracer,
    clock,
    openSpanOf: (sessionId) => streams.openSpanOf(sessionId),
    rejected: ({ reason }, session, span) => log.info({ session, reason, ...idsOf(span) }, 'message rejected'),
    passed: (seconds) => recorders.fanoutDuration.record(seconds),
    delivered: (seconds) => recorders.deliveryLag.record(seconds),
  });
  const closed = (connection: Connection, reason: CloseReason) => {
    const status = statusNameOf(reason);
    const end = streams.closed(connection, reason, status);
    if (end === undefined) return {};
    count(recorders.closed, reason);
    recorders.callDuration.record(end.seconds, {
      'rpc.system.name': 'grpc',
      'rpc.method': 'chat.v1.ChatService/Channel',
      'rpc.response.status_code': status,
    });
    return idsOf(end.context);
  };
  const logged = loggedEvents(log, clock, closed);
  const events: GrpcServerEvents = {
    ...logged,
    opened: (connection) => {
      streams.opened(connection);
      logged.opened(connection);
    },
    answered: (connection) => streams.answered(connection),
    refused: (peer, refusal) => {
      count(recorders.refused, refusal.reason);
      logged.refused(peer, refusal);
    },
    transportRefused: (peer, reason, detail) => {
      count(recorders.transportsRefused, reason);
      logged.transportRefused(peer, reason, detail);
    },
  };
  return { events, observer, exports: (measured) => exportMeasured(meter, recorders, measured) };
}

/** @param closed says what else belongs to the line of a stream that is over. */
function loggedEvents(
  log: Logger,
  clock: Clock,
  closed: (connection: Connection, reason: CloseReason) => object,
): GrpcServerEvents {
  const quota = new LineQuota(clock);
  /** What strangers can bring about as often as they like is told sparingly, unless everything is asked for. */
  const sparingly = (
    level: 'info' | 'warn',
    line: { readonly reason: string; readonly peer: string },
    message: string,
  ) => {
    const unsaid = log.isLevelEnabled('debug') ? 0 : quota.take(`${message} ${line.reason}`);
    if (unsaid !== undefined) log[level](unsaid === 0 ? line : { ...line, unsaid }, message);
  };
  return {
    opened: ({ session, peer }) => log.debug({ session: session.id, peer }, 'stream opened'),
    answered: () => {},
    closed: (connection, reason) => {
      const { session, peer } = connection;
      const line = { session: session.id, peer, reason, ...closed(connection, reason) };
      if (EVERYDAY.includes(reason)) log.debug(line, 'stream closed');
      else sparingly('info', line, 'stream closed');
    },
    refused: (peer, { reason }) => sparingly('warn', { peer, reason }, 'stream refused'),
    transportRefused: (peer, reason, detail) =>
      sparingly('warn', { peer, reason, ...(detail !== undefined && { detail }) }, 'transport refused'),
    faulted: (error, correlationId) => log.error({ err: error, correlationId }, 'internal fault'),
  };
}

/** What belongs to the line of something that a span tells of; nothing when that is not exported. */
function idsOf(span: SpanContext): { readonly trace_id?: string; readonly span_id?: string } {
  const isExported = isSpanContextValid(span) && (span.traceFlags & TraceFlags.SAMPLED) !== 0;
  return isExported ? { trace_id: span.traceId, span_id: span.spanId } : {};
}

function count(counts: Map<string, number>, reason: string): void {
  counts.set(reason, (counts.get(reason) ?? 0) + 1);
}

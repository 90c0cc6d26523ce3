import { logs, ROOT_CONTEXT, SeverityNumber, TraceFlags, trace } from '@opentelemetry/api';

const SEVERITIES: Readonly<Record<number, SeverityNumber>> = {
  10: SeverityNumber.TRACE,
  20: SeverityNumber.DEBUG,
  30: SeverityNumber.INFO,
  40: SeverityNumber.WARN,
  50: SeverityNumber.ERROR,
  60: SeverityNumber.FATAL,
};

/** Takes the lines of the log, as pino writes them, to whatever the OpenTelemetry API is registered with. */
export function logExport(name: string): { write(line: string): void } {
  const logger = logs.getLogger(name);
  return {
    write(line) {
      const { level, time, msg, trace_id, span_id, err, ...attributes } = JSON.parse(line);
      const spanContext = { traceId: trace_id, spanId: span_id, traceFlags: TraceFlags.SAMPLED };
      logger.emit({
        timestamp: new Date(time),
        severityNumber: SEVERITIES[level] ?? SeverityNumber.UNSPECIFIED,
        body: msg,
        attributes: {
          ...attributes,
          ...(err && {
            'exception.type': err.type,
            'exception.message': err.message,
            'exception.stacktrace': err.stack,
          }),
        },
        context: trace_id === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, spanContext),
      });
    },
  };
}

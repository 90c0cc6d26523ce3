import type { ExportLogsServiceRequest } from '../../api/gen/opentelemetry/proto/collector/logs/v1/logs_service.ts';
import type { ExportMetricsServiceRequest } from '../../api/gen/opentelemetry/proto/collector/metrics/v1/metrics_service.ts';
import type { ExportTraceServiceRequest } from '../../api/gen/opentelemetry/proto/collector/trace/v1/trace_service.ts';
import {
  AggregationTemporality,
  type HistogramDataPoint,
  type Metric,
  type NumberDataPoint,
} from '../../api/gen/opentelemetry/proto/metrics/v1/metrics.ts';
import type { Resource } from '../../api/gen/opentelemetry/proto/resource/v1/resource.ts';
import { type Span, Status_StatusCode } from '../../api/gen/opentelemetry/proto/trace/v1/trace.ts';
import { attributesOf, attributeValue, bounded } from './attributes.ts';
import type { MetricPoint, ReceivedLog, ReceivedSpan, Source, SpanKind } from './received.ts';

/** By the number of OTLP. */
const KINDS: readonly SpanKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const LEVELS = ['UNSET', 'TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'];
const MOST_EVENTS = 128;
const MOST_BUCKETS = 1000;

export function spansOf({ resourceSpans }: ExportTraceServiceRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const source = sourceOf(resource);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => spanOf(span, source)));
  });
}

/** Histograms of exponential buckets and summaries are passed over: nothing here exports them. */
export function pointsOf({ resourceMetrics }: ExportMetricsServiceRequest): MetricPoint[] {
  return resourceMetrics.flatMap(({ resource, scopeMetrics }) => {
    const source = sourceOf(resource);
    return scopeMetrics.flatMap(({ metrics }) => metrics.flatMap((metric) => pointsOfMetric(metric, source)));
  });
}

export function logsOf({ resourceLogs }: ExportLogsServiceRequest): ReceivedLog[] {
  return resourceLogs.flatMap(({ resource, scopeLogs }) => {
    const source = sourceOf(resource);
    return scopeLogs.flatMap(({ logRecords }) =>
      logRecords.map((log) => ({
        ...source,
        timeUnixNano: log.timeUnixNano || log.observedTimeUnixNano,
        severity: log.severityNumber,
        level: bounded(log.severityText) || (LEVELS[Math.ceil(log.severityNumber / 4)] ?? 'UNSET'),
        body: `${attributeValue(log.body)}`,
        attributes: attributesOf(log.attributes),
        traceId: hex(log.traceId, 16),
        spanId: hex(log.spanId, 8),
      })),
    );
  });
}

function sourceOf(resource: Resource | undefined): Source {
  const { 'service.name': service = 'unknown_service', 'service.instance.id': instance = '' } = attributesOf(
    resource?.attributes ?? [],
  );
  return { service: `${service}`, instance: `${instance}` };
}

function spanOf(span: Span, source: Source): ReceivedSpan {
  return {
    ...source,
    traceId: hex(span.traceId, 16),
    spanId: hex(span.spanId, 8),
    parentSpanId: hex(span.parentSpanId, 8),
    name: bounded(span.name),
    kind: KINDS[span.kind] ?? 'unspecified',
    startUnixNano: span.startTimeUnixNano,
    endUnixNano: span.endTimeUnixNano,
    attributes: attributesOf(span.attributes),
    events: span.events.slice(0, MOST_EVENTS).map(({ name, timeUnixNano, attributes }) => ({
      name: bounded(name),
      timeUnixNano,
      attributes: attributesOf(attributes),
    })),
    links: span.links
      .slice(0, MOST_EVENTS)
      .map(({ traceId, spanId }) => ({ traceId: hex(traceId, 16), spanId: hex(spanId, 8) })),
    error: span.status?.code === Status_StatusCode.ERROR ? bounded(span.status.message) : undefined,
  };
}

function pointsOfMetric({ name, unit, data }: Metric, source: Source): MetricPoint[] {
  const metric = { ...source, name: bounded(name), unit: bounded(unit) };
  const common = ({ attributes, startTimeUnixNano, timeUnixNano }: NumberDataPoint | HistogramDataPoint) => ({
    ...metric,
    attributes: attributesOf(attributes),
    startUnixNano: startTimeUnixNano,
    timeUnixNano,
  });
  const isDelta = (temporality: AggregationTemporality) => temporality === AggregationTemporality.DELTA;
  switch (data?.$case) {
    case 'gauge':
      return data.value.dataPoints.map((point) => ({
        ...common(point),
        kind: 'gauge',
        isDelta: false,
        value: Number(point.value?.value ?? 0),
      }));
    case 'sum': {
      const { dataPoints, isMonotonic, aggregationTemporality } = data.value;
      return dataPoints.map((point) => ({
        ...common(point),
        kind: isMonotonic ? 'counter' : 'up_down_counter',
        isDelta: isDelta(aggregationTemporality),
        value: Number(point.value?.value ?? 0),
      }));
    }
    case 'histogram': {
      const { dataPoints, aggregationTemporality } = data.value;
      return dataPoints.map((point) => ({
        ...common(point),
        kind: 'histogram',
        isDelta: isDelta(aggregationTemporality),
        count: Number(point.count),
        sum: point.sum ?? 0,
        bounds: point.explicitBounds.slice(0, MOST_BUCKETS),
        bucketCounts: point.bucketCounts.slice(0, MOST_BUCKETS + 1).map(Number),
        min: point.min,
        max: point.max,
      }));
    }
    case undefined:
      return [];
  }
}

function hex(bytes: Buffer, most: number): string {
  return bytes.subarray(0, most).toString('hex');
}

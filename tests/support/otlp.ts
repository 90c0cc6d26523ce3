import { vi } from 'vitest';
import type { MetricPoint, ReceivedLog, ReceivedSpan } from '../../cli/traces/received.ts';
import { startReceiver } from '../../cli/traces/receiver.ts';

/** The receiver of `chat-client traces` in this process on a port of its own; what arrived so far is in its arrays. */
export async function startOtlp() {
  const spans: ReceivedSpan[] = [];
  const points: MetricPoint[] = [];
  const samples: (readonly MetricPoint[])[] = [];
  const logs: ReceivedLog[] = [];
  const receiver = await startReceiver(
    { host: '127.0.0.1', port: 0 },
    {
      spans: (some) => spans.push(...some),
      points: (some) => {
        points.push(...some);
        samples.push(some);
      },
      logs: (some) => logs.push(...some),
    },
  );
  return {
    port: receiver.port,
    /** What makes a program export to it, metrics five times a second. */
    env: {
      CHAT_GRPC_OTEL_ENABLED: 'true',
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${receiver.port}`,
      OTEL_METRIC_EXPORT_INTERVAL: '200',
      OTEL_METRIC_EXPORT_TIMEOUT: '200',
      OTEL_BSP_SCHEDULE_DELAY: '100',
      OTEL_BLRP_SCHEDULE_DELAY: '100',
    },
    spans,
    points,
    /** The points by exports: what was read at the same moment. */
    samples,
    logs,
    /** What `look` returns as soon as it neither throws nor is undefined. */
    until<T>(look: () => T | undefined): Promise<T> {
      const found = () => {
        const value = look();
        if (value === undefined) throw new Error(`not among ${spans.length} spans and ${points.length} points`);
        return value;
      };
      return vi.waitFor(found, { timeout: 30_000, interval: 20 });
    },
    [Symbol.asyncDispose]: () => receiver.close(),
  };
}

import { describe, expect, test } from 'vitest';
import { telemetryBy } from '../../../cli/telemetry/otel-environment.ts';

const of = (given: Record<string, string>) => telemetryBy({ CHAT_GRPC_OTEL_ENABLED: 'yes', ...given }, '9.9.9');

describe('what a client exports', () => {
  test('is nothing unless it is asked for', () => {
    expect(telemetryBy({}, '1')).toBeUndefined();
    expect(telemetryBy({ CHAT_GRPC_OTEL_ENABLED: 'off' }, '1')).toBeUndefined();
  });

  test('is its traces, as chat-client, by gRPC', () => {
    expect(of({})).toMatchObject({
      sampleRatio: 1,
      environment: {
        OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
        OTEL_SERVICE_NAME: 'chat-client',
        OTEL_RESOURCE_ATTRIBUTES: 'service.version=9.9.9',
        OTEL_METRICS_EXPORTER: 'none',
        OTEL_LOGS_EXPORTER: 'none',
      },
    });
  });

  test("goes where the settings say, and where the standard's own say before that", () => {
    const ours = { CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: 'collector:4317', CHAT_GRPC_OTEL_EXPORTER_INSECURE: 'true' };
    const url = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' };
    expect(of(ours)).toMatchObject({ environment: url });
    const standard = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://theirs:1', OTEL_TRACES_SAMPLER: 'always_off' };
    expect(of({ ...ours, ...standard })).toMatchObject({ environment: standard, sampleRatio: undefined });
  });

  test.each([
    [{ CHAT_GRPC_OTEL_ENABLED: 'maybe' }, 'CHAT_GRPC_OTEL_ENABLED=maybe: must be true or false'],
    [{ CHAT_GRPC_OTEL_SAMPLE_RATIO: 'abc' }, 'CHAT_GRPC_OTEL_SAMPLE_RATIO=abc: must be a number from 0 to 1'],
    [{ OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' }, 'OTEL_EXPORTER_OTLP_PROTOCOL=smoke: must be one of'],
    [{ CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: 'http://:::' }, 'CHAT_GRPC_OTEL_EXPORTER_ENDPOINT=http://:::: must be'],
  ])('%o is refused in a line', (given, line) => {
    expect(of(given as Record<string, string>)).toContain(line);
  });
});

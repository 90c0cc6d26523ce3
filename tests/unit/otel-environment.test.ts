import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config.ts';

const otel = (given: Record<string, string>) =>
  readConfig({ CHAT_GRPC_OTEL_ENABLED: 'yes', ...given }, {}, '9.9.9').telemetry?.environment ?? {};

describe('telemetry', () => {
  test('is off unless it is asked for', () => {
    expect(readConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317' }).telemetry).toBeUndefined();
    expect(readConfig({ CHAT_GRPC_OTEL_ENABLED: 'off' }).telemetry).toBeUndefined();
    expect(readConfig({ CHAT_GRPC_OTEL_ENABLED: 'true' }).telemetry?.sampleRatio).toBe(1);
  });

  test('goes by gRPC to this machine when nothing else is said', () => {
    expect(otel({})).toMatchObject({
      OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
      OTEL_SERVICE_NAME: 'chat-grpc',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=9.9.9',
    });
    // The SDK has it, for each protocol.
    expect(otel({})).not.toHaveProperty('OTEL_EXPORTER_OTLP_ENDPOINT');
  });

  test("has the ancestor's settings, each in the standard's words", () => {
    const given = {
      CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: 'collector:4317',
      CHAT_GRPC_OTEL_EXPORTER_INSECURE: 'true',
      CHAT_GRPC_OTEL_EXPORTER_TIMEOUT: '3s',
      CHAT_GRPC_OTEL_EXPORTER_COMPRESSION: 'gzip',
      CHAT_GRPC_OTEL_EXPORTER_HEADERS: 'a=b,c=d',
      CHAT_GRPC_OTEL_SERVICE_NAME: 'rooms',
      CHAT_GRPC_OTEL_SERVICE_VERSION: '1.2.3',
      CHAT_GRPC_ENV: 'staging',
    };
    expect(otel(given)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4317',
      OTEL_EXPORTER_OTLP_TIMEOUT: '3000',
      OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
      OTEL_EXPORTER_OTLP_HEADERS: 'a=b,c=d',
      OTEL_SERVICE_NAME: 'rooms',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=1.2.3,deployment.environment.name=staging',
    });
  });

  test('APP_NAME and APP_VERSION name the service where nothing else does', () => {
    const apart = { CHAT_GRPC_APP_NAME: 'app', CHAT_GRPC_APP_VERSION: '7' };
    expect(otel(apart)).toMatchObject({
      OTEL_SERVICE_NAME: 'app',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=7',
    });
    expect(otel({ ...apart, CHAT_GRPC_OTEL_SERVICE_NAME: 'rooms' })['OTEL_SERVICE_NAME']).toBe('rooms');
  });

  test("the standard's variables win over ours", () => {
    const given = {
      CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: 'ours:1',
      CHAT_GRPC_OTEL_SERVICE_NAME: 'ours',
      CHAT_GRPC_OTEL_SERVICE_VERSION: '1',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://theirs:2',
      OTEL_SERVICE_NAME: 'theirs',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=2,team=a',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      OTEL_TRACES_SAMPLER: 'always_off',
    };
    expect(otel(given)).toMatchObject({
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://theirs:2',
      OTEL_SERVICE_NAME: 'theirs',
      OTEL_RESOURCE_ATTRIBUTES: 'service.version=2,team=a',
      OTEL_METRIC_EXPORT_INTERVAL: '1000',
      // Longer than the interval would be complained of.
      OTEL_METRIC_EXPORT_TIMEOUT: '1000',
    });
    expect(readConfig({ CHAT_GRPC_OTEL_ENABLED: 'on', ...given }).telemetry?.sampleRatio).toBeUndefined();
  });

  test.each([
    ['collector:4317', undefined, 'https://collector:4317'],
    ['collector:4317', 'false', 'https://collector:4317'],
    ['localhost:4317', undefined, 'http://localhost:4317'],
    ['127.0.0.1:4317', undefined, 'http://127.0.0.1:4317'],
    ['127.0.0.1:4317', 'no', 'https://127.0.0.1:4317'],
    ['http://collector:4317', 'no', 'http://collector:4317'],
  ])('to %s, insecure %s, goes %s', (endpoint, insecure, url) => {
    const given = {
      CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: endpoint,
      ...(insecure && { CHAT_GRPC_OTEL_EXPORTER_INSECURE: insecure }),
    };
    expect(otel(given)['OTEL_EXPORTER_OTLP_ENDPOINT']).toBe(url);
  });

  test('a service name among the resource attributes is a name too', () => {
    const environment = otel({ OTEL_RESOURCE_ATTRIBUTES: 'team=a, service.name=mine' });
    expect(environment).not.toHaveProperty('OTEL_SERVICE_NAME');
    expect(environment['OTEL_RESOURCE_ATTRIBUTES']).toBe('team=a, service.name=mine,service.version=9.9.9');
  });

  test.each([
    { OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'smoke' },
    { OTEL_EXPORTER_OTLP_METRICS_PROTOCOL: 'smoke' },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://:::' },
    { CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: 'http://:::' },
  ])('%o is refused in one line', (given) => {
    const [[name, value] = []] = Object.entries(given);
    expect(() => otel(given as Record<string, string>)).toThrow(`settings are wrong:\n  ${name}=${value}: must be`);
  });

  test('another protocol is honoured, and one that is none is refused in one line', () => {
    const http = otel({ OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf' });
    expect(http['OTEL_EXPORTER_OTLP_PROTOCOL']).toBe('http/protobuf');
    // The SDK knows the port that goes with it.
    expect(http['OTEL_EXPORTER_OTLP_ENDPOINT']).toBeUndefined();
    expect(() => otel({ OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' })).toThrow(
      'settings are wrong:\n  OTEL_EXPORTER_OTLP_PROTOCOL=smoke: must be one of grpc, http/protobuf, http/json',
    );
  });

  test.each(['-0.1', '1.1', 'half', '1e-1'])('a sample ratio of %s is refused', (ratio) => {
    expect(() => otel({ CHAT_GRPC_OTEL_SAMPLE_RATIO: ratio })).toThrow(
      `CHAT_GRPC_OTEL_SAMPLE_RATIO=${ratio}: must be a number from 0 to 1`,
    );
  });
});

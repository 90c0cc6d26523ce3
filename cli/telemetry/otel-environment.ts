type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/;
const YES = /^(true|1|yes|on)$/i;

export interface ClientTelemetry {
  /** Of traces, from 0 to 1; undefined when the environment has a sampler of its own. */
  readonly sampleRatio: number | undefined;
  /** The OTEL_* variables for the SDK. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What the client exports, by the settings that the server has too; undefined when
 * telemetry is off. The standard's own variables win. A client exports traces alone.
 */
export function telemetryBy(environment: Environment, version: string): ClientTelemetry | undefined {
  const given = (name: string) => environment[`CHAT_GRPC_OTEL_${name}`] || undefined;
  if (!YES.test(given('ENABLED') ?? '')) return undefined;
  const protocol = environment['OTEL_EXPORTER_OTLP_PROTOCOL'] || 'grpc';
  const endpoint = given('EXPORTER_ENDPOINT') ?? (protocol === 'grpc' ? 'localhost:4317' : undefined);
  const ours: Record<string, string | undefined> = {
    OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint === undefined ? undefined : withScheme(endpoint, given('EXPORTER_INSECURE')),
    OTEL_EXPORTER_OTLP_HEADERS: given('EXPORTER_HEADERS'),
    OTEL_EXPORTER_OTLP_COMPRESSION: given('EXPORTER_COMPRESSION'),
    OTEL_SERVICE_NAME: 'chat-client',
    OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}`,
    OTEL_PROPAGATORS: 'tracecontext',
    OTEL_NODE_RESOURCE_DETECTORS: 'env,serviceinstance',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  };
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...ours, ...standardOf(environment) })) {
    if (value !== undefined) all[name] = value;
  }
  const ratio = Number(given('SAMPLE_RATIO') ?? 1);
  const isRatio = ratio >= 0 && ratio <= 1;
  return { sampleRatio: all['OTEL_TRACES_SAMPLER'] ? undefined : isRatio ? ratio : 1, environment: all };
}

function standardOf(environment: Environment): Environment {
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => name.startsWith('OTEL_') && value));
}

/** Without TLS only when that was asked for, or on this machine. */
function withScheme(endpoint: string, insecure: string | undefined): string {
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  const isPlain = insecure === undefined ? LOOPBACK.test(endpoint) : YES.test(insecure);
  return `${isPlain ? 'http' : 'https'}://${endpoint}`;
}

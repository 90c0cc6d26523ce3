type Environment = Readonly<Record<string, string | undefined>>;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/;
const YES = /^(true|1|yes|on)$/i;
const NO = /^(false|0|no|off)$/i;
const RATIO = /^(0(\.\d+)?|1(\.0+)?)$/;
const PROTOCOL = 'OTEL_EXPORTER_OTLP_PROTOCOL';
const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];

export interface ClientTelemetry {
  /** Of traces, from 0 to 1; undefined when the environment has a sampler of its own. */
  readonly sampleRatio: number | undefined;
  /** The OTEL_* variables for the SDK. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * What the client exports, by the settings that the server has too; undefined when
 * telemetry is off, and a line for people when a setting is wrong. The standard's own
 * variables win. A client exports traces alone, as the service chat-client.
 */
export function telemetryBy(environment: Environment, version: string): ClientTelemetry | string | undefined {
  const given = (name: string) => environment[`CHAT_GRPC_OTEL_${name}`] || undefined;
  const enabled = given('ENABLED') ?? 'false';
  if (NO.test(enabled)) return undefined;
  if (!YES.test(enabled)) return `CHAT_GRPC_OTEL_ENABLED=${enabled}: must be true or false`;
  const ratio = given('SAMPLE_RATIO') ?? '1';
  if (!RATIO.test(ratio)) return `CHAT_GRPC_OTEL_SAMPLE_RATIO=${ratio}: must be a number from 0 to 1`;
  const protocol = environment['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL'] || environment[PROTOCOL] || 'grpc';
  if (!PROTOCOLS.includes(protocol)) return `${PROTOCOL}=${protocol}: must be one of ${PROTOCOLS.join(', ')}`;
  const endpoint = given('EXPORTER_ENDPOINT');
  const url = endpoint === undefined ? undefined : withScheme(endpoint, given('EXPORTER_INSECURE'));
  if (url !== undefined && !URL.canParse(url)) return `CHAT_GRPC_OTEL_EXPORTER_ENDPOINT=${endpoint}: must be host:port`;
  const ours: Record<string, string | undefined> = {
    [PROTOCOL]: protocol,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_HEADERS: given('EXPORTER_HEADERS'),
    OTEL_EXPORTER_OTLP_COMPRESSION: given('EXPORTER_COMPRESSION'),
    OTEL_SERVICE_NAME: 'chat-client',
    OTEL_RESOURCE_ATTRIBUTES: `service.version=${version}`,
    OTEL_NODE_RESOURCE_DETECTORS: 'env,serviceinstance',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
  };
  const all: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...ours, ...standardOf(environment) })) {
    if (value !== undefined) all[name] = value;
  }
  return { sampleRatio: all['OTEL_TRACES_SAMPLER'] ? undefined : Number(ratio), environment: all };
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

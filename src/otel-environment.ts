/** Our settings of telemetry, as they were given; those that were not are undefined. */
export interface OtelSettings {
  readonly endpoint: string | undefined;
  readonly insecure: boolean | undefined;
  readonly timeoutMs: number | undefined;
  readonly compression: string | undefined;
  readonly headers: string | undefined;
  readonly serviceName: string | undefined;
  readonly serviceVersion: string;
  /** As in `deployment.environment.name`. */
  readonly deployment: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

const PROTOCOLS = ['grpc', 'http/protobuf', 'http/json'];
const PROTOCOL = 'OTEL_EXPORTER_OTLP_PROTOCOL';
const INTERVAL = 'OTEL_METRIC_EXPORT_INTERVAL';
const METRICS_EVERY_MS = 10_000;
const METRICS_TIMEOUT_MS = 5000;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:|$)/;

/**
 * The OTEL_* variables that the SDK is to read: those of `standard`, which win, and
 * beneath them ours in their words. What neither says is OTLP over gRPC to this
 * machine, often enough to be looked at live.
 */
export function otelEnvironment(settings: OtelSettings, standard: Environment): Record<string, string> {
  const said = Object.entries(standard).filter(([name, value]) => name.startsWith('OTEL_') && (value ?? '') !== '');
  const isGrpc = (standard[PROTOCOL] || 'grpc') === 'grpc';
  const attributes = {
    'service.version': settings.serviceVersion,
    ...(settings.deployment !== undefined && { 'deployment.environment.name': settings.deployment }),
  };
  const ours: Record<string, string | undefined> = {
    [PROTOCOL]: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpointOf(settings, isGrpc),
    OTEL_EXPORTER_OTLP_TIMEOUT: settings.timeoutMs?.toString(),
    OTEL_EXPORTER_OTLP_COMPRESSION: settings.compression,
    OTEL_EXPORTER_OTLP_HEADERS: settings.headers,
    OTEL_SERVICE_NAME: settings.serviceName,
    OTEL_PROPAGATORS: 'tracecontext',
    // Not the command line and who started it.
    OTEL_NODE_RESOURCE_DETECTORS: 'env,serviceinstance,host,os',
    OTEL_BSP_SCHEDULE_DELAY: '1000',
    [INTERVAL]: `${METRICS_EVERY_MS}`,
    // The SDK complains of one that is longer than the interval.
    OTEL_METRIC_EXPORT_TIMEOUT: `${Math.min(METRICS_TIMEOUT_MS, Number(standard[INTERVAL] || METRICS_EVERY_MS))}`,
  };
  const all: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(ours), ...said]) if (value !== undefined) all[name] = value;
  const given = standard['OTEL_RESOURCE_ATTRIBUTES'] ?? '';
  const added = Object.entries(attributes).filter(([name]) => !given.includes(`${name}=`));
  all['OTEL_RESOURCE_ATTRIBUTES'] = [given, ...added.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)]
    .filter((part) => part !== '')
    .join(',');
  return all;
}

/** What is wrong with the protocol that the environment asks for, in a line. */
export function otelProblem(standard: Environment): string | undefined {
  const protocol = standard[PROTOCOL] || 'grpc';
  return PROTOCOLS.includes(protocol) ? undefined : `${PROTOCOL}=${protocol}: must be one of ${PROTOCOLS.join(', ')}`;
}

/** With a scheme; without TLS only when that was asked for, or on this machine. */
function endpointOf({ endpoint, insecure }: OtelSettings, isGrpc: boolean): string | undefined {
  if (endpoint === undefined) return isGrpc ? 'http://localhost:4317' : undefined;
  if (/^https?:\/\//.test(endpoint)) return endpoint;
  return `${(insecure ?? LOOPBACK.test(endpoint)) ? 'http' : 'https'}://${endpoint}`;
}

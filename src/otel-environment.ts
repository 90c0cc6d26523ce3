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
  const attributes = {
    'service.version': settings.serviceVersion,
    ...(settings.deployment !== undefined && { 'deployment.environment.name': settings.deployment }),
  };
  const ours: Record<string, string | undefined> = {
    [PROTOCOL]: 'grpc',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpointOf(settings),
    OTEL_EXPORTER_OTLP_TIMEOUT: settings.timeoutMs?.toString(),
    OTEL_EXPORTER_OTLP_COMPRESSION: settings.compression,
    OTEL_EXPORTER_OTLP_HEADERS: settings.headers,
    OTEL_SERVICE_NAME: names(standard, 'service.name') ? undefined : settings.serviceName,
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
  const added = Object.entries(attributes).filter(([name]) => !names(standard, name));
  all['OTEL_RESOURCE_ATTRIBUTES'] = [given, ...added.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)]
    .filter((part) => part !== '')
    .join(',');
  return all;
}

/** What is wrong with the protocols and endpoints that are asked for, a line each. */
export function otelProblems(settings: Pick<OtelSettings, 'endpoint' | 'insecure'>, standard: Environment): string[] {
  const problems: string[] = [];
  for (const signal of ['', 'TRACES_', 'METRICS_', 'LOGS_']) {
    const [protocol, endpoint] = [`OTEL_EXPORTER_OTLP_${signal}PROTOCOL`, `OTEL_EXPORTER_OTLP_${signal}ENDPOINT`];
    if (!PROTOCOLS.includes(standard[protocol] || 'grpc')) {
      problems.push(`${protocol}=${standard[protocol]}: must be one of ${PROTOCOLS.join(', ')}`);
    }
    const url = standard[endpoint] || undefined;
    if (url?.includes('://') && !URL.canParse(url)) problems.push(`${endpoint}=${url}: must be a URL`);
  }
  const ours = endpointOf(settings);
  if (ours !== undefined && !URL.canParse(ours)) {
    problems.push(`CHAT_GRPC_OTEL_EXPORTER_ENDPOINT=${settings.endpoint}: must be host:port or a URL`);
  }
  return problems;
}

function names(standard: Environment, attribute: string): boolean {
  return (standard['OTEL_RESOURCE_ATTRIBUTES'] ?? '')
    .split(',')
    .some((pair) => pair.trim().startsWith(`${attribute}=`));
}

/**
 * With a scheme; without TLS only when that was asked for, or on this machine.
 * Undefined leaves it to the SDK, which knows the port of each protocol here.
 */
function endpointOf({ endpoint, insecure }: Pick<OtelSettings, 'endpoint' | 'insecure'>): string | undefined {
  if (endpoint === undefined || /^https?:\/\//.test(endpoint)) return endpoint;
  return `${(insecure ?? LOOPBACK.test(endpoint)) ? 'http' : 'https'}://${endpoint}`;
}

import { z } from 'zod';
import { AUTH_SETTINGS, type AuthConfig, authBy, authProblems, UNSHOWN_SETTINGS } from './auth-settings.ts';
import type { Limits } from './core/limits.ts';
import { filePath } from './file-path.ts';
import { otelEnvironment, otelProblems } from './otel-environment.ts';
import type { TransportLimits } from './wire/transports.ts';

const PREFIX = 'CHAT_GRPC_';

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** What Node's timers can hold: about 24 days. */
const LONGEST_MS = 2 ** 31 - 1;

const UNIT_MS: Record<string, number> = { ms: 1, s: SECOND, m: MINUTE, h: 60 * MINUTE };
const UNIT_BYTES: Record<string, number> = { '': 1, B: 1, KiB: KIB, MiB: MIB, GiB: 1024 * MIB };

/** `5s`, `1m30s`, `250ms` → milliseconds. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)) {
    total += Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN);
  }
  return Math.round(total);
}

/** `1024`, `64KiB`, `1MiB` → bytes. */
function parseSize(text: string): number | undefined {
  const [, amount, unit] = /^(\d+)\s*(B|KiB|MiB|GiB)?$/.exec(text) ?? [];
  if (amount === undefined) return undefined;
  return Number(amount) * (UNIT_BYTES[unit ?? ''] ?? Number.NaN);
}

function setting(parse: (text: string) => number | undefined, form: string, [least, most]: [number, number]) {
  return z.string().transform((text, context) => {
    const value = parse(text.trim());
    if (value !== undefined && value >= least && value <= most) return value;
    context.addIssue({ code: 'custom', message: `must be ${form}` });
    return z.NEVER;
  });
}

const wholeNumber = (text: string) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined);
const count = (least: number, most: number) =>
  setting(wholeNumber, `a whole number from ${least} to ${most}`, [least, most]);
const size = (least: number, most: number) =>
  setting(parseSize, `a size such as 4096 or 64KiB, from ${least} to ${most} bytes`, [least, most]);
const duration = (leastMs = 1) =>
  setting(parseDuration, `a duration such as 250ms, 5s or 1m30s, at least ${leastMs}ms`, [leastMs, LONGEST_MS]);

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];
const flag = () =>
  z.string().transform((text, context) => {
    const word = text.trim().toLowerCase();
    if (YES.includes(word) || NO.includes(word)) return YES.includes(word);
    context.addIssue({ code: 'custom', message: `must be one of ${[...YES, ...NO].join(', ')}` });
    return z.NEVER;
  });
const ratio = (text: string) => (/^(0(\.\d+)?|1(\.0+)?)$/.test(text) ? Number(text) : undefined);

/** Every setting, without its prefix, in the form it is written in; docs are the table in README.md. */
const SETTINGS = z.object({
  HOST: z.string().min(1, 'must be an address or host name').default('127.0.0.1'),
  PORT: count(0, 65_535).prefault('50051'),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  TLS_CERT: filePath().optional(),
  TLS_KEY: filePath().optional(),
  TLS_CLIENT_CA: filePath().optional(),
  ALLOW_INSECURE: flag().prefault('false'),
  SHUTDOWN_GRACE: duration(0).prefault('10s'),
  MAX_RECV_MSG_SIZE: size(2 * KIB, 16 * MIB).prefault('16KiB'),
  MAX_CONTENT_BYTES: size(1, 32 * KIB).prefault('4KiB'),
  MAX_NAME_BYTES: size(1, 256).prefault('64'),
  MAX_ROOMS_PER_SESSION: count(1, 10_000).prefault('32'),
  MAX_MEMBERS_PER_ROOM: count(1, 1_000_000).prefault('10000'),
  MAX_ROOMS: count(1, 10_000_000).prefault('100000'),
  MAX_SESSIONS: count(1, 1_000_000).prefault('20000'),
  MAX_STREAMS_PER_CONNECTION: count(1, 10_000).prefault('100'),
  MAX_CONNECTIONS: count(1, 1_000_000).prefault('20000'),
  MAX_CONNECTIONS_PER_ADDRESS: count(0, 1_000_000).prefault('1000'),
  MAX_EVENT_LOOP_DELAY: duration(0).prefault('200ms'),
  RATE_LIMIT: count(0, 1_000_000).prefault('20'),
  RATE_BURST: count(5, 1_000_000).prefault('40'),
  ROOM_HISTORY_BYTES: size(4 * KIB, 1024 * MIB).prefault('1MiB'),
  ROOM_HISTORY_AGE: duration().prefault('5m'),
  MAX_PAGE_SIZE: count(1, 10_000).prefault('500'),
  HISTORY_BYTES: size(4 * KIB, 1024 * 1024 * MIB).prefault('256MiB'),
  FOLD_ABOVE: count(1, 1_000_000).prefault('50'),
  RESUME_GRACE: duration(0).prefault('15s'),
  HANDSHAKE_TIMEOUT: duration(100).prefault('10s'),
  HEARTBEAT_INTERVAL: duration(100).prefault('25s'),
  HEARTBEAT_TIMEOUT: duration(100).prefault('10s'),
  STUCK_WRITE_TIMEOUT: duration(100).prefault('30s'),
  MAX_UNFINISHED_BYTES: size(64 * KIB, 1024 * 1024 * MIB).prefault('256MiB'),
  KEEPALIVE_TIME: duration(1000).prefault('20s'),
  KEEPALIVE_TIMEOUT: duration(100).prefault('10s'),
  OTEL_ENABLED: flag().prefault('false'),
  OTEL_SAMPLE_RATIO: setting(ratio, 'a number from 0 to 1', [0, 1]).prefault('1'),
  OTEL_EXPORTER_ENDPOINT: z.string().optional(),
  OTEL_EXPORTER_INSECURE: flag().optional(),
  OTEL_EXPORTER_TIMEOUT: duration().optional(),
  OTEL_EXPORTER_COMPRESSION: z.enum(['gzip', 'none']).optional(),
  OTEL_EXPORTER_HEADERS: z.string().optional(),
  OTEL_SERVICE_NAME: z.string().optional(),
  OTEL_SERVICE_VERSION: z.string().optional(),
  APP_NAME: z.string().optional(),
  APP_VERSION: z.string().optional(),
  ENV: z.string().optional(),
  ...AUTH_SETTINGS,
});

export interface Config {
  readonly host: string;
  readonly port: number;
  readonly logLevel: z.infer<typeof SETTINGS>['LOG_LEVEL'];
  readonly shutdownGraceMs: number;
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  /** Undefined: plaintext. */
  readonly tls: TlsFiles | undefined;
  readonly limits: Limits;
  readonly transports: TransportLimits;
  /** How late timers may be before new streams are refused; 0: it does not matter. */
  readonly maxEventLoopDelayMs: number;
  /** Undefined: everybody is who they say. */
  readonly auth: AuthConfig | undefined;
  /** Undefined when nothing is to be exported. */
  readonly telemetry: TelemetryConfig | undefined;
  /** Names of the settings that were given and have no meaning here. */
  readonly unused: readonly string[];
}

/** Paths of PEM files. */
export interface TlsFiles {
  readonly cert: string;
  readonly key: string;
  /** Undefined: clients need no certificate. */
  readonly clientCa: string | undefined;
}

export interface TelemetryConfig {
  /** Of traces, from 0 to 1; undefined when the environment has a sampler of its own. */
  readonly sampleRatio: number | undefined;
  /** The OTEL_* variables for the SDK. */
  readonly environment: Readonly<Record<string, string>>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings that are wrong, all of them, a line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the settings from `environment`, and beneath it from `file`. An empty
 * value counts as not given.
 * @throws ConfigError that names every bad setting, what it was and what it must be.
 */
export function readConfig(environment: Environment, file: Environment = {}, version = 'unknown'): Config {
  const given = givenBy(environment, file);
  const { data, error } = SETTINGS.safeParse(given);
  const problems = problemsOf(error, given);
  const sizes = SETTINGS.pick({ MAX_CONTENT_BYTES: true, MAX_RECV_MSG_SIZE: true }).safeParse(given).data;
  if (sizes !== undefined && sizes.MAX_CONTENT_BYTES > sizes.MAX_RECV_MSG_SIZE - KIB) {
    problems.push(
      `${PREFIX}MAX_CONTENT_BYTES=${sizes.MAX_CONTENT_BYTES}: must be at least 1024 bytes below ${PREFIX}MAX_RECV_MSG_SIZE, which is ${sizes.MAX_RECV_MSG_SIZE}`,
    );
  }
  const logs = SETTINGS.pick({ HISTORY_BYTES: true, ROOM_HISTORY_BYTES: true }).safeParse(given).data;
  if (logs !== undefined && logs.HISTORY_BYTES < logs.ROOM_HISTORY_BYTES) {
    problems.push(
      `${PREFIX}HISTORY_BYTES=${logs.HISTORY_BYTES}: must not be below ${PREFIX}ROOM_HISTORY_BYTES, which is ${logs.ROOM_HISTORY_BYTES}`,
    );
  }
  problems.push(...encryptionProblems(given));
  problems.push(...authProblems(Object.keys(given), PREFIX));
  const standard = { ...file, ...environment };
  if (data?.OTEL_ENABLED) {
    const { OTEL_EXPORTER_ENDPOINT: endpoint, OTEL_EXPORTER_INSECURE: insecure } = data;
    problems.push(...otelProblems({ endpoint, insecure }, standard));
  }
  if (data === undefined || problems.length > 0) throw configError(problems);
  return {
    host: data.HOST,
    port: data.PORT,
    logLevel: data.LOG_LEVEL,
    shutdownGraceMs: data.SHUTDOWN_GRACE,
    keepaliveTimeMs: data.KEEPALIVE_TIME,
    keepaliveTimeoutMs: data.KEEPALIVE_TIMEOUT,
    tls: tlsFiles(data),
    transports: {
      maxTransports: data.MAX_CONNECTIONS,
      maxTransportsPerAddress: data.MAX_CONNECTIONS_PER_ADDRESS,
      maxStreamsPerTransport: data.MAX_STREAMS_PER_CONNECTION,
    },
    maxEventLoopDelayMs: data.MAX_EVENT_LOOP_DELAY,
    limits: {
      maxEnvelopeBytes: data.MAX_RECV_MSG_SIZE,
      maxContentBytes: data.MAX_CONTENT_BYTES,
      maxNameBytes: data.MAX_NAME_BYTES,
      maxRoomsPerSession: data.MAX_ROOMS_PER_SESSION,
      maxMembersPerRoom: data.MAX_MEMBERS_PER_ROOM,
      maxRooms: data.MAX_ROOMS,
      maxSessions: data.MAX_SESSIONS,
      rateLimit: data.RATE_LIMIT,
      rateBurst: data.RATE_BURST,
      roomHistoryBytes: data.ROOM_HISTORY_BYTES,
      roomHistoryAgeMs: data.ROOM_HISTORY_AGE,
      maxPageSize: data.MAX_PAGE_SIZE,
      historyBytes: data.HISTORY_BYTES,
      foldAbove: data.FOLD_ABOVE,
      resumeGraceMs: data.RESUME_GRACE,
      handshakeTimeoutMs: data.HANDSHAKE_TIMEOUT,
      heartbeatIntervalMs: data.HEARTBEAT_INTERVAL,
      heartbeatTimeoutMs: data.HEARTBEAT_TIMEOUT,
      stuckWriteTimeoutMs: data.STUCK_WRITE_TIMEOUT,
      maxUnfinishedBytes: data.MAX_UNFINISHED_BYTES,
    },
    auth: authBy(data),
    telemetry: data.OTEL_ENABLED ? telemetryBy(data, standard, version) : undefined,
    unused: Object.keys(given)
      .filter((name) => !(name in SETTINGS.shape))
      .map((name) => PREFIX + name),
  };
}

/** Loopback by its name or address; any other name may be anywhere. */
const LOOPBACK = /^(localhost|(::ffff:)?127(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}|::1)$/i;

function encryptionProblems(given: Readonly<Record<string, string>>): string[] {
  const { TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: clientCa } = given;
  const problems: string[] = [];
  const needs = (name: string, other: string) => problems.push(`${PREFIX}${name}: needs ${PREFIX}${other} beside it`);
  if (cert !== undefined && key === undefined) needs('TLS_CERT', 'TLS_KEY');
  if (key !== undefined && cert === undefined) needs('TLS_KEY', 'TLS_CERT');
  if (clientCa !== undefined && cert === undefined) needs('TLS_CLIENT_CA', 'TLS_CERT');
  const { HOST, ALLOW_INSECURE } = SETTINGS.pick({ HOST: true, ALLOW_INSECURE: true }).safeParse(given).data ?? {};
  if (cert === undefined && HOST !== undefined && !LOOPBACK.test(HOST) && ALLOW_INSECURE === false) {
    problems.push(
      `${PREFIX}HOST=${HOST}: would let others in unencrypted; set ${PREFIX}TLS_CERT and ${PREFIX}TLS_KEY, or ${PREFIX}ALLOW_INSECURE=true where something before it encrypts`,
    );
  }
  return problems;
}

function tlsFiles({ TLS_CERT: cert, TLS_KEY: key, TLS_CLIENT_CA: clientCa }: z.infer<typeof SETTINGS>) {
  return cert === undefined || key === undefined ? undefined : { cert, key, clientCa };
}

export interface IssuingConfig {
  /** Undefined when tokens are signed with something else. */
  readonly secret: string | undefined;
  readonly issuer: string;
  readonly audience: string;
  readonly maxNameBytes: number;
}

/**
 * Reads what it takes to issue tokens that a server with the same settings takes; the others may be wrong.
 * @throws ConfigError as above.
 */
export function readIssuing(environment: Environment, file: Environment = {}): IssuingConfig {
  const given = givenBy(environment, file);
  const { data, error } = ISSUING.safeParse(given);
  if (data === undefined) throw configError(problemsOf(error, given));
  const { AUTH_SECRET: secret, AUTH_ISSUER: issuer, AUTH_AUDIENCE: audience, MAX_NAME_BYTES: maxNameBytes } = data;
  return { secret, issuer, audience, maxNameBytes };
}

const ISSUING = SETTINGS.pick({ AUTH_SECRET: true, AUTH_ISSUER: true, AUTH_AUDIENCE: true, MAX_NAME_BYTES: true });

/** Ours, by their names without the prefix. */
function givenBy(environment: Environment, file: Environment): Record<string, string> {
  const given: Record<string, string> = {};
  for (const [name, value] of [...Object.entries(file), ...Object.entries(environment)]) {
    if (name.startsWith(PREFIX) && value !== undefined && value !== '') given[name.slice(PREFIX.length)] = value;
  }
  return given;
}

/** Of these a wrong value is not shown: it is a secret, or may be one. */
const UNSHOWN = [...UNSHOWN_SETTINGS, 'TLS_CERT', 'TLS_KEY', 'TLS_CLIENT_CA'];

function problemsOf(error: z.ZodError | undefined, given: Readonly<Record<string, string>>): string[] {
  return (error?.issues ?? []).map((issue) => {
    const name = String(issue.path[0]);
    const must = issue.code === 'invalid_value' ? `must be one of ${issue.values.join(', ')}` : issue.message;
    return `${PREFIX}${name}${UNSHOWN.includes(name) ? '' : `=${given[name]}`}: ${must}`;
  });
}

function configError(problems: readonly string[]): ConfigError {
  return new ConfigError(['settings are wrong:', ...problems.map((problem) => `  ${problem}`)].join('\n'));
}

function telemetryBy(data: z.infer<typeof SETTINGS>, standard: Environment, version: string): TelemetryConfig {
  const settings = {
    endpoint: data.OTEL_EXPORTER_ENDPOINT,
    insecure: data.OTEL_EXPORTER_INSECURE,
    timeoutMs: data.OTEL_EXPORTER_TIMEOUT,
    compression: data.OTEL_EXPORTER_COMPRESSION,
    headers: data.OTEL_EXPORTER_HEADERS,
    serviceName: data.OTEL_SERVICE_NAME ?? data.APP_NAME ?? 'chat-grpc',
    serviceVersion: data.OTEL_SERVICE_VERSION ?? data.APP_VERSION ?? version,
    deployment: data.ENV,
  };
  const hasSampler = (standard['OTEL_TRACES_SAMPLER'] ?? '') !== '';
  return {
    sampleRatio: hasSampler ? undefined : data.OTEL_SAMPLE_RATIO,
    environment: otelEnvironment(settings, standard),
  };
}

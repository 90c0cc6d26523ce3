import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authority } from '../support/certificates.ts';

/** A server as it is started, and the clients that it is measured with. */
export interface Contender {
  readonly name: string;
  readonly server: 'ours' | 'plain grpc-js' | 'plain http2' | 'plain ws';
  /** A load tester that speaks what the server speaks. */
  readonly tool: readonly string[];
  readonly clientFlags: readonly string[];
  readonly start: (port: number) => { readonly words: readonly string[]; readonly environment: NodeJS.ProcessEnv };
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** Ten thousand handshakes take server and load tester, a core each, a minute. */
const MOST_TLS_CLIENTS = 5000;

const LOAD = [pathOf('../../dist/cli/main.js'), 'load'];

/** Without the settings of whoever runs this. */
export const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith('CHAT_GRPC_')),
);

/** A certificate for this machine in a folder that is gone when this process is. */
function certificate() {
  const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  const ca = authority();
  const { cert, key } = ca.issue({ names: ['127.0.0.1'] });
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  return { ca: file('ca.pem', ca.cert), cert: file('server.pem', cert), key: file('server.key', key) };
}

const tls = certificate();

/** @param settings beside those that it is always measured with. */
function ours(settings: NodeJS.ProcessEnv): Contender['start'] {
  return (port) => {
    const always = {
      CHAT_GRPC_HOST: '127.0.0.1',
      CHAT_GRPC_PORT: String(port),
      CHAT_GRPC_LOG_LEVEL: 'info',
    };
    // As `make run` starts it.
    const words = ['--max-semi-space-size=8', pathOf('../../dist/src/main.js')];
    return { words, environment: { ...environment, ...always, ...settings } };
  };
}

/** This server, in the ways it is always measured. @param settings of all of them. */
function oursWith(settings: NodeJS.ProcessEnv) {
  const start = ours(settings);
  const full: Contender = { name: 'ours, full clients', server: 'ours', tool: LOAD, clientFlags: [], start };
  const basic: Contender = { ...full, name: 'ours, basic clients', clientFlags: ['--basic'] };
  const overTls: Contender = {
    ...full,
    name: 'ours, full clients, TLS',
    clientFlags: ['--ca', tls.ca],
    start: ours({ ...settings, CHAT_GRPC_TLS_CERT: tls.cert, CHAT_GRPC_TLS_KEY: tls.key }),
  };
  return { full, basic, overTls };
}

const PLAIN_GRPC: Contender = {
  name: 'plain grpc-js',
  server: 'plain grpc-js',
  tool: LOAD,
  clientFlags: ['--basic'],
  start: (port) => ({ words: [pathOf('./plain-server.ts'), String(port)], environment }),
};
const PLAIN_HTTP2: Contender = {
  ...PLAIN_GRPC,
  name: 'plain http2',
  server: 'plain http2',
  start: (port) => ({ words: [pathOf('./http2-server.ts'), String(port)], environment }),
};
const PLAIN_WS: Contender = {
  name: 'plain ws',
  server: 'plain ws',
  tool: [pathOf('./ws-load.ts')],
  clientFlags: ['--basic'],
  start: (port) => ({ words: [pathOf('./ws-server.ts'), String(port)], environment }),
};

/** Those of the scenarios, some of which say as much as the server takes: without a rate limit. */
export function scenarioContenders(): readonly Contender[] {
  const { full, basic, overTls } = oursWith({ CHAT_GRPC_RATE_LIMIT: '0' });
  return [full, basic, overTls, PLAIN_GRPC];
}

/**
 * Those of the capacity curves, with all limits as they are by default; over TLS only where no more come than can come quickly.
 * @param otlpPort where metrics, traces and logs are exported to.
 */
export function curveContenders(otlpPort: number, clients: number): readonly Contender[] {
  const { full, basic, overTls } = oursWith({});
  const settings = {
    CHAT_GRPC_OTEL_ENABLED: 'true',
    CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: `127.0.0.1:${otlpPort}`,
    // Ten times as often as by default: every measured time, which is of seconds, has to have some.
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  };
  const telemetry: Contender = { ...full, name: 'ours, full clients, telemetry', start: ours(settings) };
  const encrypted = clients > MOST_TLS_CLIENTS ? [] : [overTls];
  return [full, basic, telemetry, ...encrypted, PLAIN_GRPC, PLAIN_HTTP2, PLAIN_WS];
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { authority } from '../support/certificates.ts';

/** A server as it is started, and the flags of the clients that it is measured with. */
export interface Contender {
  readonly name: string;
  readonly clientFlags: readonly string[];
  readonly isPlain: boolean;
  readonly start: (port: number) => { readonly words: readonly string[]; readonly environment: NodeJS.ProcessEnv };
}

const pathOf = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

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

function ours(port: number) {
  const settings = {
    CHAT_GRPC_HOST: '127.0.0.1',
    CHAT_GRPC_PORT: String(port),
    CHAT_GRPC_LOG_LEVEL: 'info',
    CHAT_GRPC_RATE_LIMIT: '0',
  };
  return { words: [pathOf('../../dist/src/main.js')], environment: { ...environment, ...settings } };
}

export const CONTENDERS: readonly Contender[] = [
  { name: 'ours, full clients', clientFlags: [], isPlain: false, start: ours },
  { name: 'ours, basic clients', clientFlags: ['--basic'], isPlain: false, start: ours },
  {
    name: 'ours, full clients, TLS',
    clientFlags: ['--ca', tls.ca],
    isPlain: false,
    start: (port) => {
      const { words, environment } = ours(port);
      const files = { CHAT_GRPC_TLS_CERT: tls.cert, CHAT_GRPC_TLS_KEY: tls.key };
      return { words, environment: { ...environment, ...files } };
    },
  },
  {
    name: 'plain grpc-js',
    clientFlags: ['--basic'],
    isPlain: true,
    start: (port) => ({ words: [pathOf('./plain-server.ts'), String(port)], environment }),
  },
];

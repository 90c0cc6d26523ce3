import { fileURLToPath } from 'node:url';

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
    name: 'plain grpc-js',
    clientFlags: ['--basic'],
    isPlain: true,
    start: (port) => ({ words: [pathOf('./plain-server.ts'), String(port)], environment }),
  },
];

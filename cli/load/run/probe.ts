import { connect as connectSocket } from 'node:net';
import { ChatError, connect, type ServerLimits } from '../../connection/index.ts';
import type { ClientKind } from '../scenario.ts';

const PATIENCE_MS = 5_000;
/** For the answer to a hello that the server may not know. */
const HELLO_PATIENCE_MS = 2_000;

export interface ProbeOptions {
  readonly host: string;
  readonly port: number;
  readonly clientKind: ClientKind;
  readonly userId: string;
  /** "name/version" */
  readonly client: string;
  readonly stop: AbortSignal;
}

/**
 * Asks the server for its limits before thousands come. One that is to see basic clients alone may not know the
 * question: then it is enough that somebody listens.
 * @throws ChatError `unreachable`, or what the server refused.
 */
export async function probe({ clientKind, stop, ...options }: ProbeOptions): Promise<ServerLimits | undefined> {
  if (clientKind === 'full') return await limitsOf({ ...options, welcomeTimeoutMs: PATIENCE_MS, signal: stop });
  await knock(options);
  return await limitsOf({ ...options, welcomeTimeoutMs: HELLO_PATIENCE_MS, signal: stop }).catch((error) => {
    if (stop.aborted) throw error;
    return undefined;
  });
}

async function limitsOf(options: Parameters<typeof connect>[0]): Promise<ServerLimits | undefined> {
  const connection = await connect(options);
  const { limits } = connection;
  await connection.close();
  return limits;
}

function knock({ host, port }: { readonly host: string; readonly port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    const unreachable = (why: string) => {
      socket.destroy();
      reject(new ChatError({ reason: 'unreachable', message: `no server at ${host}:${port}: ${why}` }));
    };
    const socket = connectSocket({ host, port, timeout: PATIENCE_MS }, () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', (error: NodeJS.ErrnoException) => unreachable(error.code ?? error.message));
    socket.once('timeout', () => unreachable('no answer'));
  });
}

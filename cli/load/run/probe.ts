import { connect as connectSocket } from 'node:net';
import { ChatError, connect, type ServerAccess, type ServerLimits } from '../../connection/index.ts';
import type { ClientKind } from '../scenario.ts';

const PATIENCE_MS = 5_000;
/** What a basic client hears as well. */
const SHUTS_ALL_OUT: ReadonlySet<string> = new Set(['untrusted', 'unauthenticated']);
/** For the answer to a hello that the server may not know. */
const HELLO_PATIENCE_MS = 2_000;

export interface ProbeOptions {
  readonly server: ServerAccess;
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
export async function probe({
  server,
  clientKind,
  userId,
  client,
  stop,
}: ProbeOptions): Promise<ServerLimits | undefined> {
  const options = { ...server, userId, client, signal: stop };
  if (clientKind === 'full') return await limitsOf({ ...options, welcomeTimeoutMs: PATIENCE_MS });
  await knock(server);
  return await limitsOf({ ...options, welcomeTimeoutMs: HELLO_PATIENCE_MS }).catch((error) => {
    if (stop.aborted || (error instanceof ChatError && SHUTS_ALL_OUT.has(error.reason))) throw error;
    return undefined;
  });
}

async function limitsOf(options: Parameters<typeof connect>[0]): Promise<ServerLimits | undefined> {
  const connection = await connect(options).catch((error) => {
    throw error instanceof ChatError && error.reason === 'unauthenticated' ? withoutTokens(error) : error;
  });
  const { limits } = connection;
  await connection.close();
  return limits;
}

/** A token is a user's, and here come thousands. */
function withoutTokens({ reason, code }: ChatError): ChatError {
  const message = 'the server asks for a token; load tests are run against one that does not';
  return new ChatError({ reason, code, message });
}

function knock({ host, port }: ServerAccess): Promise<void> {
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

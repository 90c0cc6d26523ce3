import { type ChatConnection, connect, type ServerAccess } from '../connection/index.ts';

/** Who goes to which server. */
export interface Entrance {
  readonly server: ServerAccess;
  /** "name/version" */
  readonly client: string;
  readonly welcomeTimeoutMs: number;
  readonly giveUpAfterMs: number;
  readonly userId: string;
  readonly displayName: string;
}

/** Who goes where. */
export interface Visit extends Entrance {
  readonly room: string;
}

/** Connects. Being told to stop ends that at once; later it leaves all rooms. @throws ChatError */
export async function connectUntil(stop: AbortSignal, { server, ...options }: Entrance): Promise<ChatConnection> {
  const entering = new AbortController();
  const giveUp = () => entering.abort();
  stop.addEventListener('abort', giveUp);
  if (stop.aborted) giveUp();
  try {
    const chat = await connect({ ...server, ...options, signal: entering.signal });
    stop.addEventListener('abort', () => void chat.close(), { once: true });
    return chat;
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}

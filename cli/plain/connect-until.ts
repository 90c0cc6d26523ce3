import { type ChatConnection, type ConnectOptions, connect } from '../connection/index.ts';

/** Who goes where. */
export interface Visit {
  readonly host: string;
  readonly port: number;
  readonly client: string;
  readonly welcomeTimeoutMs: number;
  readonly giveUpAfterMs: number;
  readonly userId: string;
  readonly displayName: string;
  readonly room: string;
}

/** Connects. Being told to stop ends that at once; later it leaves all rooms. @throws ChatError */
export async function connectUntil(stop: AbortSignal, options: ConnectOptions): Promise<ChatConnection> {
  const entering = new AbortController();
  const giveUp = () => entering.abort();
  stop.addEventListener('abort', giveUp);
  if (stop.aborted) giveUp();
  try {
    const chat = await connect({ ...options, signal: entering.signal });
    stop.addEventListener('abort', () => void chat.close(), { once: true });
    return chat;
  } finally {
    stop.removeEventListener('abort', giveUp);
  }
}

import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { ChatServiceClient, type ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import { DEFAULT_HOST, DEFAULT_PORT } from './connect-options.ts';
import { ChatError } from './errors.ts';
import type { PageOptions, RoomsPage } from './pages.ts';
import { ServerAddress } from './server-address.ts';

export interface ListRoomsOptions extends PageOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 50051. */
  readonly port?: number;
  /** How long the server may take; default 5 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks a server which rooms it has; takes no connection for that.
 * @throws ChatError `unreachable` without a server, `aborted`, or what the server refused.
 */
export async function listRooms(options: ListRoomsOptions = {}): Promise<RoomsPage> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, pageSize = 0, pageToken = '', timeoutMs = 5_000, signal } = options;
  if (signal?.aborted) throw aborted();
  const address = new ServerAddress({ host, port });
  const client = new ChatServiceClient(`${address}`, credentials.createInsecure(), {
    'grpc.enable_channelz': 0,
    'grpc.use_local_subchannel_pool': 1,
  });
  const { promise, resolve, reject } = Promise.withResolvers<ListRoomsResponse>();
  const answered = (error: ServiceError | null, response: ListRoomsResponse) => {
    if (error === null) resolve(response);
    else if (signal?.aborted) reject(aborted());
    else if (error.code === status.DEADLINE_EXCEEDED) reject(address.silence);
    else reject(address.failureOf(error, { isChatServer: false }));
  };
  const deadline = Date.now() + timeoutMs;
  const call = client.listRooms({ pageSize, pageToken }, new Metadata(), { deadline }, answered);
  const abort = () => call.cancel();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { rooms, nextPageToken } = await promise;
    return { rooms: rooms.map(({ position, ...room }) => ({ ...room, position: position ?? NOWHERE })), nextPageToken };
  } finally {
    signal?.removeEventListener('abort', abort);
    client.close();
  }
}

const NOWHERE = { epoch: '', seq: 0n };

function aborted(): ChatError {
  return new ChatError({ reason: 'aborted', message: 'the call was aborted by its caller' });
}

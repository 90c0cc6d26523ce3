import { type ServiceError, status } from '@grpc/grpc-js';
import type { ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import { ChatError } from './errors.ts';
import type { PageOptions, RoomsPage } from './pages.ts';
import { Route } from './route.ts';
import { DEFAULT_HOST, DEFAULT_PORT, type ServerAccess } from './server-access.ts';
import { realTiming } from './timing.ts';
import { Bearer, metadataWith } from './token.ts';

export interface ListRoomsOptions extends PageOptions, Partial<ServerAccess> {
  /** How long the server may take; default 5 s. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/**
 * Asks a server which rooms it has; takes no connection for that.
 * @throws ChatError `unreachable` without a server, `untrusted`, `invalid_tls`, `insecure`, `no_token`, `aborted`, or what the
 * server refused.
 */
export async function listRooms(options: ListRoomsOptions = {}): Promise<RoomsPage> {
  const { host = DEFAULT_HOST, port = DEFAULT_PORT, tls, token: source } = options;
  const { pageSize = 0, pageToken = '', timeoutMs = 5_000, signal } = options;
  if (signal?.aborted) throw aborted();
  const route = new Route({ host, port, tls, token: source });
  const deadline = Date.now() + timeoutMs;
  const token = await tokenFrom(new Bearer(source, { timing: realTiming, patienceMs: timeoutMs }), signal);
  if (signal?.aborted) throw aborted();
  const client = route.client();
  const { promise, resolve, reject } = Promise.withResolvers<ListRoomsResponse>();
  let stopExplaining = () => {};
  const answered = (error: ServiceError | null, response: ListRoomsResponse) => {
    if (error === null) resolve(response);
    else if (error.code === status.DEADLINE_EXCEEDED) reject(route.address.silence);
    else stopExplaining = route.explain(route.address.failureOf(error, { isChatServer: false }), reject);
  };
  const call = client.listRooms({ pageSize, pageToken }, metadataWith(token), { deadline }, answered);
  const abort = () => {
    call.cancel();
    stopExplaining();
    reject(aborted());
  };
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const { rooms, nextPageToken } = await promise;
    return { rooms: rooms.map(({ position, ...room }) => ({ ...room, position: position ?? NOWHERE })), nextPageToken };
  } finally {
    signal?.removeEventListener('abort', abort);
    client.close();
  }
}

/** @throws ChatError `no_token`, `aborted` */
async function tokenFrom(bearer: Bearer, signal: AbortSignal | undefined): Promise<string> {
  if (bearer.given !== undefined) return bearer.given;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const stopAsking = bearer.ask((answer) => (typeof answer === 'string' ? resolve(answer) : reject(answer)));
  const abort = () => {
    stopAsking();
    reject(aborted());
  };
  signal?.addEventListener('abort', abort, { once: true });
  return await promise.finally(() => signal?.removeEventListener('abort', abort));
}

const NOWHERE = { epoch: '', seq: 0n };

function aborted(): ChatError {
  return new ChatError({ reason: 'aborted', message: 'the call was aborted by its caller' });
}

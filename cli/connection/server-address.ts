import { type ServiceError, status } from '@grpc/grpc-js';
import { ChatError } from './errors.ts';

/** Where a server is, as gRPC writes it, and what its silence and its statuses mean to a caller. */
export class ServerAddress {
  readonly #text: string;

  constructor({ host, port }: { readonly host: string; readonly port: number }) {
    this.#text = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  }

  toString(): string {
    return this.#text;
  }

  /** Something may listen there, but it does not answer. */
  get silence(): ChatError {
    const message = `nothing at ${this} answers like a chat server; check host and port`;
    return new ChatError({ reason: 'unreachable', message });
  }

  /**
   * How a call there ended.
   * @param known what was heard before: whether it is a chat server, and when to come back.
   */
  failureOf(error: ServiceError, known: { isChatServer: boolean; retryAfterMs?: number | undefined }): ChatError {
    const told = error.metadata?.get('chat-reason')[0]?.toString();
    const waitMs = Number(error.metadata?.get('chat-retry-after-ms')[0]);
    const retryAfterMs = waitMs > 0 ? waitMs : known.retryAfterMs;
    const said = { code: error.code, retryAfterMs, cause: error };
    if (told !== undefined) return new ChatError({ reason: told, message: error.details, ...said });
    if (known.isChatServer || error.code !== status.UNAVAILABLE) {
      const message = `the connection to ${this} was lost (${error.details})`;
      return new ChatError({ reason: 'lost', message, ...said });
    }
    const message = `no chat server at ${this}; start one with "make run", or set CHAT_GRPC_HOST and CHAT_GRPC_PORT`;
    return new ChatError({ reason: 'unreachable', message, ...said });
  }
}

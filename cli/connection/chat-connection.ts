import { randomUUID } from 'node:crypto';
import { type ClientDuplexStream, credentials, type ServiceError, status } from '@grpc/grpc-js';
import {
  ChatServiceClient,
  type ClientEnvelope,
  type ServerEvent,
  type Welcome,
  type Error as WireError,
} from '../../api/gen/chat/v1/chat.ts';
import { chatEventOf } from './decode.ts';
import { ChatError } from './errors.ts';
import { EventQueue } from './event-queue.ts';
import type { ChatEvent, JoinedRoom, PostedMessage, ServerLimits } from './events.ts';

export interface ConnectOptions {
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** Default 50051. */
  readonly port?: number;
  readonly userId: string;
  /** How others see the user; default the user id. */
  readonly displayName?: string;
  /** "name/version" of the program, for the server's log. */
  readonly client?: string;
  /** How long the server may take to answer hello; default 10 s. What listens there may be no chat server. */
  readonly welcomeTimeoutMs?: number;
  /** Ends the connection at once, at any time. */
  readonly signal?: AbortSignal;
}

type Envelope = NonNullable<ClientEnvelope['message']>;
type Answer = NonNullable<ServerEvent['event']>;

interface Waiting {
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: ChatError) => void;
}

/** Answers outstanding; the server measures sending again against as many message ids. */
const MOST_OUTSTANDING = 256;
/** How long `close` waits for the server's word. */
const CLOSE_PATIENCE_MS = 5_000;

/**
 * Opens a stream, says hello and waits for the welcome.
 * @throws ChatError `unreachable` without a server, `aborted`, or what the server refused.
 */
export async function connect(options: ConnectOptions): Promise<ChatConnection> {
  const connection = new ChatConnection(options);
  await connection.welcomed;
  return connection;
}

/**
 * One stream to a server, with all rooms that were joined on it.
 *
 * `events` must be iterated: what happens in the rooms waits there, and when
 * about a thousand events wait the stream is not read any more, answers included.
 * When the stream ends otherwise than by `close`, the iteration and everything
 * outstanding fail with the same ChatError.
 */
export class ChatConnection {
  readonly events: AsyncIterableIterator<ChatEvent>;
  readonly welcomed: Promise<void>;
  readonly #queue: EventQueue<ChatEvent>;
  readonly #client: ChatServiceClient;
  readonly #call: ClientDuplexStream<ClientEnvelope, ServerEvent>;
  readonly #outstanding = new Map<string, Waiting>();
  readonly #over: Promise<void>;
  readonly #address: string;
  #finish: () => void = () => {};
  #welcome: Welcome | undefined;
  #lastRequestId = 0;
  #failure: ChatError | undefined;

  constructor(options: ConnectOptions) {
    const { host = '127.0.0.1', port = 50051, userId, displayName = '', client = '', signal } = options;
    const { welcomeTimeoutMs = 10_000 } = options;
    this.#address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#client = new ChatServiceClient(this.#address, credentials.createInsecure(), {
      'grpc.enable_channelz': 0,
      'grpc.keepalive_time_ms': 20_000,
      // One transport a connection: streams that share one hold each other up.
      'grpc.use_local_subchannel_pool': 1,
    });
    this.#call = this.#client.channel();
    this.#queue = new EventQueue(this.#call);
    this.events = this.#queue;
    this.#over = new Promise((resolve) => {
      this.#finish = resolve;
    });
    this.#call.on('data', (event: ServerEvent) => this.#receive(event));
    // `error` may come while events wait in the paused stream; `end` comes behind the last of them, always.
    this.#call.on('error', (error: ServiceError) => this.#failed(this.#failureOf(error)));
    this.#call.on('end', () => this.#ended());
    const abort = () => {
      this.#cut(new ChatError({ reason: 'aborted', message: 'the connection was aborted by its caller' }));
    };
    signal?.addEventListener('abort', abort, { once: true });
    void this.#over.then(() => signal?.removeEventListener('abort', abort));
    if (signal?.aborted) abort();
    const hello = { client, userId, displayName, resumeToken: '' };
    this.welcomed = handled(
      this.#request({ $case: 'hello', value: hello }).then((answer) => {
        if (answer.$case === 'welcome') this.#welcome = answer.value;
      }),
    );
    const impatience = setTimeout(() => {
      const message = `nothing at ${this.#address} answers like a chat server; check host and port`;
      this.#cut(new ChatError({ reason: 'unreachable', message }));
    }, welcomeTimeoutMs);
    handled(this.welcomed.finally(() => clearTimeout(impatience)));
  }

  /** The identity that the server gave this session. */
  get userId(): string {
    return this.#welcome?.userId ?? '';
  }

  get displayName(): string {
    return this.#welcome?.displayName ?? '';
  }

  /** Undefined before the welcome. */
  get limits(): ServerLimits | undefined {
    return this.#welcome?.limits;
  }

  /** Takes a seat. @throws ChatError `user_taken`, `room_full`, `invalid_room`, … */
  join(room: string): Promise<JoinedRoom> {
    const value = { userId: '', room, displayName: '', position: undefined };
    return this.#ask({ $case: 'join', value }, (answer) => {
      if (answer.$case !== 'joined') return undefined;
      const { welcomeMessage, memberCount, position } = answer.value;
      return {
        room: answer.value.room,
        welcomeMessage,
        memberCount,
        position: { epoch: position?.epoch ?? '', seq: position?.seq ?? 0n },
      };
    });
  }

  /**
   * Says something; settled when the server has taken it, which its own broadcast
   * may precede. Calling again with the same `messageId` is safe.
   * @throws ChatError `not_a_member`, `message_too_long`, `rate_limited`, …
   */
  post(room: string, content: string, messageId: string = randomUUID()): Promise<PostedMessage> {
    const value = { userId: '', room, content, messageId, timestampUtc: 0n, seq: 0n, displayName: '', traceparent: '' };
    return this.#ask({ $case: 'chat', value }, (answer) => {
      if (answer.$case !== 'ack') return undefined;
      const { seq, duplicate } = answer.value;
      return { room: answer.value.room, messageId: answer.value.messageId, seq, duplicate };
    });
  }

  /** Gives the seat up; settled after the room's last event is in `events`. */
  leave(room: string): Promise<void> {
    const left = this.#ask({ $case: 'leave', value: { userId: '', room } }, (answer) =>
      answer.$case === 'left' ? null : undefined,
    );
    return handled(left.then(() => undefined));
  }

  /** Leaves all rooms and ends the stream; settled when it is over. Never fails. */
  async close(): Promise<void> {
    this.#failure ??= new ChatError({ reason: 'closed', message: 'the connection was closed by this side' });
    this.#queue.release();
    this.#call.end();
    const impatience = setTimeout(() => this.#call.cancel(), CLOSE_PATIENCE_MS);
    await this.#over;
    clearTimeout(impatience);
  }

  #receive(event: ServerEvent): void {
    if (event.event !== undefined) this.#take(event.event);
    for (const entry of event.batch) if (entry.event !== undefined) this.#take(entry.event);
  }

  #take(event: Answer): void {
    const requestId = 'requestId' in event.value ? event.value.requestId : '';
    const waiting = requestId === '' ? undefined : this.#outstanding.get(requestId);
    if (waiting !== undefined) {
      this.#outstanding.delete(requestId);
      if (event.$case === 'error') waiting.reject(refusalOf(event.value));
      else waiting.resolve(event);
      return;
    }
    if (event.$case === 'heartbeat' && !event.value.reply) {
      this.#send({ $case: 'heartbeat', value: { nonce: event.value.nonce, reply: true } }, '');
      return;
    }
    const told = chatEventOf(event);
    if (told !== undefined) this.#queue.push(told);
  }

  #ask<T extends object | null>(message: Envelope, read: (answer: Answer) => T | undefined): Promise<T> {
    return handled(
      this.#request(message).then((answer) => {
        const result = read(answer);
        if (result !== undefined) return result;
        throw new ChatError({ reason: 'invalid_answer', message: `the server answered with "${answer.$case}"` });
      }),
    );
  }

  #request(message: Envelope): Promise<Answer> {
    if (this.#failure !== undefined) return handled(Promise.reject(this.#failure));
    if (this.#outstanding.size >= MOST_OUTSTANDING) {
      const text = `${MOST_OUTSTANDING} answers are outstanding; wait for one`;
      return handled(Promise.reject(new ChatError({ reason: 'outbox_full', message: text })));
    }
    this.#lastRequestId += 1;
    const requestId = `${this.#lastRequestId}`;
    const answer = new Promise<Answer>((resolve, reject) => this.#outstanding.set(requestId, { resolve, reject }));
    this.#send(message, requestId);
    return handled(answer);
  }

  #send(message: Envelope, requestId: string): void {
    if (this.#failure === undefined) this.#call.write({ message, requestId, traceparent: '' });
  }

  #cut(failure: ChatError): void {
    this.#failed(failure);
    this.#call.cancel();
    this.#queue.release();
  }

  /** What an end by this side was asked for stands; otherwise what the server or the network said. */
  #failureOf(error: ServiceError): ChatError {
    if (this.#failure !== undefined) return this.#failure;
    const told = error.metadata?.get('chat-reason')[0]?.toString();
    const wait = Number(error.metadata?.get('chat-retry-after-ms')[0]);
    const retryAfterMs = Number.isFinite(wait) ? wait : undefined;
    const said = { code: error.code, retryAfterMs, cause: error };
    if (told !== undefined) return new ChatError({ reason: told, message: error.details, ...said });
    if (this.#welcome !== undefined || error.code !== status.UNAVAILABLE) {
      const message = `the connection to ${this.#address} was lost (${error.details})`;
      return new ChatError({ reason: 'lost', message, ...said });
    }
    const message = `no chat server at ${this.#address}; start one with "make run", or set CHAT_GRPC_HOST and CHAT_GRPC_PORT`;
    return new ChatError({ reason: 'unreachable', message, ...said });
  }

  #failed(failure: ChatError): void {
    this.#failure ??= failure;
    for (const { reject } of this.#outstanding.values()) reject(this.#failure);
    this.#outstanding.clear();
  }

  #ended(): void {
    const failure = this.#failure ?? new ChatError({ reason: 'closed', message: 'the server ended the stream' });
    this.#failed(failure);
    this.#queue.end(failure.reason === 'closed' ? undefined : failure);
    this.#client.close();
    this.#finish();
  }
}

function refusalOf({ reason, message, code, retryAfterMs, room }: WireError): ChatError {
  return new ChatError({ reason, message, code, room, retryAfterMs: retryAfterMs === 0 ? undefined : retryAfterMs });
}

/** A caller may ignore the promise; its failure must not end the process. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

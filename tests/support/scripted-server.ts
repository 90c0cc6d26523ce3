import { Metadata, Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  type ChatPayload,
  ChatServiceService,
  type ClientEnvelope,
  type Gap,
  type JoinAck,
  type ServerEvent,
  type Welcome,
  type Error as WireError,
} from '../../api/gen/chat/v1/chat.ts';
import type { Certified } from './certificates.ts';

type Wanted = NonNullable<ClientEnvelope['message']>;
type Told = NonNullable<ServerEvent['event']>;
type Value<K extends Wanted['$case']> = Extract<Wanted, { $case: K }>['value'] & { readonly requestId: string };

/** One stream of a client, as the server that does what a test tells it sees it. */
export class ScriptedStream {
  /** Settled when the client has half-closed. */
  readonly halfClosed: Promise<void>;
  /** Settled when the client has cancelled it, or it is over. */
  readonly gone: Promise<void>;
  readonly #call: ServerDuplexStream<ClientEnvelope, ServerEvent>;
  readonly #heard: ClientEnvelope[] = [];
  #wake: () => void = () => {};

  constructor(call: ServerDuplexStream<ClientEnvelope, ServerEvent>) {
    this.#call = call;
    call.on('data', (envelope: ClientEnvelope) => {
      this.#heard.push(envelope);
      this.#wake();
    });
    this.halfClosed = new Promise((resolve) => call.once('end', () => resolve()));
    this.gone = new Promise((resolve) => call.once('cancelled', () => resolve()));
    call.on('error', () => {});
  }

  /** What the call said of who the user is. */
  get authorization(): string | undefined {
    return this.#call.metadata.get('authorization')[0]?.toString();
  }

  /** The next envelope, which must be of this kind. */
  async hears<K extends Wanted['$case']>(kind: K): Promise<Value<K>> {
    while (this.#heard.length === 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const { message, requestId } = this.#heard.shift() ?? { message: undefined, requestId: '' };
    if (message?.$case !== kind) throw new Error(`the client sent "${message?.$case}" and not "${kind}"`);
    return { ...message.value, requestId } as unknown as Value<K>;
  }

  /** What has arrived and was not heard yet. */
  get unheard(): (string | undefined)[] {
    return this.#heard.map(({ message }) => message?.$case);
  }

  /** One event, or several in a batch. */
  tell(...events: [Told, ...Told[]]): void {
    const [event] = events;
    if (events.length === 1) this.#call.write({ event, batch: [] });
    else this.#call.write({ event: undefined, batch: events.map((one) => ({ event: one, batch: [] })) });
  }

  /** Hears hello and answers it. */
  async welcome(welcome: Partial<Welcome> = {}): Promise<Value<'hello'>> {
    const hello = await this.hears('hello');
    this.answer(hello, welcome);
    return hello;
  }

  answer({ requestId, userId }: Value<'hello'>, welcome: Partial<Welcome> = {}): void {
    const displayName = userId;
    const value = {
      ...{ sessionId: 's', resumeToken: 'token', resumed: false, heartbeatIntervalMs: 0, server: 'scripted/1' },
      ...{ limits: undefined, userId, displayName, requestId, ...welcome },
    };
    this.tell({ $case: 'welcome', value });
  }

  /** Hears a join and answers it; the events go out in one batch with the answer. */
  async seat(ack: { epoch: string; seq: bigint } & Partial<JoinAck>, ...events: Told[]): Promise<Value<'join'>> {
    const join = await this.hears('join');
    const { epoch, seq, ...others } = ack;
    const value = {
      ...{ userId: 'ana', room: join.room, welcomeMessage: '', position: { epoch, seq }, recovered: false },
      ...{ headSeq: seq, memberCount: 1, requestId: join.requestId, ...others },
    };
    this.tell({ $case: 'joined', value }, ...events);
    return join;
  }

  /** Hears a post and acks it. */
  async ack(seq: bigint, duplicate = false): Promise<Value<'chat'>> {
    const post = await this.hears('chat');
    const { requestId, room, messageId } = post;
    this.tell({ $case: 'ack', value: { requestId, room, messageId, seq, duplicate } });
    return post;
  }

  /** What a server says about a minute before it ends the stream for its token. */
  noticeExpiry(): void {
    this.refuse({ requestId: '' }, { code: status.UNAUTHENTICATED, reason: 'token_expired' });
  }

  refuse({ requestId, room = '' }: { requestId: string; room?: string }, said: Partial<WireError>): void {
    const value = { requestId, room, code: 0, reason: '', message: 'no', retryAfterMs: 0, ...said };
    this.tell({ $case: 'error', value });
  }

  /** Ends it with a status; what was told before arrives. */
  fail(code: number, { reason, retryAfterMs }: { reason?: string; retryAfterMs?: number } = {}): void {
    const metadata = new Metadata();
    if (reason !== undefined) metadata.set('chat-reason', reason);
    if (retryAfterMs !== undefined) metadata.set('chat-retry-after-ms', `${retryAfterMs}`);
    this.#call.emit('error', { code, details: `scripted ${reason}`, metadata });
  }

  /** Ends it with OK. */
  end(): void {
    this.#call.end();
  }
}

/** A server that says what a test tells it to, and nothing else. With `tls`, by that alone. */
export async function scriptedServer({
  tls,
  port: wanted = 0,
}: {
  readonly tls?: ServerTls;
  readonly port?: number;
} = {}) {
  const streams: ScriptedStream[] = [];
  let opened = 0;
  let wake = () => {};
  const server = new Server();
  server.addService(ChatServiceService, {
    channel: (call: ServerDuplexStream<ClientEnvelope, ServerEvent>) => {
      streams.push(new ScriptedStream(call));
      opened += 1;
      wake();
    },
    listRooms: () => {},
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${wanted}`, credentialsOf(tls), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  return {
    port,
    /** Streams that clients have opened. */
    get opened(): number {
      return opened;
    },
    /** The next stream that a client opens. */
    async stream(): Promise<ScriptedStream> {
      for (;;) {
        const next = streams.shift();
        if (next !== undefined) return next;
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
    },
    /** Cuts every transport and listens no more. */
    stop: () => server.forceShutdown(),
    [Symbol.dispose]: () => server.forceShutdown(),
  };
}

/** What a server with TLS has: its certificate, and who signs those of its clients, if they must have some. */
export interface ServerTls extends Certified {
  readonly clientCa?: string;
}

function credentialsOf(tls: ServerTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  const { cert, key, clientCa } = tls;
  const pair = { cert_chain: Buffer.from(cert), private_key: Buffer.from(key) };
  const signer = clientCa === undefined ? null : Buffer.from(clientCa);
  return ServerCredentials.createSsl(signer, [pair], clientCa !== undefined);
}

type Said = Partial<ChatPayload> & Pick<ChatPayload, 'seq'>;

export function broadcast(said: Said): Told {
  const { seq } = said;
  const value = {
    ...{ userId: 'bob', room: 'lobby', content: `message ${seq}`, timestampUtc: 0n, messageId: `bob ${seq}` },
    ...{ displayName: 'bob', traceparent: '', ...said },
  };
  return { $case: 'broadcast', value };
}

export function gap(fromSeq: bigint, toSeq: bigint, { room = 'lobby', epoch = 'one' }: Partial<Gap> = {}): Told {
  return { $case: 'gap', value: { room, epoch, fromSeq, toSeq } };
}

import { type ClientDuplexStream, credentials } from '@grpc/grpc-js';
import { ChatServiceClient, type ClientEnvelope, type ServerEvent } from '../../api/gen/chat/v1/chat.ts';
import { chatEventOf } from '../../cli/connection/decode.ts';
import { type ChatConnection, connect } from '../../cli/connection/index.ts';
import type { Diary } from './diary.ts';

/** A client of either kind that notes what it is told. */
export interface Talker {
  readonly diary: Diary;
  join(room: string): Promise<void>;
  /** Settled when the server took it. Rejects or stays open when the stream ends first. */
  say(room: string, words: string): Promise<unknown>;
  /** A basic client's stream ends with its last room. */
  leave(room: string): void;
  /** Ends the stream without a word. */
  cancel(): void;
  /** Settled when the stream is over and everything it brought is noted. */
  halfClose(): Promise<void>;
  /** Settled when the stream is over, however it ended. */
  readonly over: Promise<void>;
}

/** A full client: the client library. */
export class FullTalker implements Talker {
  readonly diary: Diary;
  readonly over: Promise<void>;
  readonly #chat: ChatConnection;
  readonly #canceller: AbortController;

  static async connect(port: number, diary: Diary): Promise<FullTalker> {
    const canceller = new AbortController();
    return new FullTalker(
      await connect({ port, userId: diary.userId, signal: canceller.signal, giveUpAfterMs: 0 }),
      diary,
      canceller,
    );
  }

  private constructor(chat: ChatConnection, diary: Diary, canceller: AbortController) {
    this.diary = diary;
    this.#chat = chat;
    this.#canceller = canceller;
    this.over = this.#note();
  }

  async join(room: string): Promise<void> {
    const { position } = await this.#chat.join(room);
    this.diary.joined(room, position.seq);
  }

  say(room: string, words: string): Promise<unknown> {
    return this.#chat.post(room, words);
  }

  leave(room: string): void {
    void this.#chat.leave(room);
  }

  cancel(): void {
    this.#canceller.abort();
  }

  async halfClose(): Promise<void> {
    await this.#chat.close();
    await this.over;
  }

  async #note(): Promise<void> {
    try {
      for await (const event of this.#chat.events) this.diary.told(event);
    } catch (error) {
      if (!['aborted', 'lost'].includes(String(Object(error).reason))) throw error;
    }
  }
}

/** A basic client: never says hello; knows that its words were taken when it hears them. */
export class BasicTalker implements Talker {
  readonly diary: Diary;
  readonly over: Promise<void>;
  readonly #call: ClientDuplexStream<ClientEnvelope, ServerEvent>;
  /** What it waits to hear, by room or by its own words. */
  readonly #awaited = new Map<string, () => void>();

  constructor(port: number, diary: Diary) {
    this.diary = diary;
    const client = new ChatServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
    this.#call = client.channel();
    this.#call.on('data', (event: ServerEvent) => this.#heard(event));
    this.#call.on('error', () => {});
    this.over = new Promise((resolve) => {
      this.#call.on('end', () => {
        client.close();
        resolve();
      });
    });
  }

  join(room: string): Promise<void> {
    const value = { userId: this.diary.userId, room, displayName: '', position: undefined };
    this.#send({ $case: 'join', value });
    return this.#hears(`joined ${room}`);
  }

  say(room: string, words: string): Promise<void> {
    const numbers = { timestampUtc: 0n, seq: 0n };
    const value = { userId: '', room, content: words, messageId: '', displayName: '', traceparent: '', ...numbers };
    this.#send({ $case: 'chat', value });
    return this.#hears(`said ${words}`);
  }

  leave(room: string): void {
    this.#send({ $case: 'leave', value: { userId: '', room } });
  }

  cancel(): void {
    this.#call.cancel();
  }

  halfClose(): Promise<void> {
    this.#call.end();
    return this.over;
  }

  #send(message: NonNullable<ClientEnvelope['message']>): void {
    this.#call.write({ message, requestId: '', traceparent: '' });
  }

  #hears(what: string): Promise<void> {
    return new Promise((resolve) => this.#awaited.set(what, resolve));
  }

  #heard({ event, batch }: ServerEvent): void {
    if (event === undefined || batch.length > 0) throw new Error('a basic client was sent a batch');
    if (event.$case === 'joined') {
      const { room, position } = event.value;
      this.diary.joined(room, position?.seq ?? 0n);
      this.#awaited.get(`joined ${room}`)?.();
      return;
    }
    const told = chatEventOf(event);
    if (told === undefined) throw new Error(`a basic client was sent ${event.$case}`);
    this.diary.told(told);
    if (told.kind === 'message') this.#awaited.get(`said ${told.content}`)?.();
  }
}

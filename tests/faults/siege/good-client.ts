import { type ChatConnection, type ChatEvent, connect } from '../../../cli/connection/index.ts';

/** Well below any rate limit. */
const SAYS_EVERY_MS = 500;

/** Somebody who chats in one room by the client library, and notes how long each message took to reach it. */
export class GoodClient {
  readonly room: string;
  /** The last seq that it was told. */
  at: number;
  /** From being said to being heard here, in milliseconds, of each message since it was last taken. */
  latenciesMs: number[] = [];
  /** What should not have happened to it, in words. */
  readonly violations: string[] = [];
  readonly #chat: ChatConnection;
  readonly #listening: Promise<void>;
  #speaking: NodeJS.Timeout | undefined;
  #posts: Promise<unknown>[] = [];

  static async enter(port: number, userId: string, room: string): Promise<GoodClient> {
    const chat = await connect({ port, userId });
    const { position } = await chat.join(room);
    return new GoodClient(chat, room, Number(position.seq));
  }

  private constructor(chat: ChatConnection, room: string, at: number) {
    this.#chat = chat;
    this.room = room;
    this.at = at;
    chat.onState((state) => {
      if (state.kind === 'waiting') this.#violated(`was cut off: ${state.because.message}`);
    });
    this.#listening = (async () => {
      for await (const event of chat.events) this.#take(event);
    })();
    // Not all in the same moment.
    this.#speaking = setTimeout(() => {
      this.#speaking = setInterval(() => this.#say(), SAYS_EVERY_MS);
    }, Math.random() * SAYS_EVERY_MS);
  }

  /** Says nothing more; settled when all that it said is acked. */
  async silence(): Promise<void> {
    clearTimeout(this.#speaking);
    const posts = await Promise.allSettled(this.#posts);
    for (const post of posts) if (post.status === 'rejected') this.#violated(`could not say something: ${post.reason}`);
  }

  async leave(): Promise<void> {
    await this.#chat.close();
    await this.#listening;
  }

  #say(): void {
    this.#posts.push(this.#chat.post(this.room, performance.now().toFixed(3)));
    // What is wrong is seen at the end.
    this.#posts.at(-1)?.catch(() => {});
  }

  #take(event: ChatEvent): void {
    if (!('seq' in event)) {
      this.#violated(`was told of ${event.kind}`);
      return;
    }
    const seq = Number(event.seq);
    if (seq !== this.at + 1) this.#violated(`was told ${seq} behind ${this.at}`);
    this.at = seq;
    if (event.kind === 'message' && event.userId.startsWith('good-')) {
      this.latenciesMs.push(performance.now() - Number(event.content));
    }
  }

  #violated(how: string): void {
    this.violations.push(`${this.#chat.userId} ${how}`);
  }
}

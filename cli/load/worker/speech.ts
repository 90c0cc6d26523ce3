import type { PostBook } from '../checks/post-book.ts';
import type { ChatStream } from '../wire/chat-stream.ts';
import { framedPost } from '../wire/post-frame.ts';
import type { LoadClientOptions, LoadClientSurroundings } from './surroundings.ts';

/** Posts that are due and cannot be sent; beyond, they are counted as not sent. */
const MOST_HELD = 4_096;

/** What a client has to say: held until it can be sent, and sent again where nobody knows whether it came. */
export class Speech {
  readonly #options: LoadClientOptions;
  readonly #posts: PostBook;
  readonly #world: LoadClientSurroundings;
  #held: number[] = [];

  constructor(options: LoadClientOptions, posts: PostBook, world: LoadClientSurroundings) {
    this.#options = options;
    this.#posts = posts;
    this.#world = world;
  }

  get held(): number {
    return this.#held.length;
  }

  /** To be said so many times; it was due then, whenever it is sent. */
  hold(dueMicros: number, count: number): void {
    for (let i = 0; i < count; i++) {
      if (this.#held.length < MOST_HELD) this.#held.push(dueMicros);
      else this.#world.errors.add('not_sent');
    }
  }

  /** Whoever has left says nothing any more. */
  drop(): void {
    this.#held = [];
  }

  /** Sends what is held, as much as may be outstanding. */
  send(stream: ChatStream): void {
    if (this.#held.length === 0) return;
    const frames: Uint8Array[] = [];
    while (this.#held.length > 0 && !this.#posts.isFull) {
      const dueMicros = this.#held.shift() ?? 0;
      const frame = this.#framed(this.#posts.sent, dueMicros);
      this.#posts.add(dueMicros, frame);
      if (this.#world.stopwatch.isMeasured(dueMicros)) this.#world.tally.measuredPosts += 1;
      frames.push(frame);
    }
    this.#world.tally.posts += frames.length;
    stream.write(...frames);
  }

  /** In their order, before anything new. */
  sendAgain(stream: ChatStream): void {
    stream.write(...this.#posts.unacked().map(({ frame }) => frame));
  }

  #framed(number: number, dueMicros: number): Uint8Array {
    const { room, sender = 0, kind } = this.#options;
    const stamp = { run: this.#world.runMark, dueMicros, sender, number };
    // A full client's post may have to be sent again, so it has an id.
    const id = kind === 'full' ? String(number) : '';
    return framedPost({ room, stamp, contentBytes: this.#world.contentBytes(), id });
  }
}

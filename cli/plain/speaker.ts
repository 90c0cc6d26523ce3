import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type ChatConnection, ChatError } from '../connection/index.ts';

/**
 * Says lines in a room, one after another and no faster than the server takes
 * them: a file that is piped in, or a page that is pasted, arrives whole and in
 * its order although the server allows only so many lines a second.
 */
export class Speaker {
  readonly #chat: ChatConnection;
  readonly #room: string;
  /** Nothing is said any more once this is aborted. */
  readonly #over: AbortSignal;
  readonly #refused: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  /** What to wait behind each line; 0 until the server says that it was too fast. */
  #paceMs = 0;

  constructor(chat: ChatConnection, room: string, ends: { over: AbortSignal; refused: (error: unknown) => void }) {
    this.#chat = chat;
    this.#room = room;
    this.#over = ends.over;
    this.#refused = ends.refused;
  }

  /** Settled when the server took this line and all before it, or refused it. Never fails. */
  say(line: string): Promise<void> {
    const messageId = randomUUID();
    this.#last = this.#last.then(() => this.#post(line, messageId));
    return this.#last;
  }

  /** Settled when nothing waits to be said. */
  get idle(): Promise<void> {
    return this.#last;
  }

  async #post(line: string, messageId: string): Promise<void> {
    while (!this.#over.aborted) {
      try {
        await this.#chat.post(this.#room, line, messageId);
        return await this.#pause(this.#paceMs);
      } catch (error) {
        if (!(error instanceof ChatError) || error.reason !== 'rate_limited') return this.#refused(error);
        // At the rate itself from now on: a server may end a stream that runs into its limit again and again.
        const { envelopesPerSecond = 1 } = this.#chat.limits ?? {};
        this.#paceMs = Math.ceil(1000 / Math.max(1, envelopesPerSecond));
        await this.#pause(error.retryAfterMs ?? this.#paceMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.#over }).catch(() => {});
  }
}

import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { type ChatConnection, ChatError, type PostedMessage } from '../connection/index.ts';

export interface SpeakerEvents {
  readonly refused: (error: unknown, messageId: string) => void;
  readonly taken?: (posted: PostedMessage) => void;
  /** The server said that it was too fast; it goes out once more in so many milliseconds, and what is behind it later. */
  readonly held?: (messageId: string, ms: number) => void;
}

/**
 * Says lines in a room, one after another and no faster than the server takes
 * them: a file that is piped in, or a page that is pasted, arrives whole and in
 * its order although the server allows only so many lines a second.
 */
export class Speaker {
  readonly #chat: ChatConnection;
  readonly #room: string;
  readonly #events: SpeakerEvents;
  /** Nothing is said any more once this is aborted. */
  readonly #over: AbortSignal;
  #last: Promise<void> = Promise.resolve();
  /** What to wait behind each line; 0 until the server says that it was too fast. */
  #paceMs = 0;

  constructor(chat: ChatConnection, room: string, { over, ...events }: SpeakerEvents & { readonly over: AbortSignal }) {
    this.#chat = chat;
    this.#room = room;
    this.#events = events;
    this.#over = over;
  }

  /** Settled when the server took this line and all before it, or refused it. Never fails. */
  say(line: string, messageId: string = randomUUID()): Promise<void> {
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
        const posted = await this.#chat.post(this.#room, line, messageId);
        this.#events.taken?.(posted);
        return await this.#pause(this.#paceMs);
      } catch (error) {
        if (this.#over.aborted) return;
        if (!(error instanceof ChatError) || error.reason !== 'rate_limited') {
          return this.#events.refused(error, messageId);
        }
        // At the rate itself from now on: a server may end a stream that runs into its limit again and again.
        const { envelopesPerSecond = 1 } = this.#chat.limits ?? {};
        this.#paceMs = Math.ceil(1000 / Math.max(1, envelopesPerSecond));
        const pauseMs = error.retryAfterMs ?? this.#paceMs;
        this.#events.held?.(messageId, pauseMs);
        await this.#pause(pauseMs);
      }
    }
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.#over }).catch(() => {});
  }
}

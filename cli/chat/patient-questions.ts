import { setTimeout as wait } from 'node:timers/promises';
import { type ChatConnection, ChatError } from '../connection/index.ts';

/** What a page of history or of members costs, in envelopes of the server's rate. */
const PAGE_COST = 5;

/**
 * Questions of a program that has time: one that was too fast is asked again when
 * the server says, and one that a lost stream did not answer on the next.
 */
export class PatientQuestions {
  readonly #chat: ChatConnection;
  readonly #stop: AbortSignal;
  /** What to wait before each; 0 until the server says that it was too fast. */
  #paceMs = 0;

  constructor(chat: ChatConnection, stop: AbortSignal) {
    this.#chat = chat;
    this.#stop = stop;
  }

  /** @throws ChatError what else the server refused, or what ended the connection. */
  async ask<T>(question: () => Promise<T>): Promise<T> {
    await this.#pause(this.#paceMs);
    for (;;) {
      try {
        return await question();
      } catch (error) {
        if (!(error instanceof ChatError)) throw error;
        if (error.reason === 'rate_limited') await this.#tooFast(error);
        else if (error.reason === 'lost' && this.#chat.state.kind !== 'closed') await this.#nextStream();
        else throw error;
      }
    }
  }

  /** At the rate itself from now on: a server may end a stream that runs into its limit again and again. */
  async #tooFast({ retryAfterMs }: ChatError): Promise<void> {
    const { envelopesPerSecond = 1 } = this.#chat.limits ?? {};
    this.#paceMs = Math.ceil((1000 * PAGE_COST) / Math.max(1, envelopesPerSecond));
    await this.#pause(retryAfterMs ?? this.#paceMs);
  }

  /** Settled when the connection is live again, or will never be. */
  async #nextStream(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = ({ kind }: ChatConnection['state']) => {
      if (kind === 'live' || kind === 'closed') resolve();
    };
    const end = this.#chat.onState(look);
    look(this.#chat.state);
    await promise;
    end();
  }

  async #pause(ms: number): Promise<void> {
    if (ms > 0) await wait(ms, undefined, { signal: this.#stop }).catch(() => {});
  }
}

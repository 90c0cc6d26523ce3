import { errors } from 'jose';
import type { Clock } from '../core/ports.ts';
import { AuthError } from './auth-error.ts';
import { keySet } from './key-set.ts';
import { type Keys, KeysUnavailable } from './keys.ts';
import { PUBLIC_KEY_ALGORITHMS } from './public-key.ts';

const REFRESH_EVERY_MS = 600_000;
/** Between two refreshes that tokens asked for, since anybody can name a key that there is not. */
const ASKED_EVERY_MS = 30_000;
const FIRST_RETRY_MS = 1000;
const LAST_RETRY_MS = 60_000;

/** Runs `task` in so many milliseconds, unless what it returns is called before. */
export type After = (ms: number, task: () => void) => () => void;

export interface RefreshedKeysOptions {
  /** A JWKS. Rejects with an AuthError, and when `signal` gives it up. */
  readonly fetch: (signal: AbortSignal) => Promise<string>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly after: After;
  /** Once for each reason for which keys cannot be had, and when they can again. */
  readonly warn: (message: string) => void;
}

/**
 * A JWKS that is fetched again and again, one request at a time: every ten minutes, and when a token names a key that
 * is not in it, so that a new key is good at once. The last good set stays in force however long no other can be had:
 * whoever issues tokens may be away, and those they issued go on to be good.
 */
export class RefreshedKeys implements Keys {
  readonly algorithms = PUBLIC_KEY_ALGORITHMS;
  readonly #options: RefreshedKeysOptions;
  readonly #closing = new AbortController();
  #set: Keys | undefined;
  #refreshing: Promise<void> | undefined;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  /** Why the last refresh failed; '' when it did not. */
  #failure = '';
  #retryMs = FIRST_RETRY_MS;
  #nextAtMs = 0;
  #cancelNext = () => {};

  constructor(options: RefreshedKeysOptions) {
    this.#options = options;
  }

  /** Fetches now, or waits for the request that is under way. Never rejects. */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#fetchOnce().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async keyFor(header: Parameters<Keys['keyFor']>[0]): ReturnType<Keys['keyFor']> {
    if (this.#set === undefined) await this.#refreshing;
    if (this.#set === undefined) throw this.#unavailable();
    try {
      return await this.#set.keyFor(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
    }
    const waitMs = await this.#refreshAsked();
    try {
      return await this.#set.keyFor(header);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      // A set that could not be had may have the key, and so may one that must not be asked for yet.
      if (this.#failure !== '') throw this.#unavailable();
      throw waitMs > 0 ? new KeysUnavailable(waitMs) : error;
    }
  }

  close(): void {
    this.#closing.abort();
    this.#cancelNext();
  }

  /** Refreshes, unless that was asked for a moment ago: then in so many milliseconds it could be asked for again. */
  async #refreshAsked(): Promise<number> {
    const nowMs = this.#options.clock.monotonicMs();
    const waitMs = Math.ceil(this.#askedAtMs + ASKED_EVERY_MS - nowMs);
    if (this.#refreshing === undefined && waitMs > 0) return waitMs;
    if (this.#refreshing === undefined) this.#askedAtMs = nowMs;
    await this.refresh();
    return 0;
  }

  async #fetchOnce(): Promise<void> {
    const { fetch, clock, after } = this.#options;
    this.#cancelNext();
    const failure = await this.#take(fetch(this.#closing.signal));
    if (this.#closing.signal.aborted) return;
    this.#tell(failure);
    this.#failure = failure;
    const inMs = failure === '' ? REFRESH_EVERY_MS : this.#retryMs;
    this.#retryMs = failure === '' ? FIRST_RETRY_MS : Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    this.#nextAtMs = clock.monotonicMs() + inMs;
    this.#cancelNext = after(inMs, () => void this.refresh());
  }

  /** Takes a set that can be used; otherwise says why not. */
  async #take(answer: Promise<string>): Promise<string> {
    try {
      this.#set = keySet(await answer);
      return '';
    } catch (error) {
      return error instanceof AuthError ? error.message : String(error);
    }
  }

  #tell(failure: string): void {
    if (failure === this.#failure) return;
    const without = 'until they are there, no token can be checked';
    if (failure === '') this.#options.warn('the keys can be fetched again');
    else {
      const then = this.#set === undefined ? without : 'those fetched before stay in force';
      this.#options.warn(`the keys cannot be fetched: ${failure}; ${then}`);
    }
  }

  #unavailable(): KeysUnavailable {
    return new KeysUnavailable(Math.max(FIRST_RETRY_MS, Math.ceil(this.#nextAtMs - this.#options.clock.monotonicMs())));
  }
}

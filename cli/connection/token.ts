import { isIPv4 } from 'node:net';
import { Metadata } from '@grpc/grpc-js';
import { ChatError } from './errors.ts';
import type { Timing } from './timing.ts';

/** What says who the user is: a token, or what gives one whenever it is asked. */
export type TokenSource = string | (() => string | Promise<string>);

/** RFC 6750, 2.1. */
const BEARER_TOKEN = /^[\w.~+/-]+=*$/;

/** Gives the token of each stream; no error of it holds one. */
export class Bearer {
  /** The token where nobody has to be asked: '' is none. */
  readonly given: string | undefined;
  readonly #source: () => string | Promise<string>;
  readonly #timing: Timing;
  readonly #patienceMs: number;

  /**
   * @param patienceMs how long whoever is asked may take.
   * @throws ChatError `no_token` for a text that is none.
   */
  constructor(source: TokenSource | undefined, { timing, patienceMs }: { timing: Timing; patienceMs: number }) {
    this.#timing = timing;
    this.#patienceMs = patienceMs;
    this.#source = typeof source === 'function' ? source : () => '';
    this.given = source === undefined ? '' : typeof source === 'string' ? tokenIn(source) : undefined;
  }

  /** Calls back once, later: with a token, or `no_token`. Returns what takes it back. */
  ask(answered: (answer: string | ChatError) => void): () => void {
    let isOpen = true;
    const answer = (one: string | ChatError) => {
      if (!isOpen) return;
      end();
      answered(one);
    };
    const late = () => answer(noToken(`whoever is asked for it has not answered for ${this.#patienceMs / 1000} s`));
    const cancelTimer = this.#timing.after(this.#patienceMs, late);
    const end = () => {
      isOpen = false;
      cancelTimer();
    };
    const asked = Promise.resolve().then(this.#source).then(tokenIn);
    asked.then(answer, (error: unknown) => answer(isNoToken(error) ? error : failed(error)));
    return end;
  }
}

/** @throws ChatError `no_token` */
export function tokenIn(text: unknown): string {
  const token = typeof text === 'string' ? text.trim() : '';
  if (BEARER_TOKEN.test(token)) return token;
  throw noToken(token === '' ? 'it is empty' : 'what was given is none');
}

function isNoToken(error: unknown): error is ChatError {
  return error instanceof ChatError && error.reason === 'no_token';
}

function failed(cause: unknown): ChatError {
  return noToken(cause instanceof Error ? cause.message : 'whoever was asked for it failed', cause);
}

function noToken(why: string, cause?: unknown): ChatError {
  return new ChatError({ reason: 'no_token', message: `there is no token to be sent: ${why}`, cause });
}

/** What goes with a call; '' is no token. */
export function metadataWith(token: string): Metadata {
  const metadata = new Metadata();
  if (token !== '') metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

/** What is sent there does not leave this machine. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || (isIPv4(host) && host.startsWith('127.'));
}

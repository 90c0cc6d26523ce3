import type { Refusal } from './errors.ts';
import type { Limits } from './limits.ts';
import { Liveness } from './liveness.ts';
import type { Outbox } from './outbox.ts';
import type { ClientKind } from './ports.ts';
import type { TokenLife } from './token-life.ts';

/** What is due of a stream: its client is asked whether it is there, told something, or cut off. */
export type Due = { readonly ask: true } | { readonly tell: Refusal } | { readonly cut: Refusal };

/** How a stream stands. */
interface Standing {
  readonly phase: 'joining' | 'active' | 'detached' | 'closed';
  readonly client: ClientKind;
  readonly outbox: Outbox;
  /** It is not read for now. */
  readonly isFull: boolean;
}

const TOKEN_EXPIRES: Refusal = {
  reason: 'token_expired',
  message: 'your token expires within a minute, and the stream with it; open the next one with a new token',
};
const TOKEN_EXPIRED: Refusal = { reason: 'token_expired', message: 'your token has expired; come back with a new one' };
const NOT_THERE: Refusal = {
  reason: 'heartbeat_timeout',
  message: 'nothing arrived, and no answer to a heartbeat',
};

/** How long a stream is waited for: until it says who it is, reads what is written, is heard, and its token lasts. */
export class Patience {
  readonly #limits: Limits;
  readonly #sinceMs: number;
  readonly #liveness: Liveness;
  #token: TokenLife;

  constructor(token: TokenLife, limits: Limits, nowMs: number) {
    this.#limits = limits;
    this.#sinceMs = nowMs;
    this.#liveness = new Liveness(limits, nowMs);
    this.#token = token;
  }

  get token(): TokenLife {
    return this.#token;
  }

  /** Something arrived. */
  heard(nowMs: number): void {
    this.#liveness.heard(nowMs);
  }

  /** The session goes on on a stream with this token. */
  renew(token: TokenLife, nowMs: number): void {
    this.#token = token;
    this.#liveness.heard(nowMs);
  }

  /** The server stood still for so long, and that is not the client's fault. */
  forgive(stalledMs: number, { unfinished }: Outbox): void {
    this.#liveness.forgive(stalledMs);
    if (unfinished !== undefined) unfinished.sinceMs += stalledMs;
  }

  /** What is due now; nothing is due twice. */
  check(nowMs: number, { phase, client, outbox, isFull }: Standing): Due | undefined {
    const { handshakeTimeoutMs, stuckWriteTimeoutMs } = this.#limits;
    if (phase === 'joining' && nowMs - this.#sinceMs >= handshakeTimeoutMs) {
      const message = `neither hello nor join came in ${handshakeTimeoutMs} ms`;
      return { cut: { reason: 'handshake_timeout', message } };
    }
    // Whoever has half-closed, or left, may still be written to.
    const { unfinished } = outbox;
    if (unfinished !== undefined && nowMs - unfinished.sinceMs >= stuckWriteTimeoutMs) {
      const message = `a write took over ${stuckWriteTimeoutMs} ms; read faster`;
      return { cut: { reason: 'slow_consumer', message } };
    }
    if (phase !== 'active') return undefined;
    const token = this.#token.check(nowMs);
    if (token === 'end') return { cut: TOKEN_EXPIRED };
    if (token === 'tell') return { tell: TOKEN_EXPIRES };
    if (client === 'basic') return undefined;
    // While it is not read it cannot be heard.
    if (isFull) this.#liveness.heard(nowMs);
    const alive = this.#liveness.check(nowMs, !outbox.hasAnswers);
    if (alive === 'give up') return { cut: NOT_THERE };
    return alive === 'ask' ? { ask: true } : undefined;
  }
}

import { status } from '@grpc/grpc-js';
import type { Welcome } from '../../api/gen/chat/v1/chat.ts';
import { Backoff } from './backoff.ts';
import { ChatError } from './errors.ts';
import { greet } from './greeting.ts';
import { type Phase, stateIn } from './lifeline-phase.ts';
import { type Greeted, Renewal, type Successor } from './renewal.ts';
import type { Route } from './route.ts';
import { type ConnectionState, canHeal } from './state.ts';
import type { Answer, Envelope, Stream } from './stream.ts';
import type { Timing } from './timing.ts';
import type { Bearer } from './token.ts';

/** How long a close waits for the server's word. */
const CLOSE_PATIENCE_MS = 5_000;
/** A stream that was welcomed and falls sooner counts as another failed attempt: the next comes later. */
const LASTING_MS = 5_000;

export interface LifelineOptions {
  readonly route: Route;
  readonly bearer: Bearer;
  readonly userId: string;
  readonly displayName: string;
  readonly client: string;
  /** For the first stream; '' begins a new session. */
  readonly resumeToken: string;
  readonly welcomeTimeoutMs: number;
  readonly retryFirst: boolean;
  readonly giveUpAfterMs: number;
  readonly timing: Timing;
}

export interface LifelineEvents {
  /**
   * A stream after the first is open and has said hello: what is wanted goes out behind it, without waiting; or, where
   * its token was asked for, behind the welcome.
   */
  readonly reopened: () => void;
  readonly told: (event: Answer) => void;
  /** The stream is over, what it brought was told, and another is to come. */
  readonly lost: () => void;
  /** Another stream has taken the place of the one before, without a break: what is wanted goes out on it, as ever. */
  readonly moved: () => void;
  /** The server says that the token runs out, and there is no other; `because` where somebody was asked. */
  readonly tokenExpires: (because: ChatError | undefined) => void;
  /** For good; `why` is undefined when it was closed. Called once. */
  readonly over: (why: ChatError | undefined) => void;
  /** While too much waits for the application, a new stream would only bring more. */
  readonly isReady: () => boolean;
}

/**
 * The streams of one session, one after another: when one is lost another is
 * opened, with the resume token of the last welcome, unless that cannot heal.
 * One whose token runs out gives way to one with a fresh token. All of them are one
 * user's: where a token may be another's, nothing is said before the welcome.
 */
export class Lifeline {
  /** Settled by the first welcome. Rejects when the end comes before it. */
  readonly welcomed: Promise<void>;
  readonly #options: LifelineOptions;
  readonly #events: LifelineEvents;
  readonly #backoff: Backoff;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #firstWelcome = Promise.withResolvers<void>();
  #phase: Phase;
  #welcome: Welcome | undefined;
  /** Of the stream of now. A secret. */
  #token = '';
  /** The server took no token since it was asked for one that it does take. */
  #hasAskedAgain = false;
  #renewal: Renewal | undefined;
  #renewedAtMs = Number.NEGATIVE_INFINITY;
  /** Why the stream of now is over, while the one that is to take its place is not welcomed yet. */
  #orphanedBy: ChatError | undefined;
  /** Since when there is no live stream, by the monotonic clock. */
  #awaySinceMs: number | undefined;

  constructor(options: LifelineOptions, events: LifelineEvents) {
    this.#options = options;
    this.#events = events;
    this.#backoff = new Backoff(() => options.timing.random());
    this.welcomed = this.#firstWelcome.promise;
    this.#awaySinceMs = options.timing.monotonicMs();
    this.#phase = this.#begun();
  }

  /** The last one; undefined before the first. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get state(): ConnectionState {
    return stateIn(this.#phase);
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends, when there is a stream; false without one. Never calls back when the stream ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void, traceparent?: string): boolean {
    const stream = this.#isUnproven ? undefined : this.#stream;
    stream?.ask(message, answered, traceparent);
    return stream !== undefined;
  }

  pause(): void {
    this.#stream?.pause();
  }

  /** The application has read. */
  resume(): void {
    if (this.#phase.kind === 'waiting' && this.#phase.isDue) this.#reopen();
    else this.#stream?.resume();
  }

  /** Ends the stream once `settled` is, and the server has written what it owes; by force after 5 s. */
  close(settled: Promise<unknown>): void {
    const phase = this.#phase;
    if (phase.kind === 'waiting' || phase.kind === 'asking' || this.#isUnproven) {
      this.end(undefined);
      return;
    }
    if (phase.kind !== 'connecting' && phase.kind !== 'live') return;
    const { stream } = phase;
    if (this.#renewal?.isUnderWay === false) this.#endRenewal();
    const cancel = this.#options.timing.after(CLOSE_PATIENCE_MS, () => this.end(undefined));
    this.#enter({ kind: 'closing', stream, cancel, settled });
    void settled.then(() => stream.halfClose());
  }

  /** Ends it at once. A close that is under way stands. */
  end(why: ChatError | undefined): void {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
    this.#endRenewal();
    this.#stream?.abandon();
    if ('cancel' in phase) phase.cancel();
    const reason = phase.kind === 'closing' ? undefined : why;
    this.#enter({ kind: 'closed', why: reason });
    this.#firstWelcome.reject(reason ?? new ChatError({ reason: 'closed', message: 'closed before the welcome' }));
    this.#events.over(reason);
  }

  get #stream(): Stream | undefined {
    return 'stream' in this.#phase ? this.#phase.stream : undefined;
  }

  /** Whether the stream that is being opened may be another user's, by the token that was given for it. */
  get #isUnproven(): boolean {
    const isAsked = this.#options.bearer.given === undefined;
    return this.#phase.kind === 'connecting' && this.#welcome !== undefined && isAsked;
  }

  /** The way to the next stream, which may first want a token. */
  #begun(): Phase {
    const { bearer } = this.#options;
    if (bearer.given !== undefined) return { kind: 'connecting', stream: this.#open(bearer.given) };
    const answered = (answer: string | ChatError) => {
      if (typeof answer === 'string') this.#openAsked(answer);
      else this.#lost(answer);
    };
    return { kind: 'asking', cancel: bearer.ask(answered) };
  }

  /** The stream that all is said on. */
  #open(token: string): Stream {
    this.#token = token;
    return this.#greet(token, { welcomed: (welcome) => this.#welcomed(welcome), failed: (why) => this.#lost(why) });
  }

  /** @param failed not called any more once it is the stream of now. */
  #greet(token: string, { welcomed, failed }: Greeted): Stream {
    const { route, userId, displayName, client, welcomeTimeoutMs, timing } = this.#options;
    const maxEnvelopeBytes = this.#welcome?.limits?.maxEnvelopeBytes;
    const resumeToken = this.#welcome?.resumeToken ?? this.#options.resumeToken;
    const stream = greet(
      { route, token, welcomeTimeoutMs, maxEnvelopeBytes, timing },
      { client, userId, displayName, resumeToken },
      {
        welcomed,
        told: (event) => this.#told(event),
        ended: (why) => (stream === this.#stream ? this.#ended(why) : failed(why)),
      },
    );
    return stream;
  }

  #reopen(): void {
    this.#phase = this.#begun();
    // Before the listeners hear of it: what they ask for is not among what goes out again, but comes behind it.
    if (this.#phase.kind === 'connecting') this.#events.reopened();
    this.#tellState();
  }

  /** The token is there that the next stream waited for. */
  #openAsked(token: string): void {
    const stream = this.#open(token);
    this.#phase = { kind: 'connecting', stream };
    if (!this.#isUnproven) this.#events.reopened();
    if (!this.#events.isReady()) stream.pause();
  }

  #welcomed(welcome: Welcome): void {
    if (this.#endsAsAnother(welcome)) return;
    const isHeld = this.#isUnproven;
    this.#welcome = welcome;
    const phase = this.#phase;
    if (phase.kind !== 'connecting') return;
    this.#awaySinceMs = undefined;
    this.#phase = { kind: 'live', stream: phase.stream, sinceMs: this.#options.timing.monotonicMs() };
    if (isHeld) this.#events.reopened();
    this.#tellState();
    this.#firstWelcome.resolve();
  }

  /** Whoever uses this connection is not to go on as somebody else without knowing. */
  #endsAsAnother({ userId }: Welcome): boolean {
    const before = this.#welcome?.userId ?? userId;
    if (userId === before) return false;
    const message = `the token is of ${userId} now, and this is a connection of ${before}; connect anew for another user`;
    this.end(new ChatError({ reason: 'not_your_identity', code: status.PERMISSION_DENIED, message }));
    return true;
  }

  #told(event: Answer): void {
    const isExpiry = event.$case === 'error' && event.value.requestId === '' && event.value.reason === 'token_expired';
    if (isExpiry) this.#renew();
    else this.#events.told(event);
  }

  /** The server ends the stream of now within a minute, for its token runs out. */
  #renew(): void {
    const { bearer, timing } = this.#options;
    if (this.#phase.kind !== 'live' || this.#renewal !== undefined) return;
    if (bearer.given !== undefined) {
      this.#events.tokenExpires(undefined);
      return;
    }
    // Tokens that live for less than the server's minute would be chased without end: those run out.
    if (timing.monotonicMs() - this.#renewedAtMs < LASTING_MS) return;
    this.#renewal = new Renewal(this.#token, {
      ask: (answered) => bearer.ask(answered),
      greet: (token, greeted) => this.#greet(token, greeted),
      done: (successor) => this.#succeed(successor),
      failed: (because) => {
        const orphanedBy = this.#orphanedBy;
        this.#endRenewal();
        if (orphanedBy === undefined) this.#events.tokenExpires(because);
        // That it was replaced is the doing of the one that failed behind it.
        else this.#lost(orphanedBy.reason === 'replaced' && because !== undefined ? because : orphanedBy);
      },
    });
  }

  #succeed({ stream, token, welcome }: Successor): void {
    const phase = this.#phase;
    if (phase.kind !== 'live' && phase.kind !== 'closing') return;
    if (this.#endsAsAnother(welcome)) return;
    const nowMs = this.#options.timing.monotonicMs();
    this.#renewal = undefined;
    this.#orphanedBy = undefined;
    this.#renewedAtMs = nowMs;
    phase.stream.abandon();
    this.#welcome = welcome;
    this.#token = token;
    this.#phase = phase.kind === 'live' ? { kind: 'live', stream, sinceMs: nowMs } : { ...phase, stream };
    this.#events.moved();
    this.#events.reopened();
    if (!this.#events.isReady()) stream.pause();
    if (phase.kind === 'closing') void phase.settled.then(() => stream.halfClose());
    else this.#tellState();
  }

  #endRenewal(): void {
    this.#renewal?.cancel();
    this.#renewal = undefined;
    this.#orphanedBy = undefined;
  }

  /** The stream of now is over. While another is to take its place, that one has the say. */
  #ended(why: ChatError): void {
    if (this.#renewal?.isUnderWay === true) {
      this.#orphanedBy = why;
      return;
    }
    this.#endRenewal();
    this.#lost(why);
  }

  /** A token that was refused may have been the last one's, of whoever gives them. */
  #mayAskAgain({ code }: ChatError): boolean {
    const { bearer, giveUpAfterMs } = this.#options;
    if (code !== status.UNAUTHENTICATED || bearer.given !== undefined || giveUpAfterMs === 0) return false;
    return !this.#hasAskedAgain && this.#phase.kind !== 'closing';
  }

  #askAgain(because: ChatError): void {
    this.#hasAskedAgain = true;
    this.#events.lost();
    const cancel = this.#options.bearer.ask((answer) => {
      if (typeof answer !== 'string') this.#lost(answer);
      else if (answer !== this.#token) this.#openAsked(answer);
      else this.end(because);
    });
    this.#enter({ kind: 'asking', cancel });
  }

  #lost(because: ChatError): void {
    const phase = this.#phase;
    const { retryFirst, giveUpAfterMs, timing } = this.#options;
    const nowMs = timing.monotonicMs();
    if (phase.kind === 'live' && nowMs - phase.sinceMs >= LASTING_MS) {
      this.#backoff.reset();
      this.#hasAskedAgain = false;
    }
    this.#awaySinceMs ??= nowMs;
    if (this.#mayAskAgain(because)) {
      this.#askAgain(because);
      return;
    }
    const wasWelcomed = this.#welcome !== undefined;
    const mayRetry = phase.kind !== 'closing' && canHeal(because, wasWelcomed) && (retryFirst || wasWelcomed);
    const delayMs = this.#backoff.next(because.retryAfterMs);
    if (!mayRetry || nowMs + delayMs - this.#awaySinceMs >= giveUpAfterMs) {
      this.end(because);
      return;
    }
    this.#events.lost();
    const until = new Date(timing.utcMs() + delayMs);
    const state: ConnectionState = { kind: 'waiting', until, attempt: this.#backoff.attempt, because };
    this.#enter({ kind: 'waiting', state, cancel: timing.after(delayMs, () => this.#due()), isDue: false });
  }

  #due(): void {
    if (this.#phase.kind !== 'waiting') return;
    this.#phase.isDue = true;
    if (this.#events.isReady()) this.#reopen();
  }

  #enter(phase: Phase): void {
    const wasClosing = this.#phase.kind === 'closing';
    this.#phase = phase;
    if (!wasClosing) this.#tellState();
  }

  #tellState(): void {
    for (const listener of this.#listeners) listener(this.state);
  }
}

import type { Welcome } from '../../api/gen/chat/v1/chat.ts';
import { Backoff } from './backoff.ts';
import { ChatError } from './errors.ts';
import type { Route } from './route.ts';
import { type ConnectionState, canHeal } from './state.ts';
import { type Answer, type Envelope, refusalIn, Stream } from './stream.ts';
import type { Timing } from './timing.ts';

/** How long a close waits for the server's word. */
const CLOSE_PATIENCE_MS = 5_000;
/** A stream that was welcomed and falls sooner counts as another failed attempt: the next comes later. */
const LASTING_MS = 5_000;

export interface LifelineOptions {
  readonly route: Route;
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
  /** A stream after the first is open and has said hello: what is wanted goes out behind it, without waiting. */
  readonly reopened: () => void;
  readonly told: (event: Answer) => void;
  /** The stream is over, what it brought was told, and another is to come. */
  readonly lost: () => void;
  /** For good; `why` is undefined when it was closed. Called once. */
  readonly over: (why: ChatError | undefined) => void;
  /** While too much waits for the application, a new stream would only bring more. */
  readonly isReady: () => boolean;
}

type Phase =
  | { readonly kind: 'connecting'; readonly stream: Stream }
  | { readonly kind: 'live'; readonly stream: Stream; readonly sinceMs: number }
  | {
      readonly kind: 'waiting';
      readonly state: ConnectionState;
      readonly cancel: () => void;
      /** The delay is over, but the application has to read first. */
      isDue: boolean;
    }
  /** Closed by this side, but what is owed is still being told. */
  | { readonly kind: 'closing'; readonly stream: Stream; readonly cancel: () => void }
  | { readonly kind: 'closed'; readonly why: ChatError | undefined };

/**
 * The streams of one session, one after another: when one is lost another is
 * opened, with the resume token of the last welcome, unless that cannot heal.
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
  /** Since when there is no live stream, by the monotonic clock. */
  #awaySinceMs: number | undefined;

  constructor(options: LifelineOptions, events: LifelineEvents) {
    this.#options = options;
    this.#events = events;
    this.#backoff = new Backoff(() => options.timing.random());
    this.welcomed = this.#firstWelcome.promise;
    this.#awaySinceMs = options.timing.monotonicMs();
    this.#phase = { kind: 'connecting', stream: this.#open() };
  }

  /** The last one; undefined before the first. */
  get welcome(): Welcome | undefined {
    return this.#welcome;
  }

  get state(): ConnectionState {
    const phase = this.#phase;
    switch (phase.kind) {
      case 'waiting':
        return phase.state;
      case 'closing':
        return { kind: 'closed', why: undefined };
      case 'closed':
        return { kind: 'closed', why: phase.why };
      default:
        return { kind: phase.kind };
    }
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Sends, when there is a stream; false without one. Never calls back when the stream ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void, traceparent?: string): boolean {
    this.#stream?.ask(message, answered, traceparent);
    return this.#stream !== undefined;
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
    if (phase.kind === 'waiting') this.end(undefined);
    if (phase.kind !== 'connecting' && phase.kind !== 'live') return;
    const { stream } = phase;
    const cancel = this.#options.timing.after(CLOSE_PATIENCE_MS, () => this.end(undefined));
    this.#enter({ kind: 'closing', stream, cancel });
    void settled.then(() => stream.halfClose());
  }

  /** Ends it at once. A close that is under way stands. */
  end(why: ChatError | undefined): void {
    const phase = this.#phase;
    if (phase.kind === 'closed') return;
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

  #open(): Stream {
    const { route, userId, displayName, client, welcomeTimeoutMs, timing } = this.#options;
    const maxEnvelopeBytes = this.#welcome?.limits?.maxEnvelopeBytes;
    const stream = new Stream(
      { route, welcomeTimeoutMs, maxEnvelopeBytes, timing },
      { told: this.#events.told, ended: (failure) => this.#lost(failure) },
    );
    const resumeToken = this.#welcome?.resumeToken ?? this.#options.resumeToken;
    const hello = { client, userId, displayName, resumeToken };
    stream.ask({ $case: 'hello', value: hello }, (answer) => {
      if (answer.$case === 'welcome') return this.#welcomed(answer.value);
      stream.abandon();
      this.#lost(refusalIn(answer));
    });
    return stream;
  }

  #reopen(): void {
    this.#phase = { kind: 'connecting', stream: this.#open() };
    // Before the listeners hear of it: what they ask for is not among what goes out again, but comes behind it.
    this.#events.reopened();
    this.#tellState();
  }

  #welcomed(welcome: Welcome): void {
    this.#welcome = welcome;
    const phase = this.#phase;
    if (phase.kind !== 'connecting') return;
    this.#awaySinceMs = undefined;
    this.#enter({ kind: 'live', stream: phase.stream, sinceMs: this.#options.timing.monotonicMs() });
    this.#firstWelcome.resolve();
  }

  #lost(because: ChatError): void {
    const phase = this.#phase;
    const { retryFirst, giveUpAfterMs, timing } = this.#options;
    const nowMs = timing.monotonicMs();
    if (phase.kind === 'live' && nowMs - phase.sinceMs >= LASTING_MS) this.#backoff.reset();
    this.#awaySinceMs ??= nowMs;
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

import { type ClientDuplexStream, type ServiceError, status } from '@grpc/grpc-js';
import {
  type ChatServiceClient,
  ClientEnvelope,
  type ServerEvent,
  type Error as WireError,
} from '../../api/gen/chat/v1/chat.ts';
import { ChatError } from './errors.ts';
import type { Route } from './route.ts';
import { SilenceWatch } from './silence-watch.ts';
import type { Timing } from './timing.ts';
import { metadataWith } from './token.ts';

/** What a client wants, and what the server says: the arms of the contract. */
export type Envelope = NonNullable<ClientEnvelope['message']>;
export type Answer = NonNullable<ServerEvent['event']>;

/** Beyond the interval of its heartbeats, a server that says nothing is gone; the contract's point 10. */
const HEARTBEAT_PATIENCE_MS = 10_000;

export interface StreamOptions {
  readonly route: Route;
  /** '' is none. */
  readonly token: string;
  /** How long the server may say nothing at all; after the welcome its heartbeats set the measure. */
  readonly welcomeTimeoutMs: number;
  /** Nothing larger is sent. Undefined before any welcome. */
  readonly maxEnvelopeBytes: number | undefined;
  readonly timing: Timing;
}

export interface StreamEvents {
  /** What answers no `ask`, in its order; batches laid out flat. */
  readonly told: (event: Answer) => void;
  /** It is over, and everything that it brought was told. Called once, but not after `abandon`. */
  readonly ended: (failure: ChatError) => void;
}

/**
 * One stream to a server, on a transport of its own: streams that share one hold each other up. It dies once, and what was
 * asked on it is then not answered any more.
 */
export class Stream {
  readonly #client: ChatServiceClient;
  readonly #call: ClientDuplexStream<ClientEnvelope, ServerEvent>;
  readonly #events: StreamEvents;
  readonly #route: Route;
  readonly #watch: SilenceWatch;
  readonly #answered = new Map<string, (answer: Answer) => void>();
  #maxEnvelopeBytes: number | undefined;
  #lastRequestId = 0;
  #isWelcomed = false;
  #isAbandoned = false;
  /** Node destroys a stream that is written to after its end, and what was still to be read with it. */
  #takesWords = true;
  /** Told by `draining`, for an end that says nothing itself. */
  #reconnectAfterMs: number | undefined;
  #failure: ChatError | undefined;
  #stopExplaining = () => {};

  constructor(options: StreamOptions, events: StreamEvents) {
    const { route, token, welcomeTimeoutMs, maxEnvelopeBytes, timing } = options;
    this.#events = events;
    this.#maxEnvelopeBytes = maxEnvelopeBytes;
    this.#route = route;
    this.#client = route.client({ 'grpc.keepalive_time_ms': 20_000 });
    this.#call = this.#client.channel(metadataWith(token));
    this.#call.on('data', (event: ServerEvent) => this.#receive(event));
    // `error` may come while events wait in the paused stream; `end` comes behind the last of them, always.
    this.#call.on('error', (error: ServiceError) => {
      const known = { isChatServer: this.#isWelcomed, retryAfterMs: this.#reconnectAfterMs };
      this.#failure = this.#route.address.failureOf(error, known);
      this.#call.resume();
    });
    this.#call.on('end', () => this.#ended());
    this.#watch = new SilenceWatch(timing, (limitMs) => this.#silent(limitMs));
    this.#watch.expect(welcomeTimeoutMs);
  }

  /**
   * Sends, and calls back with what answers; with an error that is ours when it is too large to be sent. The nonce of a
   * heartbeat is set here, for its answer has nothing else to be known by.
   * @throws when the wire has no such value.
   */
  ask(message: Envelope, answered: (answer: Answer) => void, traceparent = ''): void {
    this.#lastRequestId += 1;
    const requestId = `${this.#lastRequestId}`;
    const envelope = { message: withNonce(message, requestId), requestId, traceparent };
    const bytes = ClientEnvelope.encode(envelope).finish().length;
    if (this.#maxEnvelopeBytes !== undefined && bytes > this.#maxEnvelopeBytes) {
      // The server would end the stream, and the next one with the same envelope again.
      const text = `${bytes} bytes are more than the ${this.#maxEnvelopeBytes} that the server takes`;
      const room = 'room' in message.value ? message.value.room : '';
      const refusal = { code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large', message: text };
      queueMicrotask(() => answered({ $case: 'error', value: { ...refusal, requestId, room, retryAfterMs: 0 } }));
      return;
    }
    this.#answered.set(requestId, answered);
    this.#write(envelope);
  }

  /** Nothing is read until `resume`; the server's silence is then no sign. An end is told all the same. */
  pause(): void {
    if (this.#failure !== undefined) return;
    this.#call.pause();
    this.#watch.pause();
  }

  resume(): void {
    this.#call.resume();
    this.#watch.resume();
  }

  /** The server answers what it owes and ends the stream. */
  halfClose(): void {
    this.#takesWords = false;
    this.#call.end();
  }

  /** Ends it at once; nothing is told or called any more. */
  abandon(): void {
    if (this.#isAbandoned) return;
    this.#isAbandoned = true;
    this.#release();
    this.#call.cancel();
    this.#call.resume();
  }

  #write(envelope: ClientEnvelope): void {
    if (this.#takesWords) this.#call.write(envelope);
  }

  #receive({ event, batch }: ServerEvent): void {
    this.#watch.heard();
    if (event !== undefined) this.#take(event);
    for (const entry of batch) if (entry.event !== undefined) this.#take(entry.event);
  }

  #take(event: Answer): void {
    if (this.#isAbandoned) return;
    switch (event.$case) {
      case 'heartbeat': {
        const { nonce, reply } = event.value;
        const message: Envelope = { $case: 'heartbeat', value: { nonce, reply: true } };
        if (reply) this.#answer(nonce.toString('latin1'), event);
        else this.#write({ message, requestId: '', traceparent: '' });
        return;
      }
      case 'welcome': {
        const { heartbeatIntervalMs, limits } = event.value;
        this.#isWelcomed = true;
        this.#maxEnvelopeBytes = limits?.maxEnvelopeBytes;
        this.#watch.expect(heartbeatIntervalMs === 0 ? 0 : heartbeatIntervalMs + HEARTBEAT_PATIENCE_MS);
        break;
      }
      case 'draining':
        this.#reconnectAfterMs = event.value.reconnectAfterMs;
        break;
    }
    this.#answer('requestId' in event.value ? event.value.requestId : '', event);
  }

  #answer(requestId: string, event: Answer): void {
    const answered = this.#answered.get(requestId);
    this.#answered.delete(requestId);
    if (answered === undefined) this.#events.told(event);
    else answered(event);
  }

  #ended(): void {
    if (this.#isAbandoned) return;
    this.#takesWords = false;
    this.#release();
    const failure = this.#failure ?? new ChatError({ reason: 'lost', message: 'the server ended the stream' });
    this.#stopExplaining = this.#route.explain(failure, (explained) => {
      this.#isAbandoned = true;
      this.#events.ended(explained);
    });
  }

  #silent(limitMs: number): void {
    this.abandon();
    const message = `nothing was heard from ${this.#route.address} for ${limitMs / 1000} s`;
    this.#events.ended(this.#isWelcomed ? new ChatError({ reason: 'lost', message }) : this.#route.address.silence);
  }

  #release(): void {
    this.#watch.stop();
    this.#stopExplaining();
    this.#answered.clear();
    this.#client.close();
  }
}

function withNonce(message: Envelope, nonce: string): Envelope {
  if (message.$case !== 'heartbeat') return message;
  return { $case: 'heartbeat', value: { ...message.value, nonce: Buffer.from(nonce, 'latin1') } };
}

/** What the server's refusal of an envelope is to the application. */
function refusalOf({ reason, message, code, retryAfterMs, room }: WireError): ChatError {
  return new ChatError({ reason, message, code, room, retryAfterMs: retryAfterMs === 0 ? undefined : retryAfterMs });
}

/** For an answer that does not fit what was asked. */
export function refusalIn(answer: Answer): ChatError {
  if (answer.$case === 'error') return refusalOf(answer.value);
  return new ChatError({ reason: 'invalid_answer', message: `the server answered with "${answer.$case}"` });
}

import { randomUUID } from 'node:crypto';
import type { ServerHttp2Stream } from 'node:http2';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Command, Unreadable } from '../core/commands.ts';
import type { Reason, Refusal } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import type { Sink } from '../core/ports.ts';
import type { End, Session } from '../core/session.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import { serverEventsIn } from './codec.ts';
import { cutStream, cutTransport, http2StreamOf, releaseStream } from './cut.ts';
import { whenLibraryEnds } from './library-end.ts';
import { internalFault, statusOf } from './status.ts';
import { isMidMessage, joinPieces } from './unfinished-message.ts';

/** What the stream of a client carries: commands in, arrays of encoded `ServerEvent`s out. */
export type ChannelCall = ServerDuplexStream<Command | Unreadable, readonly Uint8Array[]>;

/** Why a connection is over: it ended as it should, without a word, or by what was refused. */
export type CloseReason = 'ok' | 'lost' | Reason;

/** An ended stream that is still there is reset at this sweep, and its transport cut at that. */
const SWEEPS_BEFORE_RESET = 2;
const SWEEPS_BEFORE_CUT = 10;

export interface ConnectionEvents {
  /** The session has lost the stream; called once. */
  readonly closed: (connection: Connection, reason: CloseReason) => void;
  /** The stream has left the transport, and what it held is given back. */
  readonly gone: (connection: Connection) => void;
  /** What answers the first command has left; called once at most. */
  readonly answered: (connection: Connection) => void;
  /** A fault of ours ends the stream; its client is told the correlation id. */
  readonly faulted: (fault: unknown, correlationId: string) => void;
}

/**
 * One stream: reads commands into its session, writes what the session is owed.
 *
 * grpc-js 1.14.7 tells of a killed and of a cancelled client by `end` and then,
 * before the turn is over or a little later, `cancelled`; so a half-close is
 * believed two turns after it. `cancelled` also follows every normal end, and is
 * where a connection is over.
 */
export class Connection implements Sink {
  /** Settled when the stream is over. */
  readonly over: Promise<void>;
  readonly #call: ChannelCall;
  readonly #peer: string;
  readonly #events: ConnectionEvents;
  /** Set when the stream is to end as soon as nothing is owed. */
  #ending: { readonly refusal: Refusal | undefined } | undefined;
  /** Set when its status is given; nothing is read or written after that. */
  #endReason: CloseReason | undefined;
  readonly #http2Stream: ServerHttp2Stream;
  #session: Session | undefined;
  #refusal: Refusal | undefined;
  #envelopesIn = 0;
  #eventsOut = 0;
  #isAnswered = false;
  #isResumed = false;
  #isWriting = false;
  #sweepsSinceEnd = 0;
  #isCancelled = false;

  /** Begins to serve a call that came with a token, where it needs one; or refuses it, see `refusal`. */
  static open(
    call: ChannelCall,
    sessions: SessionRegistry,
    grant: Grant | undefined,
    events: ConnectionEvents,
  ): Connection {
    const connection = new Connection(call, events);
    connection.#http2Stream.once('close', () => events.gone(connection));
    const session = sessions.open(connection, grant);
    if ('reason' in session) {
      connection.#refusal = session;
      connection.end(session);
      return connection;
    }
    connection.#session = session;
    const faulted = (fault: unknown) => events.faulted(fault, randomUUID());
    void connection.over
      .then(() => sessions.close(connection.session, connection))
      .catch(faulted)
      .then(() => events.closed(connection, connection.#endReason ?? 'lost'))
      .catch(faulted);
    return connection;
  }

  private constructor(call: ChannelCall, events: ConnectionEvents) {
    this.#call = call;
    this.#events = events;
    this.#http2Stream = http2StreamOf(call);
    // Asked later, when its transport is gone, grpc-js knows it no more.
    this.#peer = call.getPeer();
    joinPieces(call);
    whenLibraryEnds(call, (reason) => this.#endedByLibrary(reason));
    call.on('data', (command: Command | Unreadable) => this.#receive(command));
    call.on('end', () => setImmediate(() => setImmediate(() => this.#halfClosed())));
    this.over = new Promise((resolve) => {
      call.once('cancelled', () => {
        this.#isCancelled = true;
        resolve();
      });
    });
  }

  get peer(): string {
    return this.#peer;
  }

  /** Why the call was refused, so that it has no session. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
  }

  /** W3C trace context of the call, unchecked; '' when there is none. */
  get traceparent(): string {
    return String(this.#call.metadata.get('traceparent')[0] ?? '');
  }

  /** The stream goes on a session that had another before. */
  get isResumed(): boolean {
    return this.#isResumed;
  }

  /** Envelopes that arrived, and events of rooms that were written. */
  get traffic(): { readonly envelopesIn: number; readonly eventsOut: number } {
    return { envelopesIn: this.#envelopesIn, eventsOut: this.#eventsOut };
  }

  /** Whose stream this is; another session's from the moment it resumes that one. */
  get session(): Session {
    if (this.#session === undefined) throw new Error('a refused call has no session');
    return this.#session;
  }

  /** See `Sink`: one gRPC message for a full client, one an event for a basic one. */
  write(parts: readonly Uint8Array[], events: number, done: () => void): void {
    if (this.#endReason !== undefined) return;
    this.#isWriting = true;
    this.#eventsOut += events;
    const messages = this.session.client === 'full' ? [joined(parts)] : parts.flatMap(serverEventsIn);
    this.#call.write(messages, (error?: Error | null) => {
      if (error) return;
      this.#isWriting = false;
      this.#guarded(() => {
        this.#noteAnswered();
        done();
        this.#written();
      });
    });
  }

  /** See `Sink`. A status waits behind an unfinished write: a stuck reader is reset at once, another one if need be by `sweep`. */
  end(refusal: Refusal): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = refusal.reason;
    if (this.#isWriting && refusal.reason === 'slow_consumer') cutStream(this.#http2Stream);
    else this.#call.emit('error', statusOf(refusal));
  }

  /** See `Sink`: the stream ends and nobody else notices. */
  failed(fault: unknown): void {
    const correlationId = randomUUID();
    this.#events.faulted(fault, correlationId);
    this.end(internalFault(correlationId));
  }

  /** Its status was given, or its client has gone. */
  get hasEnded(): boolean {
    return this.#endReason !== undefined || this.#isCancelled;
  }

  /** Ends the stream, with a refusal or well, once everything owed is written; until then it is served. */
  endWhenWritten(refusal: Refusal | undefined): void {
    this.#ending = { refusal };
    if (this.session.outbox.isEmpty) this.#endAsAsked();
  }

  /**
   * Reads on, where a flood was not read for a moment. And sees to it that an ended stream goes: one whose peer keeps its half open is
   * released, one whose status does not get through is reset, and when that does
   * not get through either its transport is cut. To be called once a second.
   */
  sweep(): void {
    const stream = this.#http2Stream;
    if (!this.hasEnded) {
      this.#guarded(() => this.#readOn());
      return;
    }
    this.#sweepsSinceEnd += 1;
    if (this.#sweepsSinceEnd === SWEEPS_BEFORE_RESET) {
      if (this.#isCancelled) releaseStream(stream);
      else cutStream(stream);
    }
    if (this.#sweepsSinceEnd === SWEEPS_BEFORE_CUT) cutTransport(stream);
  }

  #noteAnswered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#events.answered(this);
  }

  #receive(command: Command | Unreadable): void {
    if (this.#endReason !== undefined) return;
    this.#envelopesIn += 1;
    this.#guarded(() => {
      const end = command.kind === 'unreadable' ? refusedFor(command) : this.session.receive(command);
      if (end?.kind === 'moved') {
        this.#session = end.to;
        this.#isResumed = true;
      }
      if (end?.kind === 'refused') this.#refuse(end.refusal);
      if (end?.kind === 'finished') this.endWhenWritten(undefined);
      if (this.session.isFull) this.#call.pause();
    });
  }

  #written(): void {
    if (this.#ending !== undefined && this.session.outbox.isEmpty) this.#endAsAsked();
    else this.#readOn();
  }

  #readOn(): void {
    if (this.#call.isPaused() && !this.session.isFull) this.#call.resume();
  }

  #halfClosed(): void {
    if (this.#isCancelled || this.#endReason !== undefined) return;
    this.#guarded(() => {
      if (isMidMessage(this.#call)) {
        this.#refuse({ reason: 'invalid_envelope', message: 'the stream ended within an envelope' });
        return;
      }
      this.session.halfClose();
      if (this.#ending === undefined) this.endWhenWritten(undefined);
    });
  }

  /** A fault of ours in what a listener does ends this stream, and nothing else. */
  #guarded(listener: () => void): void {
    try {
      listener();
    } catch (fault) {
      this.failed(fault);
    }
  }

  /** What was answered before goes out in one last write, unless one is unfinished. */
  #refuse(refusal: Refusal): void {
    this.session.outbox.flush();
    if (this.#endReason !== undefined) return;
    this.#endReason = refusal.reason;
    this.#call.emit('error', statusOf(refusal));
  }

  /** Whether grpc-js ends a stream that has not ended here. */
  #endedByLibrary(reason: Reason): boolean {
    if (this.#endReason !== undefined) return false;
    this.#endReason = reason;
    return true;
  }

  #endAsAsked(): void {
    if (this.#endReason !== undefined) return;
    const refusal = this.#ending?.refusal;
    this.#endReason = refusal?.reason ?? 'ok';
    if (refusal === undefined) this.#call.end();
    else this.#call.emit('error', statusOf(refusal));
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const [first] = parts;
  return parts.length === 1 && first !== undefined ? first : Buffer.concat(parts);
}

function refusedFor({ reason }: Unreadable): End {
  const tooLarge = 'the envelope is larger than this server takes';
  const message = reason === 'envelope_too_large' ? tooLarge : 'these bytes are no ClientEnvelope';
  return { kind: 'refused', refusal: { reason, message } };
}

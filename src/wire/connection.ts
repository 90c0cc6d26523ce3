import { randomUUID } from 'node:crypto';
import type { ServerHttp2Stream } from 'node:http2';
import { type Metadata, status } from '@grpc/grpc-js';
import type { Reason, Refusal } from '../core/errors.ts';
import type { Grant } from '../core/grant.ts';
import type { Sink } from '../core/ports.ts';
import type { End, Session } from '../core/session.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import type { Objection } from './call-headers.ts';
import type { ChannelCall, Served } from './channel-call.ts';
import { decodeCommand } from './codec.ts';
import { cutStream, cutTransport, releaseStream } from './cut.ts';
import { type EnvelopeListener, EnvelopeReader, type Trouble } from './envelope-reader.ts';
import { framed } from './framing.ts';
import { internalFault, statusOf } from './status.ts';

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

export interface ConnectionPorts {
  readonly sessions: SessionRegistry;
  /** Of an envelope. */
  readonly maxEnvelopeBytes: number;
  readonly events: ConnectionEvents;
}

/** What the token of its call grants, where it needs one, and its trace context (W3C), unchecked; '' when there is none. */
export interface CallDetails {
  readonly grant: Grant | undefined;
  readonly traceparent: string;
}

/**
 * One stream: reads commands into its session, writes what the session is owed.
 *
 * Node 24 tells of a killed and of a cancelled client by `end` and then, before the
 * turn is over or a little later, grpc-js 1.14.7 that the call is over; so a
 * half-close is believed two turns after it. A call is also told to be over after
 * every normal end, and that is where a connection is over.
 */
export class Connection implements Sink, Served, EnvelopeListener {
  readonly peer: string;
  readonly traceparent: string;
  readonly #call: ChannelCall;
  readonly #ports: ConnectionPorts;
  /** Undefined where there is no session to read for. */
  #reader: EnvelopeReader | undefined;
  /** Set when the stream is to end as soon as nothing is owed. */
  #ending: { readonly refusal: Refusal | undefined } | undefined;
  /** Set when its status is given; nothing is read or written after that. */
  #endReason: CloseReason | undefined;
  #session: Session | undefined;
  #refusal: Refusal | undefined;
  #envelopesIn = 0;
  #eventsOut = 0;
  #isAnswered = false;
  #isResumed = false;
  #isWriting = false;
  #sweepsSinceEnd = 0;
  #isOver = false;
  #toldOver: (() => void) | undefined;

  /** Begins to serve a call, or refuses it, see `refusal`. */
  static open(call: ChannelCall, details: CallDetails, ports: ConnectionPorts): Connection {
    const connection = new Connection(call, details, ports);
    const session = ports.sessions.open(connection, details.grant);
    if ('reason' in session) {
      connection.#refusal = session;
      connection.end(session);
    } else {
      connection.#session = session;
      connection.#read();
    }
    return connection;
  }

  private constructor(call: ChannelCall, { traceparent }: CallDetails, ports: ConnectionPorts) {
    this.#call = call;
    this.#ports = ports;
    this.traceparent = traceparent;
    // Asked later, when its transport is gone, grpc-js knows it no more.
    this.peer = call.getPeer();
  }

  /** Settled when the stream is over and its session knows. To be asked for once. */
  whenOver(): Promise<void> {
    return new Promise((resolve) => {
      this.#toldOver = resolve;
      if (this.#isOver) resolve();
    });
  }

  /** Why the call was refused, so that it has no session. */
  get refusal(): Refusal | undefined {
    return this.#refusal;
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
    this.#call.write(framed(parts, this.session.client), (error) => {
      if (error) return;
      this.#isWriting = false;
      try {
        this.#noteAnswered();
        done();
        this.#written();
      } catch (fault) {
        this.failed(fault);
      }
    });
  }

  /** See `Sink`. A status waits behind an unfinished write: a stuck reader is reset at once, another one if need be by `sweep`. */
  end(refusal: Refusal): void {
    if (this.#endReason !== undefined) return;
    this.#endFor(refusal.reason);
    if (this.#isWriting && refusal.reason === 'slow_consumer') cutStream(this.#http2Stream);
    else this.#call.end(statusOf(refusal));
  }

  /** See `Sink`: the stream ends and nobody else notices. */
  failed(fault: unknown): void {
    const correlationId = randomUUID();
    this.#ports.events.faulted(fault, correlationId);
    this.end(internalFault(correlationId));
  }

  /** Its status was given, or its client has gone. */
  get hasEnded(): boolean {
    return this.#endReason !== undefined || this.#isOver;
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
      // Reset by its client without an error, one that is not read would end only when all of it is.
      if (stream.closed) stream.destroy();
      this.#guarded(() => this.#readOn());
      return;
    }
    this.#sweepsSinceEnd += 1;
    if (this.#sweepsSinceEnd === SWEEPS_BEFORE_RESET) {
      // When a deadline is over grpc-js calls one over whose status waits behind a write, and Node releases none of these.
      if (this.#isOver && stream.writableFinished) releaseStream(stream);
      else cutStream(stream);
    }
    if (this.#sweepsSinceEnd === SWEEPS_BEFORE_CUT) cutTransport(stream);
  }

  /** See `Served`. */
  over(): void {
    this.#isOver = true;
    this.#reader?.stop();
    const { sessions, events } = this.#ports;
    const faulted = (fault: unknown) => events.faulted(fault, randomUUID());
    if (this.#session !== undefined) {
      try {
        sessions.close(this.#session, this);
      } catch (fault) {
        faulted(fault);
      }
      try {
        events.closed(this, this.#endReason ?? 'lost');
      } catch (fault) {
        faulted(fault);
      }
    }
    this.#toldOver?.();
  }

  /** See `Served`. */
  gone(): void {
    this.#ports.events.gone(this);
  }

  /** See `EnvelopeListener`. */
  received(envelope: Uint8Array): boolean {
    this.#envelopesIn += 1;
    let isMoreTaken = true;
    this.#guarded(() => {
      const command = decodeCommand(envelope);
      const end = command === undefined ? UNDECODABLE : this.session.receive(command);
      if (end?.kind === 'moved') {
        this.#session = end.to;
        this.#isResumed = true;
      }
      if (end?.kind === 'refused') this.#refuse(statusOf(end.refusal), end.refusal.reason);
      if (end?.kind === 'finished') {
        this.#reader?.stop();
        this.endWhenWritten(undefined);
      }
      isMoreTaken = !this.session.isFull;
    });
    return isMoreTaken;
  }

  /** See `EnvelopeListener`. */
  unreadable(trouble: Trouble): void {
    this.#envelopesIn += 1;
    const { refusal, code } = TROUBLES[trouble];
    this.#guarded(() => this.#refuse({ ...statusOf(refusal), ...(code !== undefined && { code }) }, refusal.reason));
  }

  /** See `EnvelopeListener`. */
  ended(isMidEnvelope: boolean): void {
    setImmediate(() => setImmediate(() => this.#halfClosed(isMidEnvelope)));
  }

  get #http2Stream(): ServerHttp2Stream {
    return this.#call.http2Stream;
  }

  #read(): void {
    const { http2Stream: stream, encoding } = this.#call;
    this.#reader = new EnvelopeReader({ stream, encoding, maxBytes: this.#ports.maxEnvelopeBytes }, this);
  }

  #noteAnswered(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    this.#ports.events.answered(this);
  }

  #written(): void {
    if (this.#ending !== undefined && this.session.outbox.isEmpty) this.#endAsAsked();
    else this.#readOn();
  }

  #readOn(): void {
    if (this.#reader?.isWaiting && !this.session.isFull) this.#reader.readOn();
  }

  #halfClosed(isMidEnvelope: boolean): void {
    if (this.#isOver || this.#endReason !== undefined) return;
    this.#guarded(() => {
      if (isMidEnvelope) {
        const refusal: Refusal = { reason: 'invalid_envelope', message: 'the stream ended within an envelope' };
        this.#refuse(statusOf(refusal), refusal.reason);
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
  #refuse(end: ReturnType<typeof statusOf>, reason: Reason): void {
    this.session.outbox.flush();
    if (this.#endReason !== undefined) return;
    this.#endFor(reason);
    this.#call.end(end);
  }

  #endAsAsked(): void {
    if (this.#endReason !== undefined) return;
    const refusal = this.#ending?.refusal;
    this.#endFor(refusal?.reason ?? 'ok');
    this.#call.end(refusal === undefined ? ENDED_WELL : statusOf(refusal));
  }

  #endFor(reason: CloseReason): void {
    this.#endReason = reason;
    this.#reader?.stop();
  }
}

const ENDED_WELL: { code: status; details: string; metadata: Metadata | null } = {
  code: status.OK,
  details: 'OK',
  metadata: null,
};

const UNDECODABLE: End = {
  kind: 'refused',
  refusal: { reason: 'invalid_envelope', message: 'these bytes are no ClientEnvelope' },
};

/** What is told of each. */
const TROUBLES: Record<Trouble, Objection> = {
  too_large: {
    refusal: { reason: 'envelope_too_large', message: 'the envelope is larger than this server takes' },
  },
  does_not_unpack: {
    refusal: { reason: 'invalid_envelope', message: 'the envelope cannot be decompressed' },
    code: status.INTERNAL,
  },
  unknown_encoding: {
    refusal: { reason: 'unsupported', message: 'envelopes are taken as they are, or in gzip or deflate' },
  },
};

import { randomUUID } from 'node:crypto';
import type { ServerDuplexStream } from '@grpc/grpc-js';
import type { Command, Unreadable } from '../core/commands.ts';
import type { Reason, Refusal } from '../core/errors.ts';
import type { End, Session } from '../core/session.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import { serverEventsIn } from './codec.ts';
import { statusOf } from './status.ts';

/** What the stream of a client carries: commands in, arrays of encoded `ServerEvent`s out. */
export type ChannelCall = ServerDuplexStream<Command | Unreadable, readonly Uint8Array[]>;

/** Why a connection is over: it ended as it should, without a word, or by what was refused. */
export type CloseReason = 'ok' | 'lost' | Reason;

export interface ConnectionEvents {
  /** The stream is over; called once. */
  readonly closed: (connection: Connection, reason: CloseReason) => void;
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
export class Connection {
  readonly session: Session;
  /** Settled when the stream is over. */
  readonly over: Promise<void>;
  readonly #call: ChannelCall;
  readonly #events: ConnectionEvents;
  /** Set when the stream is to end as soon as nothing is owed. */
  #ending: { readonly refusal: Refusal | undefined } | undefined;
  /** Set when its status is given; nothing is read or written after that. */
  #endReason: CloseReason | undefined;
  #isCancelled = false;

  /** Begins to serve a call, or refuses it. */
  static open(call: ChannelCall, sessions: SessionRegistry, events: ConnectionEvents): Connection | Refusal {
    let connection: Connection | undefined;
    const session = sessions.open({
      write: (parts, done) => connection?.write(parts, done),
      failed: (fault) => connection?.fail(fault),
    });
    if ('reason' in session) {
      call.emit('error', statusOf(session));
      return session;
    }
    connection = new Connection(call, session, events);
    return connection;
  }

  private constructor(call: ChannelCall, session: Session, events: ConnectionEvents) {
    this.session = session;
    this.#call = call;
    this.#events = events;
    call.on('data', (command: Command | Unreadable) => this.#receive(command));
    call.on('end', () => setImmediate(() => setImmediate(() => this.#halfClosed())));
    this.over = new Promise((resolve) => {
      call.once('cancelled', () => {
        this.#isCancelled = true;
        events.closed(this, this.#endReason ?? 'lost');
        resolve();
      });
    });
  }

  get peer(): string {
    return this.#call.getPeer();
  }

  /** The write of a `Sink`: one gRPC message for a full client, one an event for a basic one. */
  write(parts: readonly Uint8Array[], done: () => void): void {
    if (this.#endReason !== undefined) return;
    const messages = this.session.client === 'full' ? [joined(parts)] : parts.flatMap(serverEventsIn);
    this.#call.write(messages, (error?: Error | null) => {
      if (error) return;
      done();
      this.#written();
    });
  }

  /** The failure of a `Sink`: the stream ends and nobody else notices. */
  fail(fault: unknown): void {
    const correlationId = randomUUID();
    this.#events.faulted(fault, correlationId);
    this.#end({ reason: 'internal', message: `internal error; give the operator this id: ${correlationId}` });
  }

  /** Ends the stream with the refusal once everything owed is written; until then it is served. */
  endWhenWritten(refusal: Refusal | undefined): void {
    this.#ending = { refusal };
    if (this.session.outbox.isEmpty) this.#end(refusal);
  }

  #receive(command: Command | Unreadable): void {
    if (this.#endReason !== undefined) return;
    try {
      const end = command.kind === 'unreadable' ? refusedFor(command) : this.session.receive(command);
      if (end?.kind === 'refused') this.#refuse(end.refusal);
      if (end?.kind === 'finished') this.endWhenWritten(undefined);
    } catch (fault) {
      this.fail(fault);
    }
    if (this.session.outbox.isFull) this.#call.pause();
  }

  #written(): void {
    if (this.#ending !== undefined && this.session.outbox.isEmpty) this.#end(this.#ending.refusal);
    else if (this.#call.isPaused() && !this.session.outbox.isFull) this.#call.resume();
  }

  #halfClosed(): void {
    if (this.#isCancelled || this.#endReason !== undefined) return;
    this.session.end('left');
    if (this.#ending === undefined) this.endWhenWritten(undefined);
  }

  /** What was answered before goes out in one last write, unless one is unfinished. */
  #refuse(refusal: Refusal): void {
    this.session.outbox.flush();
    this.#end(refusal);
  }

  #end(refusal: Refusal | undefined): void {
    if (this.#endReason !== undefined) return;
    this.#endReason = refusal?.reason ?? 'ok';
    this.session.end('lost');
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

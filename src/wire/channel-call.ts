import { Metadata, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { type Admission, AdmittedCall, type Entrance } from './admission.ts';
import { takeStream } from './take-stream.ts';

/** What serves a call. */
export interface Served {
  /** The call has ended, however it did. Not told within what has ended it. */
  over(): void;
  /** Its stream has left the transport, and what it held is given back. */
  gone(): void;
}

/** Serves the call of a client's stream that was let in; undefined where that fails and the call is ended. */
export type ServeChannel = (call: ChannelCall, metadata: Metadata) => Served | undefined;

type Listener = Parameters<ServerInterceptingCallInterface['start']>[0];

/**
 * The call of a client's stream. grpc-js lets it begin and end, with headers and
 * with a status; what it carries is read from and written to its HTTP/2 stream.
 *
 * The duplex stream that grpc-js would hand to a handler passes one message at a
 * time to HTTP/2, copies it for each member, and waits. On the way in it begins to
 * decompress everything at once that a frame has brought, with a promise for each
 * message, and keeps the pieces of an unfinished one as they came: a thousand
 * streams could hold 430 MiB.
 */
export class ChannelCall extends AdmittedCall implements Listener {
  /** How what comes is compressed where it is: `grpc-encoding`. */
  readonly encoding: string;
  readonly #next: ServerInterceptingCallInterface;
  readonly #serve: ServeChannel;
  #served: Served | undefined;
  #hasHeaders = false;

  constructor(next: ServerInterceptingCallInterface, admission: Admission, entrance: Entrance, serve: ServeChannel) {
    super(next, admission, entrance);
    this.encoding = takeStream(next);
    this.#next = next;
    this.#serve = serve;
  }

  /** Without the listener of grpc-js, so that its handler is never reached. */
  override start(): void {
    this.#next.start(this);
  }

  onReceiveMetadata(metadata: Metadata): void {
    this.enter(metadata, () => {
      this.#served = this.#serve(this, metadata);
    });
  }

  /** Never, as nothing is read through grpc-js. */
  onReceiveMessage(): void {}
  onReceiveHalfClose(): void {}

  onCancel(): void {
    this.#served?.over();
  }

  protected override gone(): void {
    super.gone();
    this.#served?.gone();
  }

  /**
   * Writes gRPC messages with their prefixes, of which nothing may change any more;
   * nothing, if grpc-js has ended the call by itself. `left` is told when they have
   * left, or with an error that they never will.
   */
  write(messages: Uint8Array, left: (error?: Error | null) => void): void {
    if (this.http2Stream.writableEnded) return;
    if (!this.#hasHeaders) this.sendMetadata(new Metadata());
    this.#hasHeaders = true;
    this.http2Stream.write(messages, left);
  }

  /** Ends it behind what is written, unless grpc-js has. */
  end(status: Parameters<ServerInterceptingCallInterface['sendStatus']>[0]): void {
    if (!this.http2Stream.writableEnded) this.sendStatus(status);
  }
}

import { type ClientHttp2Session, connect } from 'node:http2';
import type { ServerAccess } from '../../connection/index.ts';
import type { ChatStream, StreamListener, Transport } from './chat-stream.ts';
import type { Dial } from './dial.ts';
import { CHANNEL_PATH } from './envelope.ts';
import { GrpcStream } from './grpc-stream.ts';

/** The largest that HTTP/2 allows: the tool must never be what makes the server wait. */
const WIDE_WINDOW_BYTES = 2 ** 31 - 1;
/** What HTTP/2 has without being asked: where a reader is to be slow, the server must notice. */
const NARROW_WINDOW_BYTES = 65_535;
/** Megabytes; nghttp2 ends a session that holds more. */
const MAX_SESSION_MEMORY = 1024;

const HEADERS = {
  ':method': 'POST',
  ':path': CHANNEL_PATH,
  'content-type': 'application/grpc',
  te: 'trailers',
};

export interface TransportOptions {
  readonly server: ServerAccess;
  readonly dial: Dial;
  /** How many streams it takes. */
  readonly streams: number;
  /** Whether the server feels it when nobody reads. */
  readonly isNarrow: boolean;
}

/**
 * An HTTP/2 connection. By node:http2 and not by a gRPC library: what comes is
 * counted by the bytes, and a library that decodes would be the bottleneck.
 */
export class Http2Transport implements Transport {
  readonly #session: ClientHttp2Session;
  readonly #mostStreams: number;
  #streams = 0;
  #isGoing = false;
  #why: Error | undefined;
  #isCut = false;

  constructor({ server, dial, streams, isNarrow }: TransportOptions) {
    this.#mostStreams = streams;
    const { host, port, tls } = server;
    const name = tls?.serverName ?? host;
    const authority = name.includes(':') ? `[${name}]:${port}` : `${name}:${port}`;
    const windowBytes = isNarrow ? NARROW_WINDOW_BYTES : WIDE_WINDOW_BYTES;
    this.#session = connect(`${tls === undefined ? 'http' : 'https'}://${authority}`, {
      createConnection: dial,
      settings: { initialWindowSize: windowBytes, enablePush: false },
      maxSessionMemory: MAX_SESSION_MEMORY,
    });
    this.#session.once('connect', () => {
      // It may have been ended before it was connected.
      if (!isNarrow && !this.#session.destroyed) this.#session.setLocalWindowSize(WIDE_WINDOW_BYTES);
    });
    // What is told to its streams is told as this.
    this.#session.on('error', (error) => {
      this.#why = error;
    });
    this.#session.once('goaway', () => {
      this.#isGoing = true;
    });
  }

  /** Why it ended, where it says more than its streams do. */
  get why(): Error | undefined {
    return this.#why;
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  get hasRoom(): boolean {
    const isLive = !this.#isGoing && !this.#session.destroyed && !this.#session.closed;
    return isLive && this.#streams < this.#mostStreams;
  }

  open(listener: StreamListener): ChatStream {
    this.#streams += 1;
    return new GrpcStream(this.#session.request(HEADERS, { endStream: false }), this, listener);
  }

  cut(): void {
    this.#isCut = true;
    this.#session.destroy();
  }

  /** A stream of it is over; with the last one it ends. */
  release(): void {
    this.#streams -= 1;
    if (this.#streams === 0 && !this.#session.destroyed) this.#session.close();
  }
}

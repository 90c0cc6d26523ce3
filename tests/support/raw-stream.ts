import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect as connectHttp2,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';

/** How a stream ended: by the trailers of the server, or without a status because this side ended it. */
export interface RawEnd {
  readonly status: number | undefined;
  /** grpc-message, its percent-encoding undone. */
  readonly message: string;
  /** The trailers, those of gRPC itself included. */
  readonly trailers: Readonly<Record<string, string>>;
  /** The code of the RST_STREAM or, without one, 0. */
  readonly resetCode: number;
}

export interface RawStreamOptions {
  readonly path?: string;
  /** Beside those of every gRPC call. */
  readonly headers?: OutgoingHttpHeaders;
  /** Bytes that the server may send before this side reads; HTTP/2's own default is 65,535. */
  readonly windowBytes?: number;
  /** Leaves its own half of the stream, and the transport, open when the server has ended its half. */
  readonly keepsOpen?: boolean;
}

/**
 * A gRPC stream over nothing but HTTP/2, on a transport of its own: no client
 * library and no encoder of ours stands between a test and the wire.
 */
export class RawStream {
  /** The messages that came, in order. */
  readonly received: Buffer[] = [];
  /** Settled when the stream is over, in whatever way. */
  readonly ended: Promise<RawEnd>;
  readonly #socket: Socket;
  readonly #session: ClientHttp2Session;
  readonly #stream: ClientHttp2Stream;
  #unread: Buffer = Buffer.alloc(0);
  #isOver = false;
  #waiting: (() => void)[] = [];

  constructor(port: number, options: RawStreamOptions = {}) {
    const { path = '/chat.v1.ChatService/Channel', headers, windowBytes = 65_535, keepsOpen = false } = options;
    this.#socket = connectSocket({ host: '127.0.0.1', port, noDelay: true });
    this.#session = connectHttp2(`http://127.0.0.1:${port}`, {
      createConnection: () => this.#socket,
      settings: { initialWindowSize: windowBytes },
      // What is too large is the server's to say.
      maxSendHeaderBlockLength: 2 ** 20,
    });
    // What breaks is seen by `ended`.
    this.#session.on('error', () => {});
    this.#stream = this.#session.request(
      { ':method': 'POST', ':path': path, te: 'trailers', 'content-type': 'application/grpc', ...headers },
      { endStream: false },
    );
    this.#stream.on('error', () => {});
    this.#stream.on('data', (bytes: Buffer) => this.#read(bytes));
    let last: IncomingHttpHeaders = {};
    // A status without messages comes in the headers alone.
    this.#stream.on('response', (headers) => {
      last = headers;
    });
    this.#stream.on('trailers', (trailers) => {
      last = trailers;
    });
    this.ended = new Promise((resolve) => {
      const over = () => {
        this.#isOver = true;
        if (!keepsOpen) this.#session.destroy();
        this.#wake();
        resolve({ ...endOf(last), resetCode: this.#stream.rstCode ?? 0 });
      };
      // `end` is the server's word that it is over; `close` alone comes when this side or the network ended it.
      this.#stream.once('end', over);
      this.#stream.once('close', over);
    });
  }

  /** Its transport is there, though the stream may be over. */
  get isConnected(): boolean {
    return !this.#socket.destroyed;
  }

  /** Nothing can be sent on it any more: it was closed from this side, or reset from the other. */
  get isClosed(): boolean {
    return this.#stream.closed;
  }

  /** A message has begun to come and is not here to its end. */
  get isMidMessage(): boolean {
    return this.#unread.length > 0;
  }

  /** Sends messages, all in one write. */
  send(...messages: readonly Uint8Array[]): void {
    this.sendBytes(Buffer.concat(messages.map(framed)));
  }

  /** Sends bytes as they are, without the frame of a gRPC message. */
  sendBytes(bytes: Uint8Array): void {
    this.#stream.write(bytes);
  }

  halfClose(): void {
    this.#stream.end();
  }

  /** RST_STREAM. */
  cancel(code = constants.NGHTTP2_CANCEL): void {
    this.#stream.close(code);
  }

  /** The network is gone: no GOAWAY, no RST_STREAM, only the end of the socket. */
  destroySocket(): void {
    this.#socket.destroy();
  }

  /** Reads no more: beyond its window the server cannot write. */
  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  /** What `look` finds in what has been received, as soon as it finds something; rejects when the stream ends before. */
  async until<T>(look: (received: readonly Buffer[]) => T | undefined): Promise<T> {
    for (;;) {
      const found = look(this.received);
      if (found !== undefined) return found;
      if (this.#isOver) {
        const { status, message } = await this.ended;
        throw new Error(`the stream ended with ${status} "${message}" after ${this.received.length} messages`);
      }
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** The n-th message, from 0. */
  message(n: number): Promise<Buffer> {
    return this.until((received) => received[n]);
  }

  #read(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.#unread.readUInt32BE(1);
      if (this.#unread.length < end) break;
      this.received.push(this.#unread.subarray(FRAME_HEAD_BYTES, end));
      this.#unread = this.#unread.subarray(end);
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** Of a gRPC message on the wire: one byte that says whether it is compressed, then its length. */
const FRAME_HEAD_BYTES = 5;

/** A message with its gRPC frame around it. */
export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(FRAME_HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

function endOf(headers: IncomingHttpHeaders): Omit<RawEnd, 'resetCode'> {
  const trailers: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) trailers[name] = `${value}`;
  const status = trailers['grpc-status'];
  return {
    status: status === undefined ? undefined : Number(status),
    message: decodeURIComponent(trailers['grpc-message'] ?? ''),
    trailers,
  };
}

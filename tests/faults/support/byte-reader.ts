import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ServerEvent } from '../../../api/gen/chat/v1/chat.ts';
import { MessageCutter } from '../../../cli/load/wire/message-cutter.ts';
import { framed } from '../../support/raw-stream.ts';
import type { Told } from './ledger.ts';

/** Of HTTP/2 (RFC 9113): types and flags of frames, and the numbers of settings. */
const DATA = 0;
const HEADERS = 1;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const ACK = 1;
const END_STREAM = 1;
const END_HEADERS = 4;
const SETTINGS_INITIAL_WINDOW_SIZE = 4;
const FRAME_HEAD_BYTES = 9;
const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';
const STREAM = 1;

/**
 * A gRPC stream in frames of HTTP/2 by hand, whose window opens only as far as it
 * is told to, to the byte: what no client library does. It answers PINGs.
 */
export class ByteReader {
  readonly told: Told[] = [];
  /** Bytes of DATA so far. */
  read = 0;
  /** The code of the RST_STREAM that ended the stream. */
  resetCode: number | undefined;
  readonly #socket: Socket;
  readonly #cutter: MessageCutter;
  #unread: Buffer = Buffer.alloc(0);
  #waiting: (() => void)[] = [];
  #isOver = false;

  /** @param windowBytes what the server may send before anything is allowed. */
  static async open(port: number, windowBytes: number): Promise<ByteReader> {
    const socket = connect({ host: '127.0.0.1', port, noDelay: true });
    await once(socket, 'connect');
    return new ByteReader(socket, windowBytes);
  }

  private constructor(socket: Socket, windowBytes: number) {
    this.#socket = socket;
    this.#cutter = new MessageCutter((bytes, from, to) => {
      const { event, batch } = ServerEvent.decode(bytes.subarray(from, to));
      for (const one of [event, ...batch.map((entry) => entry.event)]) if (one !== undefined) this.told.push(one);
    });
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('error', () => {});
    socket.once('close', () => {
      this.#isOver = true;
      this.#wake();
    });
    const settings = Buffer.alloc(6);
    settings.writeUInt16BE(SETTINGS_INITIAL_WINDOW_SIZE, 0);
    settings.writeUInt32BE(windowBytes, 2);
    socket.write(PREFACE);
    this.#frame(SETTINGS, 0, 0, settings);
    // The window of the connection is never what holds anything up.
    this.#allow(0, 2 ** 31 - 1 - 65_535);
    this.#frame(HEADERS, END_HEADERS, STREAM, requestHeaders(socket.remotePort ?? 0));
  }

  send(...messages: readonly Uint8Array[]): void {
    this.#frame(DATA, 0, STREAM, Buffer.concat(messages.map(framed)));
  }

  /** Says nothing more; what it is owed may still come. */
  halfClose(): void {
    this.#frame(DATA, END_STREAM, STREAM, Buffer.alloc(0));
  }

  /** Lets the server send so many bytes more. */
  allow(bytes: number): void {
    this.#allow(STREAM, bytes);
  }

  /** What `look` finds, as soon as it finds something; undefined when the stream is over before. */
  async until<T>(look: () => T | undefined): Promise<T | undefined> {
    for (;;) {
      const found = look();
      if (found !== undefined || this.#isOver) return found;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Reads nothing more, not even from the network, as a process does that is stopped. */
  freeze(): void {
    this.#socket.pause();
  }

  end(): void {
    this.#socket.destroy();
  }

  #take(bytes: Buffer): void {
    this.#unread = Buffer.concat([this.#unread, bytes]);
    while (this.#unread.length >= FRAME_HEAD_BYTES) {
      const end = FRAME_HEAD_BYTES + this.#unread.readUIntBE(0, 3);
      if (this.#unread.length < end) break;
      this.#handle(this.#unread[3], this.#unread[4] ?? 0, this.#unread.subarray(FRAME_HEAD_BYTES, end));
      this.#unread = this.#unread.subarray(end);
    }
    this.#wake();
  }

  #handle(type: number | undefined, flags: number, payload: Buffer): void {
    if (type === DATA) {
      this.read += payload.length;
      this.#cutter.push(payload);
    } else if (type === SETTINGS && (flags & ACK) === 0) this.#frame(SETTINGS, ACK, 0, Buffer.alloc(0));
    else if (type === PING && (flags & ACK) === 0) this.#frame(PING, ACK, 0, payload);
    else if (type === RST_STREAM) {
      this.resetCode = payload.readUInt32BE(0);
      this.#isOver = true;
    }
  }

  #allow(stream: number, bytes: number): void {
    const increment = Buffer.alloc(4);
    increment.writeUInt32BE(bytes, 0);
    this.#frame(WINDOW_UPDATE, 0, stream, increment);
  }

  #frame(type: number, flags: number, stream: number, payload: Buffer): void {
    const head = Buffer.alloc(FRAME_HEAD_BYTES);
    head.writeUIntBE(payload.length, 0, 3);
    head.writeUInt8(type, 3);
    head.writeUInt8(flags, 4);
    head.writeUInt32BE(stream, 5);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

/** In HPACK (RFC 7541): indexed fields, and literals without Huffman. */
function requestHeaders(port: number): Buffer {
  const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  return Buffer.concat([
    Buffer.from([0x83, 0x86]), // :method POST, :scheme http
    Buffer.from([0x04]), // :path
    text('/chat.v1.ChatService/Channel'),
    Buffer.from([0x01]), // :authority
    text(`127.0.0.1:${port}`),
    Buffer.from([0x0f, 0x10]), // content-type
    text('application/grpc'),
    Buffer.from([0x00]),
    text('te'),
    text('trailers'),
  ]);
}

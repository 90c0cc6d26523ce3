import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { ServerEvent } from '../../../api/gen/chat/v1/chat.ts';
import { MessageCutter } from '../../../cli/load/wire/message-cutter.ts';
import { framed } from '../../support/raw-stream.ts';
import {
  ACK,
  END_STREAM,
  type Frame,
  FrameCutter,
  frame,
  PREFACE,
  ping,
  request,
  reset,
  SETTINGS_ACK,
  SETTINGS_INITIAL_WINDOW_SIZE,
  settings,
  TYPE,
  windowUpdate,
} from './h2-frames.ts';
import type { Told } from './ledger.ts';

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
  readonly #frames = new FrameCutter();
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
    socket.write(
      Buffer.concat([
        PREFACE,
        settings([SETTINGS_INITIAL_WINDOW_SIZE, windowBytes]),
        // The window of the connection is never what holds anything up.
        windowUpdate(0, 2 ** 31 - 1 - 65_535),
        request(STREAM),
      ]),
    );
  }

  send(...messages: readonly Uint8Array[]): void {
    this.#socket.write(frame(TYPE.data, 0, STREAM, Buffer.concat(messages.map(framed))));
  }

  /** Sends bytes of messages in DATA frames of so many bytes each. */
  sendInPieces(bytes: Uint8Array, pieceBytes: number): void {
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += pieceBytes) {
      pieces.push(frame(TYPE.data, 0, STREAM, bytes.subarray(at, at + pieceBytes)));
    }
    this.#socket.write(Buffer.concat(pieces));
  }

  /** Sends messages and, in the same packet, the reset of the stream. */
  sendAndCancel(...messages: readonly Uint8Array[]): void {
    const data = frame(TYPE.data, 0, STREAM, Buffer.concat(messages.map(framed)));
    this.#socket.write(Buffer.concat([data, reset(STREAM)]));
  }

  /** Says nothing more; what it is owed may still come. */
  halfClose(): void {
    this.#socket.write(frame(TYPE.data, END_STREAM, STREAM));
  }

  /** Lets the server send so many bytes more. */
  allow(bytes: number): void {
    this.#socket.write(windowUpdate(STREAM, bytes));
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
    for (const frame of this.#frames.push(bytes)) this.#handle(frame);
    this.#wake();
  }

  #handle({ type, flags, payload }: Frame): void {
    if (type === TYPE.data) {
      this.read += payload.length;
      this.#cutter.push(payload);
    } else if (type === TYPE.settings && (flags & ACK) === 0) this.#socket.write(SETTINGS_ACK);
    else if (type === TYPE.ping && (flags & ACK) === 0) this.#socket.write(ping(payload, ACK));
    else if (type === TYPE.reset) {
      this.resetCode = payload.readUInt32BE(0);
      this.#isOver = true;
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

import type { ServerHttp2Stream } from 'node:http2';
import { gunzipSync, inflateSync } from 'node:zlib';
import { PREFIX_BYTES } from './framing.ts';

/** Why a message of gRPC is no envelope. */
export type Trouble = 'too_large' | 'does_not_unpack' | 'unknown_encoding';

/** What hears of the envelopes of one stream, in the order they came. */
export interface EnvelopeListener {
  /** The bytes of an envelope, good until this returns. Returns whether there may be another at once; otherwise `readOn` brings it. */
  received(envelope: Uint8Array): boolean;
  /** Nothing more is read. */
  unreadable(trouble: Trouble): void;
  /** The client sends nothing more, and everything was received. @param isMidEnvelope not what it had begun with. */
  ended(isMidEnvelope: boolean): void;
}

export interface ReaderOptions {
  readonly stream: ServerHttp2Stream;
  /** `grpc-encoding`. */
  readonly encoding: string;
  /** Of an envelope, compressed or not. */
  readonly maxBytes: number;
}

const UNPACK = new Map([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
]);
const NOTHING = Buffer.alloc(0);

/**
 * Cuts what comes on a stream into envelopes (gRPC's length-prefixed messages).
 *
 * Of an envelope that is not here to its end it keeps at most twice the bytes, in
 * whatever pieces they came. Compressed ones are unpacked one after another, no
 * further than an envelope may be long.
 */
export class EnvelopeReader {
  readonly #stream: ServerHttp2Stream;
  readonly #encoding: string;
  readonly #maxBytes: number;
  readonly #listener: EnvelopeListener;
  /** The first bytes of it have come and are not cut yet. */
  #held: Buffer = NOTHING;
  #heldBytes = 0;
  #isWaiting = false;
  #isStopped = false;
  #hasEnded = false;

  constructor({ stream, encoding, maxBytes }: ReaderOptions, listener: EnvelopeListener) {
    this.#stream = stream;
    this.#encoding = encoding;
    this.#maxBytes = maxBytes;
    this.#listener = listener;
    stream.on('data', (bytes: Buffer) => this.#arrived(bytes));
    stream.on('end', () => {
      this.#hasEnded = true;
      if (!this.#isWaiting) listener.ended(this.#heldBytes > 0);
    });
    stream.resume();
  }

  /** The listener wanted no more for a while. */
  get isWaiting(): boolean {
    return this.#isWaiting;
  }

  /** Goes on where the listener wanted no more. */
  readOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#cutHeld();
    if (this.#isWaiting) return;
    if (this.#hasEnded) this.#listener.ended(this.#heldBytes > 0);
    else this.#stream.resume();
  }

  /** From now on what comes goes nowhere, the rest of what is being cut too. When a call is over grpc-js lets its stream flow, whoever waits. */
  stop(): void {
    this.#isStopped = true;
    this.#stream.removeAllListeners('data').resume();
    this.#held = NOTHING;
    this.#heldBytes = 0;
  }

  #arrived(bytes: Buffer): void {
    if (this.#heldBytes === 0) {
      const cut = this.#cut(bytes);
      if (cut < bytes.length) this.#hold(bytes.subarray(cut));
    } else {
      this.#hold(bytes);
      if (!this.#isWaiting) this.#cutHeld();
    }
  }

  #cutHeld(): void {
    const held = this.#held.subarray(0, this.#heldBytes);
    const cut = this.#cut(held);
    if (cut === 0) return;
    this.#held = NOTHING;
    this.#heldBytes = 0;
    if (cut < held.length) this.#hold(held.subarray(cut));
  }

  /** Hands on the whole envelopes in these bytes, and returns how many of the bytes are done with. */
  #cut(bytes: Buffer): number {
    const maxBytes = this.#maxBytes;
    let at = 0;
    while (bytes.length - at >= PREFIX_BYTES && !this.#isWaiting) {
      const length = bytes.readUInt32BE(at + 1);
      const end = at + PREFIX_BYTES + length;
      if (length <= maxBytes && end > bytes.length) break;
      const message = bytes.subarray(at + PREFIX_BYTES, end);
      const envelope = length > maxBytes ? 'too_large' : bytes[at] === 1 ? this.#unpacked(message) : message;
      if (typeof envelope === 'string') {
        this.stop();
        this.#listener.unreadable(envelope);
        return bytes.length;
      }
      at = end;
      const isMoreTaken = this.#listener.received(envelope);
      if (this.#isStopped) return bytes.length;
      if (!isMoreTaken) {
        this.#isWaiting = true;
        this.#stream.pause();
      }
    }
    return at;
  }

  /** Copies, so that a byte does not keep all that the network brought with it. */
  #hold(bytes: Buffer): void {
    const needed = this.#heldBytes + bytes.length;
    if (needed > this.#held.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#held.length));
      this.#held.copy(larger, 0, 0, this.#heldBytes);
      this.#held = larger;
    }
    bytes.copy(this.#held, this.#heldBytes);
    this.#heldBytes = needed;
  }

  #unpacked(message: Buffer): Buffer | Trouble {
    if (this.#encoding === 'identity') return message;
    const unpack = UNPACK.get(this.#encoding);
    if (unpack === undefined) return 'unknown_encoding';
    try {
      return unpack(message, { maxOutputLength: this.#maxBytes });
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too_large' : 'does_not_unpack';
    }
  }
}

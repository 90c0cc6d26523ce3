/** Of a gRPC message: one byte that says whether it is compressed, four for its length. */
export const PREFIX_BYTES = 5;
/** As gRPC libraries have it; beyond, a length is no length, and waiting for it would keep all that comes. */
const MOST_MESSAGE_BYTES = 4 * 2 ** 20;

/** One message without its prefix: the bytes from `from` to `to`, valid during the call. */
export type OnMessage = (bytes: Buffer, from: number, to: number) => void;

/**
 * Cuts the bytes of a stream into gRPC messages. Where a chunk holds whole
 * messages nothing is copied; what is left of it waits for the next one.
 */
export class MessageCutter {
  readonly #onMessage: OnMessage;
  #kept = Buffer.alloc(0);
  #keptBytes = 0;

  constructor(onMessage: OnMessage) {
    this.#onMessage = onMessage;
  }

  /** @throws when a message is said to be longer than any is. */
  push(chunk: Buffer): void {
    if (this.#keptBytes === 0) {
      const used = this.#cut(chunk, chunk.length);
      if (used < chunk.length) this.#keep(chunk, used);
      return;
    }
    this.#keep(chunk, 0);
    const used = this.#cut(this.#kept, this.#keptBytes);
    if (used === 0) return;
    this.#kept.copyWithin(0, used, this.#keptBytes);
    this.#keptBytes -= used;
  }

  #cut(bytes: Buffer, end: number): number {
    let at = 0;
    while (end - at >= PREFIX_BYTES) {
      const length = bytes.readUInt32BE(at + 1);
      if (length > MOST_MESSAGE_BYTES) throw new Error(`a message of ${length} bytes`);
      const next = at + PREFIX_BYTES + length;
      if (next > end) break;
      this.#onMessage(bytes, at + PREFIX_BYTES, next);
      at = next;
    }
    return at;
  }

  #keep(chunk: Buffer, from: number): void {
    const bytes = this.#keptBytes + chunk.length - from;
    if (bytes > this.#kept.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(bytes, 2 * this.#kept.length));
      this.#kept.copy(larger, 0, 0, this.#keptBytes);
      this.#kept = larger;
    }
    chunk.copy(this.#kept, this.#keptBytes, from);
    this.#keptBytes = bytes;
  }
}

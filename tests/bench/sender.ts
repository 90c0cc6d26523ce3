import { framed, type LoadClient } from './load-client.ts';
import { STAMP_BYTES, writeStamp } from './stamp.ts';

/** One who speaks: the same message again and again, with another stamp each time. */
export class Sender {
  /** Messages sent so far; the number of the next. */
  sent = 0;
  /** Messages that have not come back. */
  unanswered = 0;
  readonly #index: number;
  readonly #client: LoadClient;
  readonly #template: Buffer;
  readonly #stampAt: number;

  constructor(index: number, client: LoadClient, message: { readonly room: string; readonly contentBytes: number }) {
    this.#index = index;
    this.#client = client;
    const stamp = '0'.repeat(STAMP_BYTES);
    this.#template = framed({
      $case: 'chat',
      value: {
        userId: '',
        room: message.room,
        content: stamp.padEnd(message.contentBytes, 'x'),
        timestampUtc: 0n,
        messageId: '',
        seq: 0n,
        displayName: '',
        traceparent: '',
      },
    });
    this.#stampAt = this.#template.indexOf(stamp);
  }

  /** Sends `count` messages in one write, stamped with `micros`. */
  send(count: number, micros: number): void {
    const size = this.#template.length;
    const messages = Buffer.allocUnsafe(count * size);
    for (let at = 0; at < messages.length; at += size) {
      this.#template.copy(messages, at);
      writeStamp(messages, at + this.#stampAt, micros, this.#index, this.sent);
      this.sent += 1;
    }
    this.unanswered += count;
    this.#client.send(messages);
  }
}

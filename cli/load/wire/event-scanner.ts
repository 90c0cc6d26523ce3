import { ServerEvent, ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';

/** What the server says, but for what a scan reads itself. */
export type Told = NonNullable<ServerEvent['event']>;

/** Of a notice: words alone, and what a basic client is told instead of an error. */
export const NOTICE_GENERIC = ServerNotice_Type.GENERIC;
export const NOTICE_ERROR = ServerNotice_Type.ERROR;

/** What a scan comes across, in order. A seq is 0 where the server told none. */
export interface Heard {
  /** A message; its content are the bytes from `from` to `to`, valid during the call. */
  said(bytes: Buffer, content: { readonly from: number; readonly to: number }, seq: number): void;
  /** @param request the number that was given as request_id; NaN where it was none. */
  acked(request: number, seq: number): void;
  told(event: Told): void;
}

const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;
const FIXED_32 = 5;
/** Tags of the contract: the number of a field and its wire type, in one byte. */
const BROADCAST = (2 << 3) | LENGTH_DELIMITED;
const ACK = (5 << 3) | LENGTH_DELIMITED;
const BATCH = (15 << 3) | LENGTH_DELIMITED;
const CONTENT = (3 << 3) | LENGTH_DELIMITED;
const MESSAGE_SEQ = (6 << 3) | VARINT;
const ACK_REQUEST = (1 << 3) | LENGTH_DELIMITED;
const ACK_SEQ = (4 << 3) | VARINT;
const DIGIT_ZERO = 0x30;

/**
 * Reads a ServerEvent in one pass over its bytes. Messages and acks, which are
 * nearly all that comes, are read without an object each: decoding them as a client
 * does would make this tool slower than what it measures. The rest is decoded.
 *
 * An entry of a batch is entered by not skipping it, since what follows are again
 * fields of a ServerEvent.
 */
export class EventScanner {
  readonly #heard: Heard;
  readonly #content = { from: 0, to: 0 };
  #at = 0;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** @throws where the bytes from `from` to `to` are no ServerEvent. */
  scan(bytes: Buffer, from: number, to: number): void {
    this.#at = from;
    while (this.#at < to) {
      const fieldAt = this.#at;
      const tag = this.#varint(bytes);
      if ((tag & 7) !== LENGTH_DELIMITED) {
        this.#skip(bytes, tag, to);
        continue;
      }
      const end = this.#end(bytes, to);
      if (tag === BATCH) continue;
      if (tag === BROADCAST) this.#scanMessage(bytes, end);
      else if (tag === ACK) this.#scanAck(bytes, end);
      else {
        const { event } = ServerEvent.decode(bytes.subarray(fieldAt, end));
        if (event !== undefined) this.#heard.told(event);
      }
      this.#at = end;
    }
  }

  /** Most of all that the tool does; hence without calls for what is short, as nearly everything is. */
  #scanMessage(bytes: Buffer, end: number): void {
    const content = this.#content;
    content.from = content.to = end;
    let seq = 0;
    let at = this.#at;
    // Encoders write fields in the order of their numbers: behind the seq there is nothing of interest.
    while (at < end && seq === 0) {
      const tag = bytes[at] ?? 0;
      const length = bytes[at + 1] ?? 0;
      if ((tag & 7) === LENGTH_DELIMITED && tag < 0x80 && length < 0x80) {
        at += 2 + length;
        if (tag !== CONTENT) continue;
        content.from = at - length;
        content.to = at;
        continue;
      }
      this.#at = at;
      const wholeTag = this.#varint(bytes);
      if (wholeTag === CONTENT) {
        content.to = this.#end(bytes, end);
        content.from = this.#at;
        this.#at = content.to;
      } else if (wholeTag === MESSAGE_SEQ) seq = this.#varint(bytes);
      else this.#skip(bytes, wholeTag, end);
      at = this.#at;
    }
    if (at > end) throw new Error('a field is longer than what it is in');
    this.#heard.said(bytes, content, seq);
  }

  #scanAck(bytes: Buffer, end: number): void {
    let request = Number.NaN;
    let seq = 0;
    while (this.#at < end) {
      const tag = this.#varint(bytes);
      if (tag === ACK_REQUEST) {
        const textEnd = this.#end(bytes, end);
        for (request = 0; this.#at < textEnd; this.#at++)
          request = request * 10 + ((bytes[this.#at] ?? 0) - DIGIT_ZERO);
      } else if (tag === ACK_SEQ) seq = this.#varint(bytes);
      else this.#skip(bytes, tag, end);
    }
    this.#heard.acked(request, seq);
  }

  #skip(bytes: Buffer, tag: number, end: number): void {
    switch (tag & 7) {
      case VARINT:
        this.#varint(bytes);
        break;
      case LENGTH_DELIMITED:
        this.#at = this.#end(bytes, end);
        break;
      case FIXED_64:
        this.#at += 8;
        break;
      case FIXED_32:
        this.#at += 4;
        break;
      default:
        throw new Error(`a field with the wire type ${tag & 7}`);
    }
    if (this.#at > end) throw new Error('a field is longer than what it is in');
  }

  /** Where the field ends that begins with its length here. */
  #end(bytes: Buffer, most: number): number {
    const length = this.#varint(bytes);
    const end = this.#at + length;
    if (end > most) throw new Error('a field is longer than what it is in');
    return end;
  }

  /** Exact up to 2^53. */
  #varint(bytes: Buffer): number {
    let byte = bytes[this.#at++] ?? 0;
    if (byte < 0x80) return byte;
    let value = byte & 0x7f;
    for (let factor = 0x80; byte >= 0x80; factor *= 0x80) {
      byte = bytes[this.#at++] ?? 0;
      value += (byte & 0x7f) * factor;
    }
    return value;
  }
}

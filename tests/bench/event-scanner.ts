/** What a scan comes across, in order. */
export interface Heard {
  joined(): void;
  /** A message, whose content begins at `contentAt`. */
  said(bytes: Uint8Array, contentAt: number): void;
  refused(): void;
}

/** Tags of the contract: the number of a field and its wire type, in one byte. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;
const JOINED = (1 << 3) | LENGTH_DELIMITED;
const BROADCAST = (2 << 3) | LENGTH_DELIMITED;
const NOTICE = (3 << 3) | LENGTH_DELIMITED;
const ERROR = (6 << 3) | LENGTH_DELIMITED;
const BATCH = (15 << 3) | LENGTH_DELIMITED;
const CONTENT = (3 << 3) | LENGTH_DELIMITED;
const NOTICE_TYPE = (1 << 3) | VARINT;
const TYPE_ERROR = 3;

/**
 * Reads a ServerEvent in one pass over its bytes, without an object an event:
 * decoding as a client does would make the driver slower than what it measures.
 *
 * Every field of ServerEvent is length-delimited and has a tag of one byte. An
 * entry of a batch is entered by not skipping it, since what follows are again
 * fields of a ServerEvent.
 */
export class EventScanner {
  readonly #heard: Heard;
  #at = 0;

  constructor(heard: Heard) {
    this.#heard = heard;
  }

  /** @throws where the bytes from `from` to `to` are no ServerEvent. */
  scan(bytes: Uint8Array, from: number, to: number): void {
    this.#at = from;
    while (this.#at < to) {
      const tag = this.#fieldOf(bytes);
      const length = this.#length(bytes);
      const start = this.#at;
      const end = start + length;
      if (end > to) throw new Error('a field of a ServerEvent is longer than the event');
      if (tag === BATCH) continue;
      if (tag === BROADCAST) this.#scanMessage(bytes, end);
      else if (tag === JOINED) this.#heard.joined();
      else if (tag === ERROR) this.#heard.refused();
      else if (tag === NOTICE && bytes[start] === NOTICE_TYPE && bytes[start + 1] === TYPE_ERROR) this.#heard.refused();
      this.#at = end;
    }
  }

  /** Fields stand in the order of their numbers, as encoders write them: before the content there are only texts. */
  #scanMessage(bytes: Uint8Array, end: number): void {
    while (this.#at < end) {
      const tag = this.#fieldOf(bytes);
      const length = this.#length(bytes);
      if (tag === CONTENT) {
        this.#heard.said(bytes, this.#at);
        return;
      }
      this.#at += length;
    }
    throw new Error('a message without content');
  }

  #fieldOf(bytes: Uint8Array): number {
    const tag = bytes[this.#at++] ?? 0;
    if ((tag & 7) !== LENGTH_DELIMITED || tag > BATCH) throw new Error(`a field with the unexpected tag ${tag}`);
    return tag;
  }

  #length(bytes: Uint8Array): number {
    let byte = bytes[this.#at++] ?? 0;
    let length = byte & 0x7f;
    for (let shift = 7; byte > 0x7f && shift < 28; shift += 7) {
      byte = bytes[this.#at++] ?? 0;
      length |= (byte & 0x7f) << shift;
    }
    return length;
  }
}

/**
 * The log of a room: everything that happened in it, once, encoded.
 *
 * The naive room keeps a queue a member, so that one message costs an object and
 * a copy for each of them, and the slowest member decides how much memory the
 * room takes. Here an event is appended once, as it will lie on the wire, and a
 * member is only a number: the last seq it was given. What it is owed is the run
 * of bytes between that number and the head; equal for everyone who stands at
 * the same place, so it costs no object an event and none a member.
 *
 * Entries lie back to back in segments, small ones at first: of very many rooms
 * most hold little. When the log is over its budget the oldest segment goes as a
 * whole. Nobody holds one: a cursor is a number, looked up anew each time.
 */

const FIRST_SEGMENT_BYTES = 512;
const LAST_SEGMENT_BYTES = 64 * 1024;

/** A run of whole entries, in one piece. */
export interface Slice {
  readonly bytes: Uint8Array;
  /** Seq of the first and the last entry in it. */
  readonly from: number;
  readonly to: number;
}

interface Segment {
  readonly bytes: Uint8Array;
  /** Seq of the first entry. */
  readonly first: number;
  /** Where each entry ends, in bytes from the start of the segment. */
  readonly ends: number[];
}

export class RoomLog {
  // Everyone who stands at the same place is owed the same slice. Kept by each of thousands of logs it would grow old.
  static #lastCut: { segment: Segment; after: number; last: number; maxBytes: number; slice: Slice } | undefined;
  readonly #budgetBytes: number;
  readonly #largestSegmentBytes: number;
  readonly #segments: Segment[] = [];
  #heldBytes = 0;
  #head = 0;

  /** @param budgetBytes memory the log may hold; its newest segment stays even above it. */
  constructor(budgetBytes: number) {
    this.#budgetBytes = budgetBytes;
    this.#largestSegmentBytes = Math.min(LAST_SEGMENT_BYTES, Math.max(8 * FIRST_SEGMENT_BYTES, budgetBytes >>> 3));
  }

  /** Seq of the newest entry ever appended; 0 before the first. */
  get head(): number {
    return this.#head;
  }

  /** Seq of the oldest entry still held; head + 1 when there is none. */
  get oldest(): number {
    return this.#segments[0]?.first ?? this.#head + 1;
  }

  /** Memory held, in bytes. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Copies the entry behind the newest one, trims, and returns its seq. */
  append(entry: Uint8Array): number {
    let segment = this.#segments.at(-1);
    let start = segment?.ends.at(-1) ?? 0;
    if (segment === undefined || start + entry.length > segment.bytes.length) {
      segment = this.#addSegment(entry.length, segment?.bytes.length ?? 0);
      start = 0;
    }
    segment.bytes.set(entry, start);
    segment.ends.push(start + entry.length);
    this.#head += 1;
    return this.#head;
  }

  /**
   * The entries right after seq `after`, up to seq `until`: as many as lie in one
   * piece and fit into `maxBytes`, but at least one. `undefined` where there is
   * none. `after + 1` must not be older than `oldest`: that is a gap, and telling
   * it is the caller's.
   */
  slice(after: number, until: number, maxBytes: number): Slice | undefined {
    const last = Math.min(until, this.#head);
    if (after >= last) return undefined;
    const segment = this.#segmentOf(after + 1);
    const cut = RoomLog.#lastCut;
    const isSame = cut?.segment === segment && cut.after === after && cut.last === last && cut.maxBytes === maxBytes;
    if (isSame) return cut.slice;
    const skipped = after + 1 - segment.first;
    const start = endOf(segment, skipped);
    let count = Math.min(segment.ends.length, last - segment.first + 1);
    if (endOf(segment, count) - start > maxBytes) {
      count = Math.max(skipped + 1, countEndingBy(segment.ends, start + maxBytes));
    }
    const slice: Slice = {
      bytes: segment.bytes.subarray(start, endOf(segment, count)),
      from: after + 1,
      to: segment.first + count - 1,
    };
    RoomLog.#lastCut = { segment, after, last, maxBytes, slice };
    return slice;
  }

  /** Bytes of an entry that is held. */
  sizeOf(seq: number): number {
    const segment = this.#segmentOf(seq);
    return endOf(segment, seq - segment.first + 1) - endOf(segment, seq - segment.first);
  }

  /** Gives the oldest segment back; the bytes that it held, 0 when there is none. */
  dropOldest(): number {
    const bytes = this.#segments.shift()?.bytes.length ?? 0;
    this.#heldBytes -= bytes;
    return bytes;
  }

  #addSegment(entryBytes: number, previousBytes: number): Segment {
    const size = Math.min(this.#largestSegmentBytes, Math.max(FIRST_SEGMENT_BYTES, previousBytes * 2));
    const segment: Segment = {
      bytes: Buffer.allocUnsafeSlow(Math.max(size, entryBytes)),
      first: this.#head + 1,
      ends: [],
    };
    this.#segments.push(segment);
    this.#heldBytes += segment.bytes.length;
    while (this.#heldBytes > this.#budgetBytes && this.#segments.length > 1) this.dropOldest();
    return segment;
  }

  // Nearly everybody stands near the head, so the search begins there.
  #segmentOf(seq: number): Segment {
    for (let i = this.#segments.length - 1; i >= 0; i--) {
      const segment = this.#segments[i];
      if (segment !== undefined && segment.first <= seq) return segment;
    }
    throw new RangeError(`seq ${seq} is older than the log, which begins at ${this.oldest}`);
  }
}

/** Where the first `count` entries of a segment end. */
function endOf(segment: Segment, count: number): number {
  return count === 0 ? 0 : (segment.ends[count - 1] ?? 0);
}

/** How many of the ascending `ends` are at most `limit`. */
function countEndingBy(ends: readonly number[], limit: number): number {
  let low = 0;
  let high = ends.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ends[middle] ?? 0) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

import type { FaultKind } from '../fault.ts';

/** As many as a full client may have unacked, by the contract. */
export const MOST_OUTSTANDING = 256;

/** One's own post that is not done: acked or refused, and delivered to oneself. */
export interface OpenPost {
  readonly number: number;
  readonly dueMicros: number;
  /** What was sent, to be sent again. */
  readonly frame: Uint8Array;
  /** 0 before. */
  ackedSeq: number;
  deliveredSeq: number;
  isDelivered: boolean;
}

/** What a client has said and not yet seen through. */
export class PostBook {
  /** Ascending by number. */
  readonly #open = new Map<number, OpenPost>();
  readonly #wantsAcks: boolean;
  readonly #found: (kind: FaultKind, number: number, seq: number) => void;
  #lastAcked = -1;
  #nextNumber = 0;
  #clearedBefore = 0;
  #unanswered = 0;

  constructor(wantsAcks: boolean, found: (kind: FaultKind, number: number, seq: number) => void) {
    this.#wantsAcks = wantsAcks;
    this.#found = found;
  }

  /** Posts so far; the number of the next. */
  get sent(): number {
    return this.#nextNumber;
  }

  /** Those of them that have not come back to their sender. */
  get unanswered(): number {
    return this.#unanswered;
  }

  get outstanding(): number {
    return this.#open.size;
  }

  get isFull(): boolean {
    return this.#open.size >= MOST_OUTSTANDING;
  }

  add(dueMicros: number, frame: Uint8Array): void {
    const number = this.#nextNumber++;
    const seqs = { ackedSeq: 0, deliveredSeq: 0, isDelivered: false };
    this.#open.set(number, { number, dueMicros, frame, ...seqs });
    this.#unanswered += 1;
  }

  /** Returns the post where it was not acked before. */
  acked(number: number, seq: number): OpenPost | undefined {
    const post = this.#open.get(number);
    if (number < this.#lastAcked) this.#found('overtaken', number, seq);
    this.#lastAcked = Math.max(this.#lastAcked, number);
    // Nobody follows those that were open when the seat was given up.
    if (post === undefined && number < this.#clearedBefore) return undefined;
    if (post === undefined || post.ackedSeq !== 0) {
      this.#found('doubled', number, seq);
      return undefined;
    }
    post.ackedSeq = seq;
    this.#settle(post);
    return post;
  }

  /** Returns the post where it was not delivered before. */
  delivered(number: number, seq: number): OpenPost | undefined {
    const post = this.#open.get(number);
    if (post === undefined || post.isDelivered) return undefined;
    post.isDelivered = true;
    post.deliveredSeq = seq;
    this.#unanswered -= 1;
    this.#settle(post);
    return post;
  }

  /** It will not be acked nor delivered. */
  refused(number: number): boolean {
    const post = this.#open.get(number);
    if (post === undefined) return false;
    if (!post.isDelivered) this.#unanswered -= 1;
    return this.#open.delete(number);
  }

  /** What must be sent again on another stream: it may have been lost with the last one. */
  unacked(): OpenPost[] {
    return [...this.#open.values()].filter(({ ackedSeq }) => ackedSeq === 0);
  }

  /** Acked posts of which it was told that they do not come are waited for no longer. */
  passed(wasTold: (seq: number) => boolean): void {
    for (const post of this.#open.values()) {
      if (!post.isDelivered && post.ackedSeq !== 0 && wasTold(post.ackedSeq))
        this.delivered(post.number, post.ackedSeq);
    }
  }

  clear(): void {
    this.#clearedBefore = this.#nextNumber;
    this.#open.clear();
    this.#unanswered = 0;
  }

  /** Nothing comes any more. */
  end(): void {
    for (const post of this.#open.values()) {
      if (this.#wantsAcks && post.ackedSeq === 0) this.#found('unacked', post.number, post.deliveredSeq);
      else if (!post.isDelivered) this.#found('undelivered', post.number, post.ackedSeq);
    }
    this.clear();
  }

  #settle(post: OpenPost): void {
    if (!post.isDelivered || (this.#wantsAcks && post.ackedSeq === 0)) return;
    this.#open.delete(post.number);
    if (this.#wantsAcks && post.deliveredSeq !== post.ackedSeq) {
      this.#found('misnumbered', post.number, post.deliveredSeq);
    }
  }
}

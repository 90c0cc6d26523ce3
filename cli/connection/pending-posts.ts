import type { ChatError } from './errors.ts';
import type { PostedMessage } from './events.ts';
import { handled } from './handled.ts';
import { type Answer, type Envelope, refusalIn } from './stream.ts';
import type { Timing } from './timing.ts';

export interface PostLink {
  readonly timing: Timing;
  /** Sends, when there is a stream; false without one. Never calls back when the stream ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void): boolean;
  /** How the room's seat stands: while its join is put off, a post would be refused. Undefined without a seat. */
  phaseOf(room: string): 'joining' | 'delayed' | 'seated' | 'over' | undefined;
  /** Milliseconds from one post to the next at the server's rate. */
  paceMs(): number;
}

interface Post {
  readonly room: string;
  readonly content: string;
  readonly messageId: string;
  readonly resolve: (posted: PostedMessage) => void;
  readonly reject: (failure: ChatError) => void;
  /** Sent on the stream of now, and not answered. */
  isUnderWay: boolean;
  /**
   * There was no stream when it was said, or that stream has ended: the caller is not who sends it now, and the server
   * may have it. So `rate_limited` is not for the caller; it is sent again.
   */
  wasHeld: boolean;
}

/**
 * What was said and not acked, in the order it was said. It outlives the stream:
 * what is under way when one ends is sent again on the next, with the same
 * message id, until the server has taken or refused it.
 */
export class PendingPosts {
  readonly #link: PostLink;
  readonly #posts = new Set<Post>();
  #cancelPaced: (() => void) | undefined;

  constructor(link: PostLink) {
    this.#link = link;
  }

  get size(): number {
    return this.#posts.size;
  }

  has(room: string): boolean {
    return [...this.#posts].some((post) => post.room === room);
  }

  add(room: string, content: string, messageId: string): Promise<PostedMessage> {
    const { promise, resolve, reject } = Promise.withResolvers<PostedMessage>();
    const post = { room, content, messageId, resolve, reject, isUnderWay: false, wasHeld: false };
    this.#posts.add(post);
    post.wasHeld = !this.#send(post);
    return handled(promise);
  }

  /** Sends what is not under way: all, or that of one room. */
  send(room?: string): void {
    for (const post of this.#posts) if (room === undefined || post.room === room) this.#send(post);
  }

  streamLost(): void {
    this.#cancelPaced?.();
    this.#cancelPaced = undefined;
    for (const post of this.#posts) {
      post.wasHeld = true;
      post.isUnderWay = false;
    }
  }

  /** The seat of a room is refused for good: so is what waited for it. */
  refuse(room: string, refusal: ChatError): void {
    for (const post of this.#posts) if (post.room === room && !post.isUnderWay) this.#settle(post).reject(refusal);
  }

  /** The connection is over. */
  close(failure: ChatError): void {
    this.#cancelPaced?.();
    for (const post of this.#posts) this.#settle(post).reject(failure);
  }

  #send(post: Post): boolean {
    if (post.isUnderWay || this.#link.phaseOf(post.room) === 'delayed') return false;
    const { room, content, messageId } = post;
    const value = { userId: '', room, content, messageId, timestampUtc: 0n, seq: 0n, displayName: '', traceparent: '' };
    post.isUnderWay = this.#link.ask({ $case: 'chat', value }, (answer) => this.#answered(post, answer));
    return post.isUnderWay;
  }

  #answered(post: Post, answer: Answer): void {
    if (answer.$case === 'ack') {
      const { room, messageId, seq, duplicate } = answer.value;
      this.#settle(post).resolve({ room, messageId, seq, duplicate });
      return;
    }
    const refusal = refusalIn(answer);
    const { reason } = refusal;
    const phase = this.#link.phaseOf(post.room);
    // It came behind a join that was refused and will be tried again.
    const isEarly = reason === 'not_a_member' && (phase === 'joining' || phase === 'delayed');
    if (reason === 'draining' || isEarly) {
      // Goes out with the next stream, or once the room is joined.
      post.isUnderWay = false;
    } else if (reason === 'rate_limited' && post.wasHeld) {
      post.isUnderWay = false;
      this.#sendPaced(refusal.retryAfterMs ?? this.#link.paceMs());
    } else {
      this.#settle(post).reject(refusal);
    }
  }

  /** One by one: a server ends a stream that runs into its limit again and again. */
  #sendPaced(waitMs: number): void {
    this.#cancelPaced ??= this.#link.timing.after(waitMs, () => {
      this.#cancelPaced = undefined;
      for (const post of this.#posts) if (this.#send(post)) return this.#sendPaced(this.#link.paceMs());
    });
  }

  #settle(post: Post): Post {
    this.#posts.delete(post);
    return post;
  }
}

import type { ChatError } from './errors.ts';
import type { PostedMessage } from './events.ts';
import { handled } from './handled.ts';
import { type Answer, type Envelope, refusalIn } from './stream.ts';
import type { Timing } from './timing.ts';
import { SendSpan } from './tracing.ts';

export interface PostLink {
  readonly timing: Timing;
  /** Sends, when there is a stream; false without one. Never calls back when the stream ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void, traceparent: string): boolean;
  /** How the room's seat stands: while its join is put off, a post would be refused. Undefined without a seat. */
  phaseOf(room: string): 'joining' | 'delayed' | 'seated' | 'over' | undefined;
  /** How many posts the server may be expected to take at once. */
  burst(): number;
  /** Milliseconds from one post to the next at the server's rate. */
  paceMs(): number;
}

interface Post {
  readonly room: string;
  readonly content: string;
  readonly messageId: string;
  readonly span: SendSpan;
  readonly resolve: (posted: PostedMessage) => void;
  readonly reject: (failure: ChatError) => void;
  /** Sent on the stream of now, and not answered. */
  isUnderWay: boolean;
  /**
   * It could not go out when it was said, or its stream has ended: the caller is not who sends it now, and the server
   * may have it. So `rate_limited` is not for the caller; it is sent again.
   */
  wasHeld: boolean;
}

/**
 * What was said and not acked, in the order it was said. It outlives the stream:
 * what is under way when one ends is sent again on the next, with the same
 * message id, until the server has taken or refused it. In a room nothing
 * overtakes what was said before it.
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
    // Those may have to be sent once more, even if they are under way.
    const mustWait = [...this.#posts].some((older) => older.room === room && older.wasHeld);
    const span = new SendSpan(messageId);
    const post: Post = {
      ...{ room, content, messageId, span, isUnderWay: false, wasHeld: false },
      resolve: (posted) => {
        span.acked(posted.seq);
        resolve(posted);
      },
      reject: (failure) => {
        span.failed(failure);
        reject(failure);
      },
    };
    this.#posts.add(post);
    post.wasHeld = mustWait || !this.#send(post);
    return handled(promise);
  }

  /**
   * Sends what is not under way, all or that of one room, as far as the server takes it at once: of more, one might be
   * refused as too fast and a later one taken. The others follow at the server's rate.
   */
  send(room?: string): void {
    let left = this.#link.burst() - [...this.#posts].filter((post) => post.isUnderWay).length;
    for (const post of this.#posts) {
      if (left > 0 && (room === undefined || post.room === room) && this.#send(post)) left -= 1;
    }
    if (left <= 0) this.#paceTheRest();
  }

  streamLost(): void {
    this.#cancelPaced?.();
    this.#cancelPaced = undefined;
    for (const post of this.#posts) {
      post.wasHeld = true;
      post.isUnderWay = false;
    }
  }

  /** There is no seat in the room any more: what could not be sent there fails. What is under way is answered. */
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
    post.isUnderWay = this.#link.ask(
      { $case: 'chat', value },
      (answer) => this.#answered(post, answer),
      post.span.traceparent,
    );
    return post.isUnderWay;
  }

  #answered(post: Post, answer: Answer): void {
    if (answer.$case === 'ack') {
      const { room, messageId, seq, duplicate } = answer.value;
      this.#settle(post).resolve({ room, messageId, seq, duplicate });
      this.#goOn(post.room);
      return;
    }
    const refusal = refusalIn(answer);
    const { reason } = refusal;
    // It came behind a join that was refused and will be tried again.
    const isEarly = reason === 'not_a_member' && this.#awaitsSeat(post.room);
    if (reason === 'draining' || isEarly) {
      // Goes out with the next stream, or once the room is joined.
      this.#hold(post);
    } else if (reason === 'rate_limited' && post.wasHeld) {
      this.#hold(post);
      this.#sendPaced(refusal.retryAfterMs ?? this.#link.paceMs());
    } else {
      this.#settle(post).reject(refusal);
      this.#goOn(post.room);
    }
  }

  #hold(post: Post): void {
    post.isUnderWay = false;
    post.wasHeld = true;
  }

  #awaitsSeat(room: string): boolean {
    const phase = this.#link.phaseOf(room);
    return phase === 'joining' || phase === 'delayed';
  }

  /** An answer was final: what waited for it goes out, unless that is being paced. */
  #goOn(room: string): void {
    if (this.#cancelPaced === undefined) this.send(room);
  }

  #paceTheRest(): void {
    const isWaiting = [...this.#posts].some((post) => !post.isUnderWay && !this.#awaitsSeat(post.room));
    if (isWaiting) this.#sendPaced(this.#link.paceMs());
  }

  /** One by one, and of a room only the oldest: a server ends a stream that runs into its limit again and again. */
  #sendPaced(waitMs: number): void {
    this.#cancelPaced ??= this.#link.timing.after(waitMs, () => {
      this.#cancelPaced = undefined;
      const rooms = new Set<string>();
      for (const post of this.#posts) {
        if (!rooms.has(post.room) && this.#send(post)) break;
        rooms.add(post.room);
      }
      this.#paceTheRest();
    });
  }

  #settle(post: Post): Post {
    this.#posts.delete(post);
    return post;
  }
}

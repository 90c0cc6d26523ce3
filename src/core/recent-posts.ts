import { MESSAGE_IDS_KEPT, MESSAGE_IDS_KEPT_MS } from './limits.ts';

interface Window {
  /** message_id → seq, oldest first. */
  readonly seqs: Map<string, number>;
  /** When it may be forgotten; undefined while its user has a seat. */
  endsAtMs: number | undefined;
}

/**
 * The message ids of a room's users that sending again is measured against: the
 * newest 256 a user, until 2 minutes after the seat ended (contract, "Sending
 * again is safe"). Windows whose user is gone stand in the order they end, and
 * the oldest give way above `maxEnded`, so ever new users cannot fill it.
 */
export class RecentPosts {
  readonly #present = new Map<string, Window>();
  readonly #ended = new Map<string, Window>();
  readonly #maxEnded: number;

  constructor(maxEnded: number) {
    this.#maxEnded = maxEnded;
  }

  /** The user has a seat (again). */
  resume(userId: string, nowMs: number): void {
    this.forget(nowMs);
    const window = this.#ended.get(userId);
    if (window === undefined) return;
    this.#ended.delete(userId);
    window.endsAtMs = undefined;
    this.#present.set(userId, window);
  }

  /** The user's seat ended. */
  end(userId: string, nowMs: number): void {
    this.forget(nowMs);
    const window = this.#present.get(userId);
    if (window === undefined) return;
    this.#present.delete(userId);
    window.endsAtMs = nowMs + MESSAGE_IDS_KEPT_MS;
    this.#ended.set(userId, window);
    if (this.#ended.size > this.#maxEnded) this.#ended.delete(this.#ended.keys().next().value ?? '');
  }

  /** The seq under which the user already said this. */
  seqOf(userId: string, messageId: string): number | undefined {
    return this.#present.get(userId)?.seqs.get(messageId);
  }

  remember(userId: string, messageId: string, seq: number): void {
    let window = this.#present.get(userId);
    if (window === undefined) {
      window = { seqs: new Map(), endsAtMs: undefined };
      this.#present.set(userId, window);
    }
    window.seqs.set(messageId, seq);
    if (window.seqs.size > MESSAGE_IDS_KEPT) window.seqs.delete(window.seqs.keys().next().value ?? '');
  }

  /** Whether ids of users that are gone are kept. */
  get hasEnded(): boolean {
    return this.#ended.size > 0;
  }

  /** Forgets those whose time is over. */
  forget(nowMs: number): void {
    for (const [userId, window] of this.#ended) {
      if ((window.endsAtMs ?? 0) > nowMs) return;
      this.#ended.delete(userId);
    }
  }
}

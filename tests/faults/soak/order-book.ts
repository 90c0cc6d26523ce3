/** Far more than a log holds, which is the furthest back that anybody is told. */
const KEPT_SEQS = 50_000;

/**
 * The one order of a room, as all clients together were told of it: what stands at
 * a seq is the same for everyone; a client's posts stand there in their order,
 * each once and none left out; joins and leaves take turns; and what was acked
 * stands where the ack said.
 */
export class OrderBook {
  readonly #violated: (how: string) => void;
  readonly #whats = new Map<number, string>();
  readonly #acked = new Map<number, string>();
  readonly #lastPosts = new Map<string, number>();
  readonly #present = new Set<string>();
  /** The first seq that is not known yet. Seq 1 is the join of the first observer, who is not told of it. */
  #next = 2;

  constructor(room: string, violated: (how: string) => void) {
    this.#violated = (how) => violated(`${room}: ${how}`);
  }

  /** The last seq up to which everything is known. */
  get head(): number {
    return this.#next - 1;
  }

  /** Acks whose seq nobody was told of. */
  get unseenAcks(): number {
    return this.#acked.size;
  }

  /** The number of the user's last post that stands here. */
  lastPostOf(userId: string): number {
    return this.#lastPosts.get(userId) ?? 0;
  }

  /** Somebody was told that this stands at `seq`. */
  told(seq: number, what: string): void {
    const before = this.#whats.get(seq);
    if (before !== undefined && before !== what) this.#violated(`${seq} is both "${before}" and "${what}"`);
    if (before !== undefined) return;
    this.#whats.set(seq, what);
    this.#whats.delete(seq - KEPT_SEQS);
    this.#checkAck(seq, this.#acked.get(seq));
    for (let next = this.#whats.get(this.#next); next !== undefined; next = this.#whats.get(this.#next)) {
      this.#inOrder(this.#next, next);
      this.#next += 1;
    }
  }

  acked(seq: number, what: string): void {
    this.#acked.set(seq, what);
    this.#checkAck(seq, what);
  }

  #checkAck(seq: number, acked: string | undefined): void {
    const told = this.#whats.get(seq);
    if (acked === undefined || told === undefined) return;
    this.#acked.delete(seq);
    if (told !== acked) this.#violated(`${seq} was acked as "${acked}" and is "${told}"`);
  }

  #inOrder(seq: number, what: string): void {
    const [, poster, number] = /^(\S+) said (\d+) /.exec(what) ?? [];
    if (poster !== undefined) {
      const last = this.lastPostOf(poster);
      if (Number(number) !== last + 1) this.#violated(`${seq} is post ${number} of ${poster}, behind its post ${last}`);
      this.#lastPosts.set(poster, Number(number));
      return;
    }
    const [, who = '', did] = /^(\S+) (joined|left)/.exec(what) ?? [];
    if (did === undefined) this.#violated(`${seq} is "${what}", which nobody did`);
    if (did === 'joined' && this.#present.has(who)) this.#violated(`${seq}: ${who} joined twice`);
    if (did === 'left' && !this.#present.has(who)) this.#violated(`${seq}: ${who} left twice`);
    if (did === 'joined') this.#present.add(who);
    else this.#present.delete(who);
  }
}

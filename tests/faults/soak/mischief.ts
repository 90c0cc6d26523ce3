import type { TcpProxy } from '../../support/tcp-proxy.ts';

/** A crowd that things can be done to. */
export interface Victim {
  readonly proxy: TcpProxy;
  freeze(): void;
  thaw(): void;
  /** One of its clients does not read for so long. */
  pauseOne(nth: number, ms: number): void;
  /** Ends it without a word, and puts another in its place. */
  kill(): void;
}

export const MISCHIEFS = ['cut', 'cut mid-way', 'stalled', 'frozen', 'paused', 'killed'] as const;

export type Mischief = (typeof MISCHIEFS)[number];

const LEAST_MS = 300;
const MOST_MS = 1200;

/** Does every kind of mischief in turn, each to a crowd that is left alone otherwise, until it is ended. */
export class MischiefMaker {
  readonly done = new Map<Mischief, number>(MISCHIEFS.map((kind) => [kind, 0]));
  readonly #victims: readonly Victim[];
  readonly #busy = new Set<Victim>();
  readonly #longestMs: number;
  #timer: NodeJS.Timeout;
  #turn = 0;
  /** What is under way, to be undone at once at the end. */
  readonly #undo = new Map<Victim, () => void>();

  /** @param longestMs how long anything lasts at most. */
  constructor(victims: readonly Victim[], longestMs: number) {
    this.#victims = victims;
    this.#longestMs = longestMs;
    this.#timer = setTimeout(() => this.#next(), MOST_MS);
  }

  /** Does nothing more, and undoes what is under way. */
  end(): void {
    clearTimeout(this.#timer);
    for (const undo of this.#undo.values()) undo();
    this.#undo.clear();
  }

  #next(): void {
    const free = this.#victims.filter((victim) => !this.#busy.has(victim));
    const victim = free[Math.floor(Math.random() * free.length)];
    const kind = MISCHIEFS[this.#turn % MISCHIEFS.length];
    if (victim !== undefined && kind !== undefined) {
      this.#turn += 1;
      this.done.set(kind, (this.done.get(kind) ?? 0) + 1);
      this.#do(kind, victim);
    }
    this.#timer = setTimeout(() => this.#next(), LEAST_MS + Math.random() * (MOST_MS - LEAST_MS));
  }

  #do(kind: Mischief, victim: Victim): void {
    const nth = Math.floor(Math.random() * 1000);
    const ms = this.#longestMs * (0.2 + 0.8 * Math.random());
    switch (kind) {
      case 'cut':
        victim.proxy.cutOne(nth);
        break;
      case 'cut mid-way':
        // Every one of its connections, wherever in a message that is.
        void victim.proxy.cutAfter(Math.floor(Math.random() * 20_000), Math.random() < 0.7 ? 'down' : 'up');
        break;
      case 'stalled':
        victim.proxy.stall();
        this.#later(victim, ms, () => victim.proxy.flow());
        break;
      case 'frozen':
        victim.freeze();
        this.#later(victim, ms, () => victim.thaw());
        break;
      case 'paused':
        victim.pauseOne(nth, ms);
        break;
      case 'killed':
        victim.kill();
        break;
    }
  }

  #later(victim: Victim, ms: number, undo: () => void): void {
    this.#busy.add(victim);
    const timer = setTimeout(() => {
      this.#undo.delete(victim);
      this.#busy.delete(victim);
      undo();
    }, ms);
    this.#undo.set(victim, () => {
      clearTimeout(timer);
      undo();
    });
  }
}

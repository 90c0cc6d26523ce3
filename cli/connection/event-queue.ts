/** Events that wait for the application, beyond which the stream is not read. */
const MOST_WAITING = 1024;

/**
 * Between a stream that pushes and an application that pulls, without loss and
 * bounded: when too much waits, the stream is paused until it was taken.
 */
export class EventQueue<T> implements AsyncIterableIterator<T> {
  readonly #flow: { pause(): void; resume(): void };
  #waiting: T[] = [];
  #takers: { resolve: (result: IteratorResult<T>) => void; reject: (error: unknown) => void }[] = [];
  #end: { readonly error: Error | undefined } | undefined;
  #isPaused = false;
  #isBounded = true;

  constructor(flow: { pause(): void; resume(): void }) {
    this.#flow = flow;
  }

  /** Too much waits, and was not taken yet. */
  get isFull(): boolean {
    return this.#isPaused;
  }

  push(item: T): void {
    const taker = this.#takers.shift();
    if (taker !== undefined) {
      taker.resolve({ done: false, value: item });
      return;
    }
    this.#waiting.push(item);
    if (this.#isBounded && !this.#isPaused && this.#waiting.length >= MOST_WAITING) {
      this.#isPaused = true;
      this.#flow.pause();
    }
  }

  /** The stream is ending: what it still brings is taken, so that its end comes even if nobody pulls. */
  release(): void {
    this.#isBounded = false;
    this.#isPaused = false;
    this.#flow.resume();
  }

  /** After what waits, iteration ends, or throws `error` once. */
  end(error: Error | undefined): void {
    if (this.#end !== undefined) return;
    const [first, ...others] = this.#takers;
    this.#takers = [];
    this.#end = { error: first === undefined ? error : undefined };
    if (error === undefined) first?.resolve({ done: true, value: undefined });
    else first?.reject(error);
    for (const taker of others) taker.resolve({ done: true, value: undefined });
  }

  next(): Promise<IteratorResult<T>> {
    const item = this.#waiting.shift();
    if (item !== undefined) {
      if (this.#isPaused && this.#waiting.length < MOST_WAITING / 2) {
        this.#isPaused = false;
        this.#flow.resume();
      }
      return Promise.resolve({ done: false, value: item });
    }
    if (this.#end === undefined) return new Promise((resolve, reject) => this.#takers.push({ resolve, reject }));
    const { error } = this.#end;
    this.#end = { error: undefined };
    return error === undefined ? Promise.resolve({ done: true, value: undefined }) : Promise.reject(error);
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<T> {
    return this;
  }
}

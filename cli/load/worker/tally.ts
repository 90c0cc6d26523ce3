/** What all clients of a worker count together, since the beginning. */
export class Tally {
  posts = 0;
  /** Those of them that were due in the measured time. */
  measuredPosts = 0;
  deliveries = 0;
  receivedBytes = 0;
  acked = 0;
  gapsTold = 0;
  eventsInGaps = 0;
  resumed = 0;
  begunAnew = 0;
  churned = 0;
  cut = 0;
  slowReadersEnded = 0;
  foreign = 0;
  /** Clients that ever had a seat. */
  everSeated = 0;
}

/** Different reasons that are told apart. */
const MOST_REASONS = 50;
const OTHER_REASONS = 'others';

/** How often what went wrong, by its reason; the text of a reason is of the server's choosing. */
export class ErrorCounts {
  readonly #counts = new Map<string, number>();

  add(reason: string, count = 1): void {
    const isKept = this.#counts.has(reason) || this.#counts.size < MOST_REASONS;
    const key = isKept ? reason : OTHER_REASONS;
    this.#counts.set(key, (this.#counts.get(key) ?? 0) + count);
  }

  entries(): (readonly [reason: string, count: number])[] {
    return [...this.#counts];
  }

  get total(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }
}

import type { StormClient } from './storm-client.ts';

/** Says something on a schedule, whether or not it was told of what it said before. */
export class Talker {
  /** From when a message was due until its sender was told of it; emptied by whoever begins to measure. */
  readonly latenciesMs: number[] = [];
  #isTalking = true;
  readonly #over: Promise<void>;

  constructor(client: StormClient, everyMs: number) {
    this.#over = this.#talk(client, everyMs);
  }

  /** Settled when it was told of all that it said. */
  stop(): Promise<void> {
    this.#isTalking = false;
    return this.#over;
  }

  async #talk(client: StormClient, everyMs: number): Promise<void> {
    const said: Promise<void>[] = [];
    for (let dueMs = performance.now(); this.#isTalking; dueMs += everyMs) {
      const leftMs = dueMs - performance.now();
      if (leftMs > 0) await new Promise((resolve) => setTimeout(resolve, leftMs));
      const sinceMs = dueMs;
      said.push(client.say().then(() => void this.latenciesMs.push(performance.now() - sinceMs)));
    }
    await Promise.all(said);
  }
}

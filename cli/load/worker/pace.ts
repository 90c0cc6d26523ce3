import type { Clock } from '../clock.ts';
import type { LagWatch } from './lag.ts';
import type { LoadClient } from './load-client.ts';

/** Decides when who says something. */
export interface Pace {
  /** Called about once a millisecond. */
  tick(nowMicros: number): void;
  /** A post of this client came back. */
  answered(client: LoadClient): void;
  /** Nothing is said any more. */
  stop(): void;
}

export interface FixedRateOptions {
  readonly messagesPerSecond: number;
  /** Of this worker, ascending by their number among all senders. */
  readonly senders: readonly LoadClient[];
  /** Of all workers. */
  readonly allSenders: number;
  readonly fromMicros: number;
  readonly lag: LagWatch;
  readonly isMeasured: (dueMicros: number) => boolean;
}

/**
 * Open loop: all senders one after another, at equal distances, on a schedule that nobody's lateness moves. A message
 * carries the time at which it was due, so that neither a late tool nor a late server looks fast: that would be
 * coordinated omission.
 */
export class FixedRate implements Pace {
  readonly #options: FixedRateOptions;
  readonly #everyMicros: number;
  #round = 0;
  #index = 0;

  constructor(options: FixedRateOptions) {
    this.#options = options;
    this.#everyMicros = 1e6 / options.messagesPerSecond;
  }

  tick(nowMicros: number): void {
    const { senders, allSenders, fromMicros, lag, isMeasured } = this.#options;
    for (;;) {
      const client = senders[this.#index];
      if (client === undefined) return;
      const share = (client.options.sender ?? 0) / allSenders;
      const dueMicros = Math.floor(fromMicros + (this.#round + share) * this.#everyMicros);
      if (dueMicros > nowMicros) return;
      lag.add(nowMicros - dueMicros, isMeasured(dueMicros));
      client.post(dueMicros);
      this.#index += 1;
      if (this.#index < senders.length) continue;
      this.#index = 0;
      this.#round += 1;
    }
  }

  answered(): void {}

  stop(): void {}
}

/** Closed loop: keeps so many posts of each sender unanswered; what was answered is replaced once a turn. */
export class KeepUnanswered implements Pace {
  readonly #messages: number;
  readonly #clock: Clock;
  readonly #due = new Set<LoadClient>();
  #isStopped = false;

  constructor(messages: number, senders: readonly LoadClient[], clock: Clock) {
    this.#messages = messages;
    this.#clock = clock;
    for (const sender of senders) this.#fill(sender);
  }

  tick(): void {}

  answered(client: LoadClient): void {
    if (this.#due.size === 0) setImmediate(() => this.#fillAll());
    this.#due.add(client);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #fillAll(): void {
    if (!this.#isStopped) for (const client of this.#due) this.#fill(client);
    this.#due.clear();
  }

  #fill(client: LoadClient): void {
    const missing = this.#messages - client.check.posts.unanswered - client.held;
    if (missing > 0) client.post(Math.floor(this.#clock.now()), missing);
  }
}

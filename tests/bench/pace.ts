import type { Load } from './scenario.ts';
import type { Sender } from './sender.ts';

/** Decides when who sends. */
export interface Pace {
  start(): void;
  /** A message of this sender came back. */
  answered(sender: Sender): void;
  stop(): void;
}

export function paceOf(load: Load, senders: readonly Sender[]): Pace {
  if (load.kind === 'unanswered') return new KeepUnanswered(load.messages, senders);
  return new FixedRate(load.messagesPerSecond, senders);
}

const nowMicros = () => performance.now() * 1000;

/** Keeps a number of messages a sender unanswered; replaces those that were answered once a turn. */
class KeepUnanswered implements Pace {
  readonly #messages: number;
  readonly #senders: readonly Sender[];
  readonly #due = new Set<Sender>();
  #isStopped = false;

  constructor(messages: number, senders: readonly Sender[]) {
    this.#messages = messages;
    this.#senders = senders;
  }

  start(): void {
    for (const sender of this.#senders) sender.send(this.#messages, nowMicros());
  }

  answered(sender: Sender): void {
    sender.unanswered -= 1;
    if (this.#due.size === 0) setImmediate(() => this.#send());
    this.#due.add(sender);
  }

  stop(): void {
    this.#isStopped = true;
  }

  #send(): void {
    if (!this.#isStopped) {
      for (const sender of this.#due) sender.send(this.#messages - sender.unanswered, nowMicros());
    }
    this.#due.clear();
  }
}

/**
 * Sends on a schedule, the senders one after another at equal distances. A message
 * carries the time at which it was due, so that a driver or a server that is
 * late cannot make the latency look better.
 */
class FixedRate implements Pace {
  readonly #everyMs: number;
  readonly #senders: readonly Sender[];
  #timer: NodeJS.Timeout | undefined;

  constructor(messagesPerSecond: number, senders: readonly Sender[]) {
    this.#everyMs = 1000 / (messagesPerSecond * senders.length);
    this.#senders = senders;
  }

  start(): void {
    const startedMs = performance.now();
    let sent = 0;
    this.#timer = setInterval(() => {
      const due = (performance.now() - startedMs) / this.#everyMs;
      for (; sent < due; sent++) {
        this.#senders[sent % this.#senders.length]?.send(1, (startedMs + sent * this.#everyMs) * 1000);
      }
    }, 1);
  }

  answered(): void {}

  stop(): void {
    clearInterval(this.#timer);
  }
}

import { Latencies } from '../latencies.ts';
import type { LatencyName } from '../report/report.ts';

/** Whose latency it is. */
export interface Whose {
  readonly room: string;
  readonly client: string;
}

export interface Slowest extends Whose {
  readonly micros: number;
  /** 0 where there is none. */
  readonly seq: number;
}

/** All latencies of a worker. Those of messages count as measured when the message was due in the measured time. */
export class Stopwatch {
  readonly measured: Readonly<Record<LatencyName, Latencies>> = {
    delivery: new Latencies(),
    ack: new Latencies(),
    join: new Latencies(),
    reconnect: new Latencies(),
  };
  /** Of messages that were due before or after the measured time. */
  readonly beside = new Latencies();
  readonly slowest: Record<LatencyName, Slowest | undefined> = {
    delivery: undefined,
    ack: undefined,
    join: undefined,
    reconnect: undefined,
  };
  /** Of the deliveries, which are by far the most, by the shortest way. */
  readonly #deliveries = this.measured.delivery;
  #slowestMicros = -1;
  #fromMicros = Number.POSITIVE_INFINITY;
  #toMicros = Number.POSITIVE_INFINITY;

  measure(fromMicros: number, toMicros: number): void {
    this.#fromMicros = fromMicros;
    this.#toMicros = toMicros;
  }

  isMeasured(dueMicros: number): boolean {
    return dueMicros >= this.#fromMicros && dueMicros < this.#toMicros;
  }

  delivered(dueMicros: number, micros: number, whose: Whose, seq: number): void {
    if (!this.isMeasured(dueMicros)) {
      this.beside.add(micros);
      return;
    }
    this.#deliveries.add(micros);
    if (micros > this.#slowestMicros) this.#note('delivery', micros, whose, seq);
  }

  add(name: LatencyName, micros: number, whose: Whose, seq: number): void {
    this.measured[name].add(micros);
    if (micros > (this.slowest[name]?.micros ?? -1)) this.#note(name, micros, whose, seq);
  }

  #note(name: LatencyName, micros: number, { room, client }: Whose, seq: number): void {
    if (name === 'delivery') this.#slowestMicros = micros;
    this.slowest[name] = { micros, room, client, seq };
  }
}

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
  readonly slowest: Partial<Record<LatencyName, Slowest>> = {};
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
    if (this.isMeasured(dueMicros)) this.add('delivery', micros, whose, seq);
    else this.beside.add(micros);
  }

  add(name: LatencyName, micros: number, whose: Whose, seq: number): void {
    this.measured[name].add(micros);
    if (micros <= (this.slowest[name]?.micros ?? -1)) return;
    this.slowest[name] = { micros, room: whose.room, client: whose.client, seq };
  }
}

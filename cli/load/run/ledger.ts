import type { FaultTally } from '../fault.ts';
import { FaultLog } from '../fault-log.ts';
import { Latencies } from '../latencies.ts';
import {
  type Bucket,
  CLIENT_STATES,
  type ClientState,
  type Counts,
  type ErrorTally,
  LATENCY_NAMES,
  type Latency,
  type LatencyName,
  type Percentiles,
  type Phase,
  type Point,
} from '../report/report.ts';
import type { Measured, Sample } from '../worker/orders.ts';
import type { Slowest } from '../worker/stopwatch.ts';
import type { Tally } from '../worker/tally.ts';
import { adviceFor } from './advice.ts';

/** What the second that is not over began with. */
interface Beginning {
  readonly seconds: number;
  readonly posts: number;
  readonly deliveries: number;
  readonly receivedBytes: number;
  readonly errors: number;
  readonly faults: number;
}

/** What all workers together have told so far. */
export class Ledger {
  readonly points: Point[] = [];
  readonly #clients: number;
  readonly #measured: Readonly<Record<LatencyName, Latencies>> = {
    delivery: new Latencies(),
    ack: new Latencies(),
    join: new Latencies(),
    reconnect: new Latencies(),
  };
  readonly #lag = new Latencies();
  /** Deliveries of the second that is not over. */
  readonly #second = new Latencies();
  #secondBegan: Beginning = { seconds: 0, posts: 0, deliveries: 0, receivedBytes: 0, errors: 0, faults: 0 };
  #secondLagMax = 0;
  #samples: readonly Sample[] = [];

  constructor(clients: number) {
    this.#clients = clients;
  }

  /** @param samples one of each worker. */
  take(samples: readonly Sample[]): void {
    this.#samples = samples;
    for (const { packed, lagMaxMicros } of samples) {
      for (const name of LATENCY_NAMES) this.#measured[name].addPacked(packed[name]);
      this.#lag.addPacked(packed.lag);
      this.#second.addPacked(packed.delivery);
      this.#second.addPacked(packed.beside);
      this.#secondLagMax = Math.max(this.#secondLagMax, lagMaxMicros);
    }
  }

  /** Ends a second. @param seconds since the run began. */
  closeSecond(seconds: number, phase: Phase): void {
    const began = this.#secondBegan;
    const now: Beginning = {
      seconds,
      posts: this.#tally('posts'),
      deliveries: this.#tally('deliveries'),
      receivedBytes: this.#tally('receivedBytes'),
      errors: this.#errorCounts().reduce((sum, [, count]) => sum + count, 0),
      faults: this.faults().reduce((sum, { count }) => sum + count, 0),
    };
    const rate = (key: keyof Beginning) => (now[key] - began[key]) / Math.max(seconds - began.seconds, 0.001);
    this.points.push({
      seconds,
      phase,
      posts: rate('posts'),
      deliveries: rate('deliveries'),
      receivedBytes: rate('receivedBytes'),
      delivery: this.#second.percentiles(),
      states: this.states(),
      errors: now.errors - began.errors,
      faults: now.faults - began.faults,
      lagMax: this.#secondLagMax,
    });
    this.#secondBegan = now;
    this.#secondLagMax = 0;
    this.#second.clear();
  }

  /** All that came and has to do with this run. */
  get heard(): number {
    return this.#tally('deliveries') - this.#tally('foreign') + this.#tally('acked') + this.#tally('everSeated');
  }

  get outstanding(): number {
    return this.#sum(({ outstanding }) => outstanding);
  }

  get unseated(): number {
    return this.#sum(({ unseated }) => unseated);
  }

  /** The busiest worker since the last sample, from 0 to 1. */
  get busiestNow(): number {
    return Math.max(0, ...this.#samples.map(({ busy }) => busy));
  }

  /** The busiest worker over the measured time. */
  get busiest(): number {
    return Math.max(
      0,
      ...this.#samples.map(({ measured: { micros, busyMicros } }) => busyMicros / Math.max(1, micros)),
    );
  }

  get measuredMs(): number {
    return Math.max(0, ...this.#samples.map(({ measured: { micros } }) => micros / 1000));
  }

  states(): Record<ClientState, number> {
    const entries = CLIENT_STATES.map((state) => [state, this.#sum(({ states }) => states[state])]);
    return Object.fromEntries(entries);
  }

  counts(): Counts {
    return {
      seated: this.#tally('everSeated'),
      clients: this.#clients,
      posts: this.#tally('measuredPosts'),
      deliveries: this.#sum(({ measured }) => measured.deliveries),
      postsPerSecond: this.measuredMs === 0 ? 0 : (this.#tally('measuredPosts') / this.measuredMs) * 1000,
      deliveriesPerSecond: this.#rate('deliveries'),
      receivedBytesPerSecond: this.#rate('receivedBytes'),
      acked: this.#measured.ack.percentiles().count,
      gapsTold: this.#tally('gapsTold'),
      eventsInGaps: this.#tally('eventsInGaps'),
      resumed: this.#tally('resumed'),
      begunAnew: this.#tally('begunAnew'),
      churned: this.#tally('churned'),
      cut: this.#tally('cut'),
      slowReadersEnded: this.#tally('slowReadersEnded'),
      foreign: this.#tally('foreign'),
    };
  }

  latencies(): Latency[] {
    return LATENCY_NAMES.map((name) => {
      const slowest = this.#samples
        .map((sample) => sample.slowest[name])
        .reduce((most, one) => ((one?.micros ?? -1) > (most?.micros ?? -1) ? one : most), undefined);
      return { name, ...this.#measured[name].percentiles(), slowest: slowest && named(slowest) };
    });
  }

  /** At a percentile, in microseconds. */
  latencyAt(name: LatencyName | 'lag', percentile: number): number {
    return (name === 'lag' ? this.#lag : this.#measured[name]).at(percentile);
  }

  lag(): Percentiles {
    return this.#lag.percentiles();
  }

  deliveryBuckets(): Bucket[] {
    return this.#measured.delivery.buckets();
  }

  faults(): FaultTally[] {
    const log = new FaultLog();
    for (const { faults } of this.#samples) log.addAll(faults);
    return log.tallies();
  }

  /** Most frequent first. */
  errors(): ErrorTally[] {
    const byReason = Map.groupBy(this.#errorCounts(), ([reason]) => reason);
    return [...byReason]
      .map(([reason, entries]) => {
        const count = entries.reduce((sum, [, one]) => sum + one, 0);
        return { reason, count, advice: adviceFor(reason) };
      })
      .sort((a, b) => b.count - a.count);
  }

  #errorCounts(): Sample['errors'] {
    return this.#samples.flatMap(({ errors }) => errors);
  }

  #tally(key: keyof Tally): number {
    return this.#sum(({ tally }) => tally[key]);
  }

  #rate(key: 'deliveries' | 'receivedBytes'): number {
    const perSecond = ({ micros, [key]: count }: Measured) => (micros === 0 ? 0 : (count / micros) * 1e6);
    return this.#sum(({ measured }) => perSecond(measured));
  }

  #sum(of: (sample: Sample) => number): number {
    return this.#samples.reduce((sum, sample) => sum + of(sample), 0);
  }
}

function named({ room, client, seq }: Slowest): Latency['slowest'] {
  return { room, client, seq: seq === 0 ? undefined : seq };
}

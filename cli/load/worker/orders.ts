import type { ServerAccess } from '../../connection/index.ts';
import type { FaultTally } from '../fault.ts';
import type { ClientState, LatencyName } from '../report/report.ts';
import type { Scenario } from '../scenario.ts';
import type { Slowest } from './stopwatch.ts';
import type { Tally } from './tally.ts';

/** What a worker is told when it begins. Client i is of worker i mod workers. */
export interface Assignment {
  readonly scenario: Scenario;
  readonly worker: number;
  readonly server: ServerAccess;
  /** Four characters that tell this run's rooms, users and messages from those of others. */
  readonly run: string;
  /** "name/version" */
  readonly client: string;
  /** The beginning of the run's clock, by `monotonicMs`. */
  readonly originMs: number;
}

/** What a worker is asked to do; each order has one answer. Times are microseconds of the run's clock. */
export interface Orders {
  /** Let the clients in, at the rate of the scenario from `fromMicros` on. */
  open: { readonly order: { readonly fromMicros: number }; readonly answer: undefined };
  /** How it stands. */
  sample: { readonly order: undefined; readonly answer: Sample };
  /** Begin to send, and to do what is to go wrong. */
  speak: { readonly order: Speaking; readonly answer: undefined };
  /** Send no more; what is slow reads on. */
  hush: { readonly order: undefined; readonly answer: undefined };
  /** Ask the server for the heads of the rooms; answered when it has answered. */
  survey: { readonly order: undefined; readonly answer: Survey };
  /** How many are not where the survey says that all should be? */
  behind: { readonly order: Survey; readonly answer: number };
  /** Nothing comes any more: what is missing at the end? */
  judge: { readonly order: Survey; readonly answer: undefined };
  /** Leave and end all streams; answered when they have ended. */
  leave: { readonly order: undefined; readonly answer: undefined };
}

export interface Speaking {
  readonly fromMicros: number;
  readonly measureFromMicros: number;
  readonly measureToMicros: number;
}

export interface Survey {
  /** Of each room and epoch, the last seq that anybody has heard of. */
  readonly heads: readonly { readonly room: number; readonly epoch: string; readonly seq: number }[];
  /** Of each sender, the messages that it sent. */
  readonly sent: readonly { readonly sender: number; readonly count: number }[];
}

/** Counts are since the beginning; what is packed is since the last sample. */
export interface Sample {
  readonly tally: Readonly<Tally>;
  readonly measured: Measured;
  readonly states: Readonly<Record<ClientState, number>>;
  /** Clients that should be seated at the end and are not. */
  readonly unseated: number;
  readonly errors: readonly (readonly [reason: string, count: number])[];
  readonly faults: readonly FaultTally[];
  /** Posts, and questions for heads, that are not answered. */
  readonly outstanding: number;
  readonly packed: Readonly<Record<LatencyName | 'beside' | 'lag', string>>;
  readonly slowest: Readonly<Record<LatencyName, Slowest | undefined>>;
  readonly lagMaxMicros: number;
  /** Time that the event loop was busy over time. */
  readonly busy: number;
}

/** What was counted in the measured time, as far as it has gone. */
export interface Measured {
  readonly micros: number;
  readonly busyMicros: number;
  readonly deliveries: number;
  readonly receivedBytes: number;
}

export type OrderKind = keyof Orders;

export interface OrderMessage<K extends OrderKind = OrderKind> {
  readonly id: number;
  readonly kind: K;
  readonly order: Orders[K]['order'];
}

export interface AnswerMessage {
  readonly id: number;
  readonly answer: Orders[OrderKind]['answer'];
}

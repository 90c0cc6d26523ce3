import type { FaultTally } from '../fault.ts';
import type { Scenario } from '../scenario.ts';

/** All that is known about a run at its end: what `--json` writes, and what the others draw. */
export interface Report {
  /** Of this format; a higher one means something else. */
  readonly format: 1;
  /** "chat-client/0.1.0" */
  readonly tool: string;
  /** Shell words that do the same again. */
  readonly command: string;
  readonly scenario: Scenario;
  /** host:port */
  readonly server: string;
  /** ISO 8601, UTC. */
  readonly startedAt: string;
  /** Processor, cores, system and Node of the tool's machine. */
  readonly machine: string;
  /** Whether it was ended by Ctrl+C before its time. */
  readonly isEndedEarly: boolean;
  /** Milliseconds that were measured. */
  readonly measuredMs: number;
  readonly verdict: Verdict;
  /** One for each kind, also where there were none. */
  readonly faults: readonly FaultTally[];
  readonly counts: Counts;
  /** In the order of LATENCY_NAMES. */
  readonly latencies: readonly Latency[];
  /** Of the delivery: how many took how long, without the empty ones, ascending. */
  readonly deliveryBuckets: readonly Bucket[];
  /** Of the whole run, one a second, ascending. */
  readonly points: readonly Point[];
  /** What ended a stream unasked, or was refused; most frequent first. */
  readonly errors: readonly ErrorTally[];
  readonly lag: Lag;
  /** Only where the process id of the server was given, and the system tells. */
  readonly serverProcess: ServerProcess | undefined;
}

export interface Verdict {
  readonly holds: boolean;
  readonly expectations: readonly { readonly text: string; readonly actual: string; readonly holds: boolean }[];
}

/** All of the measured time, where nothing else is said. */
export interface Counts {
  /** Of the whole run: clients that ever had a seat, and all. */
  readonly seated: number;
  readonly clients: number;
  /** That were due in it. */
  readonly posts: number;
  /** Messages, joins and leaves that came to clients in it. */
  readonly deliveries: number;
  readonly postsPerSecond: number;
  readonly deliveriesPerSecond: number;
  readonly receivedBytesPerSecond: number;
  /** Of the posts that were due in it. */
  readonly acked: number;
  /** Of the whole run, as the following: gaps that the server told, and the events that they name. */
  readonly gapsTold: number;
  readonly eventsInGaps: number;
  /** Streams that took their session up again, and rooms that had to begin anew. */
  readonly resumed: number;
  readonly begunAnew: number;
  readonly churned: number;
  readonly cut: number;
  /** Slow and frozen readers that the server ended, as it may. */
  readonly slowReadersEnded: number;
  /** Messages in the rooms that are not of this run. */
  readonly foreign: number;
}

export const LATENCY_NAMES = ['delivery', 'ack', 'join', 'reconnect'] as const;
export type LatencyName = (typeof LATENCY_NAMES)[number];

export const LATENCY_WORDS: Readonly<Record<LatencyName, string>> = {
  delivery: 'post to delivery',
  ack: 'post to ack',
  join: 'open to joined',
  reconnect: 'cut to resumed',
};

/** In microseconds; all 0 where the count is 0. */
export interface Percentiles {
  readonly count: number;
  readonly p50: number;
  readonly p90: number;
  readonly p99: number;
  readonly p999: number;
  readonly p9999: number;
  readonly max: number;
  readonly mean: number;
}

export interface Latency extends Percentiles {
  readonly name: LatencyName;
  /** The slowest of all, by name. */
  readonly slowest: { readonly room: string; readonly client: string; readonly seq: number | undefined } | undefined;
}

/** Latencies from `from` (included) to `to` (excluded), in microseconds. */
export interface Bucket {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

export const PHASES = ['joining', 'warming up', 'measuring', 'settling', 'leaving'] as const;
export type Phase = (typeof PHASES)[number];

export const CLIENT_STATES = ['waiting', 'joining', 'seated', 'away', 'given up'] as const;
export type ClientState = (typeof CLIENT_STATES)[number];

/** One second of a run; `seconds` after its start is when it ended. */
export interface Point {
  readonly seconds: number;
  readonly phase: Phase;
  readonly posts: number;
  readonly deliveries: number;
  readonly receivedBytes: number;
  /** Of the deliveries in it, in microseconds. */
  readonly delivery: Percentiles;
  readonly states: Readonly<Record<ClientState, number>>;
  readonly errors: number;
  readonly faults: number;
  /** The largest lag of the tool in it, in microseconds. */
  readonly lagMax: number;
}

export interface ErrorTally {
  /** A `chat-reason`, or what the transport said: `slow_consumer`, `ECONNRESET`, … */
  readonly reason: string;
  readonly count: number;
  /** What can be done, where that is known. */
  readonly advice: string | undefined;
}

/** How far the tool fell behind its own schedule: it is part of the latencies. */
export interface Lag extends Percentiles {
  /** The busiest worker: time that its event loop was busy over time, from 0 to 1. */
  readonly busiestWorker: number;
  /** CPU time over time of the whole tool, 1 being a core; of the measured time. */
  readonly cores: number;
  /** Why the figures say more about the tool than about the server; undefined where they do not. */
  readonly toolWasLimit: string | undefined;
}

/** Of the measured time. */
export interface ServerProcess {
  readonly pid: number;
  /** CPU time over time, 1 being a core. */
  readonly cores: number;
  /** 0 without deliveries. */
  readonly cpuMicrosPerDelivery: number;
  /** Resident bytes: before anybody came, when everybody was seated, at the end of what was measured. */
  readonly rss: { readonly before: number; readonly seated: number; readonly end: number };
  readonly bytesPerClient: number;
}

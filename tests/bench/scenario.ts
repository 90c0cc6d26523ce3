/** How much is offered. Either way a sender goes on until it is told to stop. */
export type Load =
  /** Each sender keeps so many of its own messages unanswered: as fast as the server can. */
  | { readonly kind: 'unanswered'; readonly messages: number }
  /** Each sender sends on a fixed schedule, whether or not the server keeps up. */
  | { readonly kind: 'rate'; readonly messagesPerSecond: number };

export interface Scenario {
  readonly name: string;
  readonly words: string;
  readonly clients: number;
  readonly rooms: number;
  readonly sendersPerRoom: number;
  readonly load: Load;
  readonly contentBytes: number;
}

/** Whether clients say hello, and so take batches. */
export type ClientKind = 'full' | 'basic';

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'saturated',
    words: '200 clients in 4 rooms; 2 senders a room keep 64 messages of 64 bytes unanswered each',
    clients: 200,
    rooms: 4,
    sendersPerRoom: 2,
    load: { kind: 'unanswered', messages: 64 },
    contentBytes: 64,
  },
  {
    name: 'one room',
    words: '1,000 clients; 10 of them send 20 messages of 64 bytes a second each: 200,000 deliveries a second offered',
    clients: 1000,
    rooms: 1,
    sendersPerRoom: 10,
    load: { kind: 'rate', messagesPerSecond: 20 },
    contentBytes: 64,
  },
];

/** What the driver is told: its one argument, as JSON. */
export interface Assignment {
  readonly port: number;
  readonly serverPid: number;
  /** The cores of server and driver where they are pinned; otherwise empty, and all count. */
  readonly cores: readonly number[];
  readonly clientKind: ClientKind;
  readonly scenario: Scenario;
  readonly seconds: number;
}

/** What the driver answers: its one line of output, as JSON. */
export interface Measurement {
  readonly deliveriesPerSecond: number;
  /** Undefined where the system does not tell the CPU time of a process. */
  readonly serverCpuMicrosPerDelivery?: number;
  /** CPU time over time, 1 being one core. */
  readonly serverCores?: number;
  readonly driverCores: number;
  /** What other processes took of the cores; undefined as above. */
  readonly otherCores?: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Holes in the numbers of a sender, as a client saw them. */
  readonly lost: number;
  /** Numbers that came again or after a higher one. */
  readonly repeatedOrLate: number;
  /** What had not come when nothing came any more, or the patience was over. */
  readonly missingAtTheEnd: number;
  /** Errors that the server answered with. */
  readonly refusals: number;
}

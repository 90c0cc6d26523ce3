/** What a run does: who comes, how much is said, what goes wrong on purpose. Every number was checked. */
export interface Scenario {
  /** Of the file it is from; 'flags' without one. */
  readonly name: string;
  readonly clients: number;
  /** Client i sits in room i mod rooms. */
  readonly rooms: number;
  /** The first ones of each room. */
  readonly sendersPerRoom: number;
  readonly load: Load;
  readonly durationMs: number;
  /** Before what is measured, under the same load. */
  readonly warmupMs: number;
  /** Of a message's content; each message takes one at random in between. */
  readonly payload: { readonly minBytes: number; readonly maxBytes: number };
  readonly joinsPerSecond: number;
  /** Clients of all that leave and come back, a second. */
  readonly churnPerSecond: number;
  /** Clients of all whose transport is cut and that resume, a second. */
  readonly cutsPerSecond: number;
  /** Clients, the last ones, that read in fits and starts. */
  readonly slow: number;
  /** Clients, before those, that stop reading when everybody is seated. */
  readonly frozen: number;
  readonly clientKind: ClientKind;
  readonly streamsPerTransport: number;
  readonly workers: number;
  /** Of whatever is chosen at random. */
  readonly seed: number;
  /** As they were written: `p99<50ms`. */
  readonly expectations: readonly string[];
}

/** Whether clients say hello, and so take batches, acks and seqs. */
export type ClientKind = 'full' | 'basic';

export type Load =
  /** Open loop: each sender sends on a fixed schedule, whether or not the server keeps up. */
  | { readonly kind: 'rate' /** Of each sender. */; readonly messagesPerSecond: number }
  /** Closed loop: each sender keeps so many messages unanswered. */
  | { readonly kind: 'window'; readonly messages: number }
  /** Nobody says anything. */
  | { readonly kind: 'idle' };

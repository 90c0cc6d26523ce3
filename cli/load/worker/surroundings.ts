import type { RoomRecord } from '../checks/room-record.ts';
import type { Clock } from '../clock.ts';
import type { FaultLog } from '../fault-log.ts';
import type { ClientKind } from '../scenario.ts';
import type { Transport } from '../wire/chat-stream.ts';
import type { Stopwatch, Whose } from './stopwatch.ts';
import type { ErrorCounts, Tally } from './tally.ts';

export interface LoadClientOptions extends Whose {
  readonly kind: ClientKind;
  readonly roomIndex: number;
  /** Its number among the senders, where it is one. */
  readonly sender: number | undefined;
  readonly reader: 'steady' | 'slow' | 'frozen';
}

/** Gives one that has room for a stream. */
export type TransportFor = (reader: LoadClientOptions['reader']) => Transport;

/** What a client needs of the worker that it is in. */
export interface LoadClientSurroundings {
  readonly clock: Clock;
  readonly tally: Tally;
  readonly errors: ErrorCounts;
  readonly faults: FaultLog;
  readonly stopwatch: Stopwatch;
  /** "name/version" */
  readonly program: string;
  /** Of the messages of this run; see stamp.ts. */
  readonly runMark: number;
  readonly nameOf: (sender: number) => string;
  /** By the room's index. */
  readonly recordOf: (room: number) => RoomRecord;
  /** Whether this sender is one of that room. */
  readonly isOfRoom: (sender: number, room: number) => boolean;
  readonly payload: { readonly minBytes: number; readonly maxBytes: number };
  /** Of the next message. */
  readonly contentBytes: () => number;
  readonly transportFor: TransportFor;
  readonly after: (ms: number, task: () => void) => void;
  /** Whether anybody has been told to speak. */
  readonly hasBegun: () => boolean;
  /** A post of this sender came back, or was refused. */
  readonly answered: (sender: number) => void;
}

import type { RoomLog } from './room-log.ts';

/** Where a member stands in the log of its room. */
export interface Cursor {
  readonly room: string;
  readonly epoch: string;
  readonly log: RoomLog;
  /** The last seq that was given to the connection. */
  at: number;
  /** The last seq that it is owed: no end while the seat is held. */
  until: number;
  /** An earlier seat in the same room, still to be delivered to its end. */
  follows: Cursor | undefined;
  /** Answers about the room that wait behind `until`. */
  readonly trailing: Uint8Array[];
}

/** The last seq that the cursor is owed by now. */
export function endOf(cursor: Cursor): number {
  return Math.min(cursor.until, cursor.log.head);
}

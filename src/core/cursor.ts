import type { RoomLog } from './room-log.ts';

/** Where a member stands in the log of its room. */
export interface Cursor {
  readonly room: { readonly name: string; readonly epoch: string; readonly log: RoomLog };
  /** The last seq that was given to the connection. */
  at: number;
  /** An earlier seat in the same room, still to be delivered to its end. */
  follows: Cursor | undefined;
  /** When the seat has ended: the last seq that it is owed, and answers about the room that wait behind that. */
  ended: { readonly until: number; readonly trailing: Uint8Array[] } | undefined;
}

/** The last seq that the cursor is owed by now. */
export function endOf(cursor: Cursor): number {
  return cursor.ended?.until ?? cursor.room.log.head;
}

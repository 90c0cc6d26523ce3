import type { LoggedEvent } from './events.ts';

/** A piece of a room's log, as far as the server still has it. */
export interface HistoryPage {
  readonly room: string;
  readonly epoch: string;
  /** In the order of the room. */
  readonly events: readonly LoggedEvent[];
  /** There are older ones: ask again with the first seq of these as `before`. */
  readonly hasMore: boolean;
}

export interface HistoryOptions {
  /** Events before this seq; default, or 0: the newest. */
  readonly before?: bigint;
  /** The epoch that `before` belongs to; default: whichever the room has. */
  readonly epoch?: string;
  /** At most so many; default, 0, or more than the server's page: a page. */
  readonly limit?: number;
}

/** Who is in a room, in the order they joined. */
export interface MembersPage {
  readonly room: string;
  readonly members: readonly RoomMember[];
  /** Gives the next page; '' at the end. */
  readonly nextPageToken: string;
  /** All members of the room. */
  readonly memberCount: number;
  /** The newest seq of the room, which this is the state of. */
  readonly headSeq: bigint;
}

export interface RoomMember {
  readonly userId: string;
  readonly displayName: string;
  readonly joinedAt: Date;
  /** The stream is gone, and the seat is kept for a while. */
  readonly isDetached: boolean;
}

/** The rooms of a server, oldest first. */
export interface RoomsPage {
  readonly rooms: readonly ListedRoom[];
  /** Gives the next page; '' at the end. */
  readonly nextPageToken: string;
}

export interface ListedRoom {
  readonly room: string;
  readonly memberCount: number;
  /** The newest event of the room. */
  readonly position: { readonly epoch: string; readonly seq: bigint };
}

/** Which page; by default the first, and as large as the server makes them. */
export interface PageOptions {
  /** At most so many; default, 0, or more than the server's page: a page. */
  readonly pageSize?: number;
  /** `nextPageToken` of the page before. */
  readonly pageToken?: string;
}

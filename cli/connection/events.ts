import type { ChatError } from './errors.ts';

/** Why a seat ended; `unknown` for a reason of a newer server. */
export type LeaveReason =
  | 'left'
  | 'lost'
  | 'slow_consumer'
  | 'replaced'
  | 'kicked'
  | 'room_closed'
  | 'forbidden'
  | 'unknown';

/** What happened in the rooms that were joined, in the order of each room. */
export type ChatEvent =
  | {
      readonly kind: 'message';
      readonly room: string;
      /** Number in the room's log. */
      readonly seq: bigint;
      readonly userId: string;
      readonly displayName: string;
      /** As it came: may hold anything, control characters too. */
      readonly content: string;
      readonly messageId: string;
      /** When the server took it. */
      readonly at: Date;
    }
  | {
      readonly kind: 'member_joined';
      readonly room: string;
      readonly seq: bigint;
      readonly userId: string;
      readonly displayName: string;
      readonly at: Date;
    }
  | {
      readonly kind: 'member_left';
      readonly room: string;
      readonly seq: bigint;
      readonly userId: string;
      readonly displayName: string;
      readonly reason: LeaveReason;
      readonly at: Date;
    }
  /**
   * Words of the server about a room; `seq` is 0 unless it stands in the room's log. When very many come and go at once,
   * it says how many did that are not told one by one; otherwise both counts are 0.
   */
  | {
      readonly kind: 'notice';
      readonly room: string;
      readonly seq: bigint;
      readonly text: string;
      readonly joinedCount: number;
      readonly leftCount: number;
    }
  /** These existed and will not come; both numbers included. */
  | {
      readonly kind: 'gap';
      readonly room: string;
      readonly epoch: string;
      readonly fromSeq: bigint;
      readonly toSeq: bigint;
    }
  /**
   * After a reconnect, behind the last event of the replay: the room is told up to where it stood when it was joined
   * again. Of what was missed, so many events were given, the messages among them counted apart; the others stand in
   * a `gap`. `awayMs`: from the loss of the stream to the room's being joined again.
   */
  | {
      readonly kind: 'recovered';
      readonly room: string;
      readonly events: number;
      readonly messages: number;
      readonly awayMs: number;
    }
  /**
   * The room was forgotten meanwhile and began anew: what was missed before is gone and cannot be numbered, and seqs
   * count from the beginning of this epoch. Where that beginning is gone too, a `gap` from 1 follows.
   */
  | { readonly kind: 'restarted'; readonly room: string; readonly epoch: string }
  /**
   * The join was not taken yet and is tried again at `until`. `user_taken`: the name is held by a session that is
   * gone, often one's own before a crash, and is free then.
   */
  | { readonly kind: 'join_delayed'; readonly room: string; readonly until: Date; readonly because: ChatError }
  /** After a reconnect the room could not be joined again; it is not joined any more. */
  | { readonly kind: 'rejoin_refused'; readonly room: string; readonly because: ChatError }
  /** The server took the seat away. */
  | { readonly kind: 'removed'; readonly room: string; readonly reason: LeaveReason }
  /** The server goes away; the stream ends soon, and the connection comes back so long after that. */
  | { readonly kind: 'draining'; readonly reconnectAfterMs: number }
  /**
   * The token runs out within about a minute, and no other was to be had; `because` is undefined when it is the only one.
   * Then the server ends the stream, and whoever gives tokens is asked once more.
   */
  | { readonly kind: 'token_expires'; readonly because: ChatError | undefined };

/** What stands in the log of a room, with its number there. */
export type LoggedEvent = Extract<ChatEvent, { readonly seq: bigint }>;

/** The server's answer to a join. */
export interface JoinedRoom {
  readonly room: string;
  readonly welcomeMessage: string;
  /** Delivery begins right after this seq. */
  readonly position: { readonly epoch: string; readonly seq: bigint };
  /** Oneself included. */
  readonly memberCount: number;
}

export interface PostedMessage {
  readonly room: string;
  readonly messageId: string;
  readonly seq: bigint;
  /** The server had it already; `seq` is the first one's. */
  readonly duplicate: boolean;
}

/** What the server allows this session; the contract's `Limits`. Sizes in bytes. */
export interface ServerLimits {
  readonly maxEnvelopeBytes: number;
  readonly maxContentBytes: number;
  readonly maxNameBytes: number;
  readonly maxRooms: number;
  /** 0: no limit. */
  readonly envelopesPerSecond: number;
  readonly envelopeBurst: number;
  readonly maxUnacked: number;
  readonly resumeGraceMs: number;
  readonly maxPageSize: number;
}

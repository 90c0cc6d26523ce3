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
  /** Words of the server about a room; `seq` is 0 unless it stands in the room's log. */
  | { readonly kind: 'notice'; readonly room: string; readonly seq: bigint; readonly text: string }
  /** These existed and will not come; both numbers included. */
  | {
      readonly kind: 'gap';
      readonly room: string;
      readonly epoch: string;
      readonly fromSeq: bigint;
      readonly toSeq: bigint;
    }
  /** The server took the seat away. */
  | { readonly kind: 'removed'; readonly room: string; readonly reason: LeaveReason }
  /** The server goes away; the stream ends soon. */
  | { readonly kind: 'draining'; readonly reconnectAfterMs: number };

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

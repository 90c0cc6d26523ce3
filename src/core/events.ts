import type { LeaveReason, Refusal } from './errors.ts';
import type { Limits } from './limits.ts';

/** A person's words. Takes a seq. */
export interface Message {
  readonly kind: 'message';
  readonly room: string;
  readonly seq: number;
  readonly userId: string;
  readonly displayName: string;
  readonly content: string;
  readonly messageId: string;
  /** W3C trace context of its way through this server; '' when it is not followed. */
  readonly traceparent: string;
  readonly utcMs: number;
}

/** Somebody took a seat. Takes a seq. */
export interface MemberJoined {
  readonly kind: 'member_joined';
  readonly room: string;
  readonly seq: number;
  readonly userId: string;
  readonly displayName: string;
  readonly utcMs: number;
}

/** A seat ended. Takes a seq. */
export interface MemberLeft {
  readonly kind: 'member_left';
  readonly room: string;
  readonly seq: number;
  readonly userId: string;
  readonly displayName: string;
  readonly utcMs: number;
  readonly reason: LeaveReason;
}

/** So many joins and leaves that they became one notice. Takes a seq. */
export interface Fold {
  readonly kind: 'fold';
  readonly room: string;
  readonly seq: number;
  readonly utcMs: number;
  readonly joinedCount: number;
  readonly leftCount: number;
}

/** What stands in the log of a room. */
export type RoomEvent = Message | MemberJoined | MemberLeft | Fold;

export interface Welcome {
  readonly kind: 'welcome';
  readonly requestId: string;
  readonly sessionId: string;
  readonly resumeToken: string;
  readonly resumed: boolean;
  readonly userId: string;
  readonly displayName: string;
  readonly limits: Limits;
}

export interface Joined {
  readonly kind: 'joined';
  readonly requestId: string;
  readonly room: string;
  readonly userId: string;
  readonly displayName: string;
  readonly epoch: string;
  /** Delivery begins right after this seq. */
  readonly seq: number;
  /** Everything since the client's position follows. */
  readonly recovered: boolean;
  readonly headSeq: number;
  readonly memberCount: number;
}

export interface Acked {
  readonly kind: 'acked';
  readonly requestId: string;
  readonly room: string;
  readonly messageId: string;
  readonly seq: number;
  readonly duplicate: boolean;
}

export interface Refused {
  readonly kind: 'refused';
  readonly requestId: string;
  readonly refusal: Refusal;
}

/** Events that existed and will not be delivered; both numbers included. */
export interface Gap {
  readonly kind: 'gap';
  readonly room: string;
  readonly epoch: string;
  readonly fromSeq: number;
  readonly toSeq: number;
}

export interface HistoryPage {
  readonly kind: 'history';
  readonly requestId: string;
  readonly room: string;
  readonly epoch: string;
  readonly hasMore: boolean;
  /** Runs of entries of the log, in order. */
  readonly entries: readonly Uint8Array[];
}

export interface MemberView {
  readonly userId: string;
  readonly displayName: string;
  readonly joinedAtUtcMs: number;
  /** The stream is gone, or back without having joined this room again; the seat is kept for a while. */
  readonly isDetached: boolean;
}

export interface MemberPage {
  readonly kind: 'members';
  readonly requestId: string;
  readonly room: string;
  readonly members: readonly MemberView[];
  readonly nextPageToken: string;
  readonly memberCount: number;
  readonly headSeq: number;
}

/** A question of ours, which any arrival answers. */
export interface HeartbeatQuestion {
  readonly kind: 'heartbeat';
}

export interface HeartbeatReply {
  readonly kind: 'heartbeat_reply';
  readonly nonce: Uint8Array;
}

export interface Draining {
  readonly kind: 'draining';
  readonly reconnectAfterMs: number;
}

export interface Left {
  readonly kind: 'left';
  readonly requestId: string;
  readonly room: string;
  readonly reason: LeaveReason;
  /** Seq of the leave; 0 where it took none. */
  readonly seq: number;
}

/** What one session alone is told. Takes no seq. */
export type Answer =
  | Welcome
  | Joined
  | Acked
  | Refused
  | Gap
  | HistoryPage
  | MemberPage
  | HeartbeatQuestion
  | HeartbeatReply
  | Draining
  | Left;

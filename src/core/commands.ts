/**
 * What comes in, decoded. The contract (api/proto/chat/v1/chat.proto) says what
 * each field may hold; here nothing is checked yet. An absent text is ''.
 */
export interface Hello {
  readonly kind: 'hello';
  readonly client: string;
  readonly userId: string;
  readonly displayName: string;
  readonly resumeToken: string;
}

/** A place in a room's log: the last seq that was processed. */
export interface Position {
  readonly epoch: string;
  readonly seq: bigint;
}

export interface Join {
  readonly kind: 'join';
  readonly userId: string;
  readonly room: string;
  readonly displayName: string;
  /** Where the client stood, if it said so. */
  readonly position: Position | undefined;
}

export interface Post {
  readonly kind: 'post';
  readonly userId: string;
  readonly room: string;
  readonly content: string;
  readonly messageId: string;
  /** W3C trace context of the sender, unchecked. */
  readonly traceparent: string;
}

export interface Leave {
  readonly kind: 'leave';
  readonly userId: string;
  readonly room: string;
}

export interface History {
  readonly kind: 'history';
  readonly room: string;
  readonly epoch: string;
  /** 0: from the head. */
  readonly beforeSeq: bigint;
  readonly limit: number;
}

export interface Members {
  readonly kind: 'members';
  readonly room: string;
  readonly pageSize: number;
  readonly pageToken: string;
}

export interface Heartbeat {
  readonly kind: 'heartbeat';
  readonly nonce: Uint8Array;
  readonly reply: boolean;
}

/** No arm, or one that this server does not know. */
export interface Unrecognised {
  readonly kind: 'unrecognised';
}

export type Command = (Hello | Join | Post | Leave | History | Members | Heartbeat | Unrecognised) & {
  readonly requestId: string;
};

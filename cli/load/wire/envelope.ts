import { ChatServiceService, type ClientEnvelope } from '../../../api/gen/chat/v1/chat.ts';
import { PREFIX_BYTES } from './message-cutter.ts';

/** What a client wants: an arm of the contract. */
type Wanted = NonNullable<ClientEnvelope['message']>;

export const CHANNEL_PATH = ChatServiceService.channel.path;

/** An envelope as a gRPC message, its prefix included. */
function framed(message: Wanted, requestId = ''): Buffer {
  const body = ChatServiceService.channel.requestSerialize({ message, requestId, traceparent: '' });
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + body.length);
  framed[0] = 0;
  framed.writeUInt32BE(body.length, 1);
  body.copy(framed, PREFIX_BYTES);
  return framed;
}

/** Bytes of a post beside its content: ids and names of this tool, and the lengths. */
export const ENVELOPE_OVERHEAD_BYTES = 256;

export interface Introduction {
  /** "name/version" */
  readonly client: string;
  readonly userId: string;
  /** '' for a new session. */
  readonly resumeToken: string;
}

export function framedHello(introduction: Introduction): Buffer {
  return framed({ $case: 'hello', value: { ...introduction, displayName: '' } });
}

export interface Entrance {
  readonly userId: string;
  readonly room: string;
  /** Undefined for a seat without a past. */
  readonly position: { readonly epoch: string; readonly seq: number } | undefined;
}

/** The request id of joins; that of a post is its number. */
export const JOIN_REQUEST = 'join';

export function framedJoin({ userId, room, position }: Entrance): Buffer {
  const from = position === undefined ? undefined : { epoch: position.epoch, seq: BigInt(position.seq) };
  return framed({ $case: 'join', value: { userId, room, displayName: '', position: from } }, JOIN_REQUEST);
}

export function framedLeave(userId: string, room: string): Buffer {
  return framed({ $case: 'leave', value: { userId, room } });
}

/** A question for the head of a room: a page of members has it. */
export function framedMembers(room: string): Buffer {
  return framed({ $case: 'members', value: { room, pageSize: 1, pageToken: '' } });
}

export function framedHeartbeat(nonce: Uint8Array): Buffer {
  return framed({ $case: 'heartbeat', value: { nonce: Buffer.from(nonce), reply: true } });
}

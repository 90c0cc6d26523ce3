import { PREFIX_BYTES } from './message-cutter.ts';
import { STAMP_BYTES, type Stamp, writeStamp } from './stamp.ts';

const LENGTH_DELIMITED = 2;
/** Tags of the contract; see chat.proto. */
const CHAT = (2 << 3) | LENGTH_DELIMITED;
const REQUEST_ID = (10 << 3) | LENGTH_DELIMITED;
const ROOM = (2 << 3) | LENGTH_DELIMITED;
const CONTENT = (3 << 3) | LENGTH_DELIMITED;
const MESSAGE_ID = (5 << 3) | LENGTH_DELIMITED;
const FILLING = 'x'.charCodeAt(0);

export interface PostFrame {
  /** ASCII, below 128 characters. */
  readonly room: string;
  readonly stamp: Stamp;
  /** Of the content, which begins with the stamp. */
  readonly contentBytes: number;
  /** Of message and request, ASCII, below 128 characters; '' where no ack is wanted. */
  readonly id: string;
}

/**
 * A post as a gRPC message, its prefix included. Written by hand, as what comes is
 * read: 0.3 µs a post instead of the 4.3 that the generated code takes.
 */
export function framedPost({ room, stamp, contentBytes, id }: PostFrame): Buffer {
  const idField = id === '' ? 0 : 2 + id.length;
  const chatBytes = 2 + room.length + 1 + varintBytes(contentBytes) + contentBytes + idField;
  const envelopeBytes = 1 + varintBytes(chatBytes) + chatBytes + idField;
  const frame = Buffer.allocUnsafe(PREFIX_BYTES + envelopeBytes);
  frame[0] = 0;
  frame.writeUInt32BE(envelopeBytes, 1);
  let at = writeLength(frame, PREFIX_BYTES, CHAT, chatBytes);
  at = writeText(frame, at, ROOM, room);
  at = writeLength(frame, at, CONTENT, contentBytes);
  writeStamp(frame, at, stamp);
  frame.fill(FILLING, at + STAMP_BYTES, at + contentBytes);
  at += contentBytes;
  if (id === '') return frame;
  at = writeText(frame, at, MESSAGE_ID, id);
  writeText(frame, at, REQUEST_ID, id);
  return frame;
}

function writeText(frame: Buffer, at: number, tag: number, text: string): number {
  frame[at] = tag;
  frame[at + 1] = text.length;
  return at + 2 + frame.write(text, at + 2, 'latin1');
}

/** Returns where the field begins. */
function writeLength(frame: Buffer, at: number, tag: number, length: number): number {
  frame[at++] = tag;
  let rest = length;
  for (; rest > 0x7f; rest >>>= 7) frame[at++] = (rest & 0x7f) | 0x80;
  frame[at++] = rest;
  return at;
}

function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest > 0x7f; rest >>>= 7) bytes += 1;
  return bytes;
}

/**
 * ClientEnvelopes written by hand from the numbers in the contract, so that no
 * encoder of ours stands between a test and the wire. Their likeness to protoc's
 * is tested by the golden bytes.
 */

/** Fields by their number; bytes for whatever is not a text, a number or a truth value. */
export type Fields = Readonly<Record<number, string | number | bigint | boolean | Uint8Array>>;

/** A message of these fields. As in proto3, what is empty, 0 or false is left out; bytes never are. */
export function message(fields: Fields): Buffer {
  const parts = Object.entries(fields).map(([number, value]) => {
    if (typeof value === 'boolean') return varintField(Number(number), value ? 1n : 0n);
    if (typeof value === 'number' || typeof value === 'bigint') return varintField(Number(number), BigInt(value));
    if (typeof value === 'string')
      return value === '' ? Buffer.alloc(0) : bytesField(Number(number), Buffer.from(value));
    return bytesField(Number(number), value);
  });
  return Buffer.concat(parts);
}

/** An arm of the oneof, with a request id beside it. */
export function envelope(arm: number, fields: Fields, requestId = ''): Buffer {
  return message({ [arm]: message(fields), 10: requestId });
}

/** A place in a room's log. */
export interface At {
  readonly epoch: string;
  readonly seq: number | bigint;
}

interface JoinFields {
  readonly userId?: string;
  readonly displayName?: string;
  readonly position?: At | undefined;
  readonly requestId?: string;
}

export function join(room: string, { userId = '', displayName = '', position, requestId = '' }: JoinFields = {}) {
  const at = position && { 4: message({ 1: position.epoch, 2: position.seq }) };
  return envelope(1, { 1: userId, 2: room, 3: displayName, ...at }, requestId);
}

export const chat = (room: string, content: string, { userId = '', messageId = '', requestId = '' } = {}) =>
  envelope(2, { 1: userId, 2: room, 3: content, 5: messageId }, requestId);

export const leave = (room: string, { userId = '', requestId = '' } = {}) =>
  envelope(3, { 1: userId, 2: room }, requestId);

export const history = (
  room: string,
  { epoch = '', beforeSeq = 0 as number | bigint, limit = 0, requestId = '' } = {},
) => envelope(4, { 1: room, 2: epoch, 3: beforeSeq, 4: limit }, requestId);

export const members = (room: string, { pageSize = 0, pageToken = '', requestId = '' } = {}) =>
  envelope(5, { 1: room, 2: pageSize, 3: pageToken }, requestId);

export const heartbeat = (nonce: string, { reply = false, requestId = '' } = {}) =>
  envelope(6, { 1: nonce, 2: reply }, requestId);

export const hello = (userId: string, { client = '', displayName = '', resumeToken = '', requestId = '' } = {}) =>
  envelope(7, { 1: client, 2: userId, 3: displayName, 4: resumeToken }, requestId);

/** No arm at all. */
export const armless = (requestId = '') => message({ 10: requestId });

/** An arm of a contract that is not written yet. */
export const unknownArm = (requestId = '') => envelope(20, { 1: 'from the future' }, requestId);

function varintField(number: number, value: bigint): Buffer {
  return value === 0n ? Buffer.alloc(0) : Buffer.concat([varint(BigInt(number << 3)), varint(value)]);
}

function bytesField(number: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([varint(BigInt((number << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, value);
  for (; rest > 0x7fn; rest >>= 7n) bytes.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...bytes, Number(rest)]);
}

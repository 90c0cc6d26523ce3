import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { chat, envelope, heartbeat, hello, history, join, leave, message } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { besiegedThroughout } from './support/besieged-throughout.ts';

const ROOM = 'general';
const MOST = 2n ** 64n - 1n;

const besieged = besiegedThroughout({ LOG_LEVEL: 'debug', MAX_RECV_MSG_SIZE: '64KiB' });

/** Groups of field 9, which is not known, one within another, and their ends. */
const nestedGroups = (depth: number) => Buffer.concat([Buffer.alloc(depth, 0x4b), Buffer.alloc(depth, 0x4c)]);

/** Messages of an unknown field one within another, the innermost empty. */
function nestedMessages(depth: number): Buffer {
  return depth === 0 ? Buffer.alloc(0) : message({ 30: nestedMessages(depth - 1) });
}

/** It goes without a trace, and the log has told it. */
async function leaves(client: RawClient): Promise<void> {
  const before = besieged().server.closed.length;
  client.send(leave(ROOM), leave('other'));
  client.halfClose();
  await client.ended;
  await besieged().hasClosed(['ok'], before);
}

interface Bytes {
  readonly name: string;
  readonly bytes: Buffer;
}

const UNDECODABLE: readonly Bytes[] = [
  { name: '6 wire type 7', bytes: Buffer.of(0x0f) },
  { name: '6 a field cut short', bytes: chat(ROOM, 'cut short').subarray(0, -1) },
  { name: '6 groups 20,000 deep', bytes: nestedGroups(20_000) },
  { name: '6 groups 20,000 deep without an end', bytes: Buffer.alloc(20_000, 0x4b) },
  { name: '6 a length of 4 GiB', bytes: Buffer.from('f201ffffffff0f', 'hex') },
  { name: '6 a number of eleven bytes', bytes: Buffer.from('0a04ffffffffffffffffffff01', 'hex') },
  ...[
    ['a byte that is never one', 'ff'],
    ['a letter in two bytes instead of one', 'c0af'],
    ['half a surrogate pair', 'eda080'],
    ['a character beyond the last', 'f4908080'],
    ['a character cut short', 'f09fa6'],
  ].flatMap(([what, hex = '']) => {
    const text = Buffer.from(hex, 'hex');
    return [
      { name: `7 ${what} as content`, bytes: envelope(2, { 2: ROOM, 3: text }) },
      { name: `7 ${what} as a room`, bytes: envelope(1, { 2: text }) },
      { name: `7 ${what} as an id`, bytes: Buffer.concat([heartbeat('1'), message({ 10: text })]) },
      { name: `7 ${what} as an epoch`, bytes: envelope(1, { 2: 'other', 4: message({ 1: text }) }) },
    ];
  }),
];

describe('no envelope: the stream ends, with nothing done', () => {
  test.each(UNDECODABLE)('$name', async ({ bytes }) => {
    const before = besieged().server.closed.length;
    const client = await fullClient(besieged().port, 'mallory');
    client.send(bytes);
    const { status: code, trailers } = await client.ended;
    const end = { code, reason: trailers['chat-reason'] };
    expect(end).toEqual({ code: status.INVALID_ARGUMENT, reason: 'invalid_envelope' });
    await besieged().hasClosed(['invalid_envelope'], before);
  });
});

const PASSED_OVER: readonly Bytes[] = [
  { name: '6 messages 5,000 deep in an unknown field', bytes: nestedMessages(5000) },
  { name: '7 bytes that are no text in an unknown field', bytes: message({ 30: Buffer.from('ff', 'hex') }) },
  {
    name: '9 unknown fields of every type',
    bytes: Buffer.from('f00101f1010000000000000000f50100000000f20100f301f00101f401', 'hex'),
  },
];

describe('what is not known is passed over', () => {
  test.each(PASSED_OVER)('$name', async ({ bytes }) => {
    const client = await fullClient(besieged().port, 'mallory');
    client.send(Buffer.concat([bytes, heartbeat('behind it')]));
    expect(await client.hear('heartbeat')).toMatchObject({ nonce: Buffer.from('behind it'), reply: true });
    await leaves(client);
  });
});

describe('8 two arms of the oneof are one command: the last', () => {
  const say = chat(ROOM, 'said');
  test.each([
    { name: 'chat and leave', arms: [say, leave(ROOM)], told: ['left'] },
    { name: 'leave and chat', arms: [leave(ROOM), say], told: ['broadcast'] },
    { name: 'chat and chat', arms: [chat(ROOM, 'unsaid'), say], told: ['broadcast'] },
    { name: 'hello and chat', arms: [hello('somebody'), say], told: ['broadcast'] },
  ])('8 $name', async ({ arms, told }) => {
    const client = await fullClient(besieged().port, 'mallory', [ROOM]);
    const before = client.told.length;
    client.send(Buffer.concat(arms), heartbeat('behind it'));
    await client.hear('heartbeat');
    const heard = client.told.slice(before).filter(({ $case }) => $case !== 'heartbeat');
    await leaves(client);
    expect(heard.map(({ $case }) => $case)).toEqual(told);
  });
});

test('11 numbers beyond 2^53, wherever a client may say one, end nothing; a position of that kind is refused', async () => {
  const client = await fullClient(besieged().port, 'mallory', [ROOM]);
  const epoch = client.all('joined')[0]?.position?.epoch ?? '';
  const timestamps = [2n ** 53n + 1n, 2n ** 63n - 1n, 2n ** 63n, MOST];
  client.send(
    ...timestamps.map((at, i) => envelope(2, { 2: ROOM, 3: 'hello', 4: at, 6: MOST }, `chat-${i}`)),
    join('other', { position: { epoch: 'none', seq: MOST }, requestId: 'another-epoch' }),
    leave(ROOM),
    join(ROOM, { position: { epoch, seq: MOST }, requestId: 'position' }),
    join(ROOM, { requestId: 'again' }),
    history(ROOM, { beforeSeq: MOST, requestId: 'before_seq' }),
    envelope(4, { 1: ROOM, 4: MOST }, 'limit'),
    envelope(5, { 1: ROOM, 2: MOST }, 'page_size'),
  );
  await client.hear('members');
  const ids = (kind: 'ack' | 'joined' | 'history' | 'members' | 'error') =>
    client.all(kind).flatMap(({ requestId }) => requestId || []);
  expect(ids('ack')).toEqual(['chat-0', 'chat-1', 'chat-2', 'chat-3']);
  expect(ids('joined')).toEqual(['another-epoch', 'again']);
  expect(ids('history')).toEqual(['limit']);
  expect(ids('members')).toEqual(['page_size']);
  expect(ids('error')).toEqual(['position', 'before_seq']);
  expect(client.all('error').map(({ reason }) => reason)).toEqual(['invalid_position', 'invalid_position']);
  await leaves(client);
});

test('9 an envelope without a byte, as the first word, ends the stream', async () => {
  const client = new RawClient(besieged().port);
  client.send(Buffer.alloc(0));
  const { status: code, trailers } = await client.ended;
  const end = { code, reason: trailers['chat-reason'] };
  expect(end).toEqual({ code: status.INVALID_ARGUMENT, reason: 'invalid_envelope' });
});

import { deflateSync, gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { heartbeat, hello } from '../../support/envelopes.ts';
import { RawClient } from '../../support/raw-client.ts';
import { framed, RawStream } from '../../support/raw-stream.ts';
import { Besieged } from './support/besieged.ts';
import { besiegedThroughout } from './support/besieged-throughout.ts';

const MIB = 2 ** 20;
const BOMBS = 100;

const besieged = besiegedThroughout({ LOG_LEVEL: 'debug' });

/** A message with a frame that says that it is compressed. */
function compressed(bytes: Uint8Array): Buffer {
  const frame = framed(bytes);
  frame.writeUInt8(1, 0);
  return frame;
}

/** A client whose envelopes may be compressed, and that is welcomed. */
async function speaking(port: number, encoding: string): Promise<RawClient> {
  const client = new RawClient(port, { headers: { 'grpc-encoding': encoding } });
  client.send(hello('mallory'));
  await client.hear('welcome');
  return client;
}

interface Case {
  readonly name: string;
  readonly encoding: string;
  readonly envelope: Buffer;
  readonly code: status;
  readonly reason: string;
}

const undecodable = { code: status.INTERNAL, reason: 'invalid_envelope' };
const tooLarge = { code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large' };

const CASES: readonly Case[] = [
  { name: '1 malformed gzip', encoding: 'gzip', envelope: Buffer.from('no gzip'), ...undecodable },
  { name: '1 malformed deflate', encoding: 'deflate', envelope: Buffer.from('no deflate'), ...undecodable },
  { name: '1 gzip cut short', encoding: 'gzip', envelope: gzipSync(heartbeat('1')).subarray(0, -6), ...undecodable },
  {
    name: '1 gzip with something behind it',
    encoding: 'gzip',
    envelope: Buffer.concat([gzipSync(heartbeat('1')), Buffer.from('and more')]),
    ...undecodable,
  },
  {
    name: '1 gzip of what is no envelope',
    encoding: 'gzip',
    envelope: gzipSync(Buffer.of(0x0f)),
    code: status.INVALID_ARGUMENT,
    reason: 'invalid_envelope',
  },
  { name: '2 a zip bomb of 64 MiB', encoding: 'gzip', envelope: gzipSync(Buffer.alloc(64 * MIB)), ...tooLarge },
  { name: '2 gzip of a byte too much', encoding: 'gzip', envelope: gzipSync(Buffer.alloc(16_385)), ...tooLarge },
  {
    name: '3 an unknown encoding',
    encoding: 'snappy',
    envelope: heartbeat('1'),
    code: status.UNIMPLEMENTED,
    reason: 'unsupported',
  },
];

describe('a compressed envelope ends the stream with a status and a reason, in the log too', () => {
  test.each(CASES)('$name', async ({ encoding, envelope, code, reason }) => {
    const before = besieged().server.closed.length;
    const client = await speaking(besieged().port, encoding);
    client.sendBytes(compressed(envelope));
    const end = await client.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
    await besieged().hasClosed([reason], before);
  });

  test.each(CASES)('$name, as the first word', async ({ encoding, envelope, code, reason }) => {
    const before = besieged().server.closed.length;
    const client = new RawClient(besieged().port, { headers: { 'grpc-encoding': encoding } });
    client.sendBytes(compressed(envelope));
    const end = await client.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
    await besieged().hasClosed([reason], before);
  });
});

test.each([
  { encoding: 'gzip', envelope: gzipSync(heartbeat('1')) },
  { encoding: 'deflate', envelope: deflateSync(heartbeat('1')) },
])('1 an envelope in good $encoding is an envelope', async ({ encoding, envelope }) => {
  const before = besieged().server.closed.length;
  const client = await speaking(besieged().port, encoding);
  client.sendBytes(compressed(envelope));
  expect(await client.hear('heartbeat')).toMatchObject({ nonce: Buffer.from('1'), reply: true });
  client.halfClose();
  await besieged().hasClosed(['ok'], before);
});

test('2 a hundred zip bombs at once: each ends its stream, and none is ever unpacked', async () => {
  await using ofTheBombs = await Besieged.start();
  // All of it is too long by its prefix; half of it is not, and is a bomb of 32 MiB.
  const bomb = compressed(gzipSync(Buffer.alloc(64 * MIB), { level: 9 }).subarray(0, 32 * 1024));
  const before = await ofTheBombs.held();
  const bombed = async (port: number) => {
    const client = await speaking(port, 'gzip');
    client.sendBytes(bomb);
    return client.ended;
  };
  const ends = await ofTheBombs.endures((port) => Promise.all(Array.from({ length: BOMBS }, () => bombed(port))));
  const reasons = ends.map(({ status: code, trailers }) => ({ code, reason: trailers['chat-reason'] }));
  expect(reasons).toEqual(Array.from({ length: BOMBS }, () => tooLarge));
  // Two of them alone would take that.
  expect(((await ofTheBombs.held()).peakRss - before.peakRss) / MIB).toBeLessThan(64);
});

test.each([
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/chat.v1.ChatService/ListRooms',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
])('3 hundreds of compressed requests in one call of %s are refused unread', async (path) => {
  const call = new RawStream(besieged().port, { path, headers: { 'grpc-encoding': 'gzip' } });
  call.sendBytes(Buffer.concat(Array.from({ length: 600 }, () => compressed(gzipSync(Buffer.alloc(0))))));
  const { status: code, trailers } = await call.ended;
  const told = { code, reason: trailers['chat-reason'], takes: trailers['grpc-accept-encoding'] };
  expect(told).toEqual({ code: status.UNIMPLEMENTED, reason: 'unsupported', takes: 'identity' });
});

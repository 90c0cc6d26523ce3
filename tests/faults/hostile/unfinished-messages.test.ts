import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { PATIENCE } from '../../support/coming-back.ts';
import { chat, heartbeat, hello, message } from '../../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../../support/raw-client.ts';
import { framed, RawStream } from '../../support/raw-stream.ts';
import { startServer } from '../../support/server.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { LiveClient } from '../support/live-client.ts';
import { hearsLeaveOf } from '../support/told-alike.ts';
import { Besieged } from './support/besieged.ts';

const MAX_ENVELOPE_BYTES = 16_384;
/** A prefix that promises 4 GiB, and the first byte of them. */
const FOUR_GIB = Buffer.from('00ffffffff0a', 'hex');
/** An envelope of about the most that is allowed, which is answered. */
const LARGE = framed(Buffer.concat([heartbeat('1'), message({ 30: Buffer.alloc(MAX_ENVELOPE_BYTES - 100) })]));
const ROOM = 'general';
const TELLING_ALL = { LOG_LEVEL: 'debug' };

test('4 a prefix of 4 GiB ends the stream with a status and a reason', async () => {
  await using besieged = await Besieged.start(TELLING_ALL);
  const { status: code, trailers } = await besieged.endures(async (port) => {
    const client = await fullClient(port, 'mallory');
    client.sendBytes(FOUR_GIB);
    return client.ended;
  });
  const reason = { code, reason: trailers['chat-reason'] };
  expect(reason).toEqual({ code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large' });
  await besieged.hasClosed(['envelope_too_large']);
});

test('4 prefixes of 400 GiB together allocate nothing', async () => {
  await using besieged = await Besieged.start(TELLING_ALL);
  const before = await besieged.held();
  const promised = (port: number) => {
    const client = new RawClient(port);
    client.sendBytes(FOUR_GIB);
    return client.ended;
  };
  await besieged.endures((port) => Promise.all(Array.from({ length: 100 }, () => promised(port))));
  await besieged.hasClosed(Array.from({ length: 100 }, () => 'envelope_too_large'));
  expect(((await besieged.held()).peakRss - before.peakRss) / 2 ** 20).toBeLessThan(64);
});

test('5 envelopes that come byte by byte cost what they are long, and are envelopes', async () => {
  await using besieged = await Besieged.start();
  await besieged.endures(async (port) => {
    const clients = await Promise.all(Array.from({ length: 50 }, () => ByteReader.open(port, 65_535)));
    for (const client of clients) client.send(hello('mallory'));
    for (const client of clients) await client.until(() => client.told.find(({ $case }) => $case === 'welcome'));
    const before = await besieged.held();
    for (const client of clients) {
      client.sendInPieces(LARGE.subarray(0, -1), 1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { held } = await besieged.held();
    for (const client of clients) client.sendInPieces(LARGE.subarray(-1), 1);
    for (const client of clients) await client.until(() => client.told.find(({ $case }) => $case === 'heartbeat'));
    for (const client of clients) client.end();
    // Each byte in a Buffer of its own takes 2 MB a stream.
    expect((held - before.held) / clients.length).toBeLessThan(16 * MAX_ENVELOPE_BYTES);
  });
});

test('5 half envelopes on a thousand streams cost what they are long, and that until the handshake is overdue', async () => {
  await using besieged = await Besieged.start({ ...TELLING_ALL, HANDSHAKE_TIMEOUT: '5s' });
  const ends = await besieged.endures(async (port) => {
    const before = await besieged.held();
    const clients = Array.from({ length: 1000 }, () => new RawClient(port));
    for (const client of clients) client.sendBytes(LARGE.subarray(0, MAX_ENVELOPE_BYTES / 2));
    const { held } = await besieged.held();
    expect((held - before.held) / clients.length).toBeLessThan(16 * MAX_ENVELOPE_BYTES);
    return Promise.all(clients.map(({ ended }) => ended));
  });
  expect(new Set(ends.map(({ trailers }) => trailers['chat-reason']))).toEqual(new Set(['handshake_timeout']));
  await besieged.hasClosed(ends.map(() => 'handshake_timeout'));
});

const HALF = LARGE.subarray(0, MAX_ENVELOPE_BYTES / 2);
const ONE_AND_A_HALF = Buffer.concat([framed(Buffer.alloc(0)), HALF]);

test.each([
  { what: 'half a request', path: '/grpc.health.v1.Health/Check', bytes: HALF },
  { what: 'half a request', path: '/grpc.health.v1.Health/Watch', bytes: HALF },
  { what: 'half a request', path: '/chat.v1.ChatService/ListRooms', bytes: HALF },
  { what: 'half a request', path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo', bytes: HALF },
  { what: 'one and a half requests', path: '/grpc.health.v1.Health/Check', bytes: ONE_AND_A_HALF },
  { what: 'one and a half requests', path: '/grpc.health.v1.Health/Watch', bytes: ONE_AND_A_HALF },
])('5 $what of $path: no more is waited for when the handshake is overdue', async ({ path, bytes }) => {
  await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '1s' });
  const call = new RawStream(server.port, { path });
  call.sendBytes(bytes);
  const { status: code, trailers } = await call.ended;
  const told = { code, reason: trailers['chat-reason'] };
  expect(told).toEqual({ code: status.DEADLINE_EXCEEDED, reason: 'handshake_timeout' });
  expect(server.refused).toEqual(['handshake_timeout']);
});

test('4 a request of 4 GiB is refused, and its stream is let go though its client keeps its half open', async () => {
  await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '1s' });
  const call = new RawStream(server.port, { path: '/grpc.health.v1.Health/Check', keepsOpen: true });
  call.sendBytes(FOUR_GIB);
  expect((await call.ended).status).toBe(status.RESOURCE_EXHAUSTED);
  await vi.waitFor(() => expect(call.isClosed).toBe(true), PATIENCE);
  call.destroySocket();
});

test('4 a stream of reflection whose deadline is over is let go though its client keeps its half open', async () => {
  await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '1s' });
  const path = '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo';
  const call = new RawStream(server.port, { path, keepsOpen: true, headers: { 'grpc-timeout': '500m' } });
  call.sendBytes(framed(message({ 7: '*' })));
  expect((await call.ended).status).toBe(status.DEADLINE_EXCEEDED);
  await vi.waitFor(() => expect(call.isClosed).toBe(true), PATIENCE);
  expect(call.received).toHaveLength(1);
  call.destroySocket();
});

describe('10 half an envelope and then a half-close is a lost client, and no message', () => {
  test.each([
    { kind: 'full', enter: fullClient },
    { kind: 'basic', enter: basicClient },
  ] as const)('10 from a $kind client', async ({ enter }) => {
    await using besieged = await Besieged.start({ ...TELLING_ALL, RESUME_GRACE: '100ms' });
    const witness = await LiveClient.enter(besieged.port, 'witness', [ROOM]);
    const { status: code, trailers } = await besieged.endures(async (port) => {
      const client = await enter(port, 'mallory', [ROOM]);
      client.sendBytes(framed(chat(ROOM, 'cut short')).subarray(0, 12));
      client.halfClose();
      return client.ended;
    });
    const reason = { code, reason: trailers['chat-reason'] };
    expect(reason).toEqual({ code: status.INVALID_ARGUMENT, reason: 'invalid_envelope' });
    expect(await hearsLeaveOf(witness, 'mallory')).toMatchObject({ reason: 'LOST', seq: 3 });
    expect(witness.all('broadcast')).toEqual([]);
    await besieged.hasClosed(['invalid_envelope']);
  });
});

interface BadCase {
  readonly name: string;
  readonly bytes: Buffer;
  readonly encoding?: string;
  readonly code: status;
  readonly reason: string;
}

const BAD: readonly BadCase[] = [
  {
    name: '1 malformed gzip',
    bytes: Buffer.from('01000000020a0a', 'hex'),
    encoding: 'gzip',
    code: status.INTERNAL,
    reason: 'invalid_envelope',
  },
  { name: '4 a prefix of 4 GiB', bytes: FOUR_GIB, code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large' },
  {
    name: '6 bytes that do not decode',
    bytes: framed(Buffer.of(0x0f)),
    code: status.INVALID_ARGUMENT,
    reason: 'invalid_envelope',
  },
];

describe('while a write to the client is unfinished', () => {
  /** A member that does not read, of whom the window holds less than the first of what it is owed. */
  async function stuck(port: number, encoding = 'identity') {
    const speaker = await LiveClient.enter(port, 'speaker', [ROOM]);
    const options = { windowBytes: 1024, headers: { 'grpc-encoding': encoding } };
    const client = await fullClient(port, 'mallory', [ROOM], options);
    client.pause();
    // The first is more than the window holds; the second is owed when that is written.
    for (const content of ['x'.repeat(4000), 'x'.repeat(4000)]) await speaker.say(ROOM, content);
    return { client, speaker };
  }

  test.each(BAD)('$name ends the stream with its status, when the client reads on', async (bad) => {
    await using besieged = await Besieged.start(TELLING_ALL);
    const { client } = await stuck(besieged.port, bad.encoding);
    client.sendBytes(bad.bytes);
    client.resume();
    const { status: code, trailers, resetCode } = await client.ended;
    const end = { code, reason: trailers['chat-reason'], resetCode };
    expect(end).toEqual({ code: bad.code, reason: bad.reason, resetCode: 0 });
    await besieged.hasClosed([bad.reason]);
  });

  test.each(BAD)('$name ends the stream soon, when the client never reads on', async (bad) => {
    await using besieged = await Besieged.start({ ...TELLING_ALL, STUCK_WRITE_TIMEOUT: '1h', RESUME_GRACE: '100ms' });
    const { client, speaker } = await stuck(besieged.port, bad.encoding);
    client.sendBytes(bad.bytes);
    await besieged.hasClosed([bad.reason]);
    expect(await hearsLeaveOf(speaker, 'mallory')).toMatchObject({ reason: 'LOST' });
    client.destroySocket();
  });
});

import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  armless,
  chat,
  heartbeat,
  hello,
  history,
  join,
  leave,
  members,
  message,
  unknownArm,
} from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

const MAX_ENVELOPE_BYTES = 8192;
const UNDECODABLE = Buffer.from('0f', 'hex');
/** An unknown field fills an envelope that is otherwise fine. */
const padded = (bytes: number) => Buffer.concat([heartbeat('1'), message({ 30: Buffer.alloc(bytes) })]);
const TOO_LARGE = padded(MAX_ENVELOPE_BYTES);
const FAR_TOO_LARGE = padded(2 * MAX_ENVELOPE_BYTES);

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer({ CHAT_GRPC_MAX_RECV_MSG_SIZE: `${MAX_ENVELOPE_BYTES}` });
});
afterAll(() => server.stop());

interface FatalCase {
  readonly name: string;
  readonly envelope: Buffer;
  readonly code: status;
  /** Undefined: ended by the gRPC library, which knows no reasons. */
  readonly reason: string | undefined;
}

const undecodable = { code: status.INVALID_ARGUMENT, reason: 'invalid_envelope' };
const joinRequired = { code: status.FAILED_PRECONDITION, reason: 'join_required' };
const alreadyWelcomed = { code: status.FAILED_PRECONDITION, reason: 'already_welcomed' };

const FROM_ANYBODY: readonly FatalCase[] = [
  { name: '6 bytes that do not decode', envelope: UNDECODABLE, ...undecodable },
  { name: '6 a truncated field', envelope: Buffer.from('0a0512', 'hex'), ...undecodable },
  {
    name: 'an envelope over the limit',
    envelope: TOO_LARGE,
    code: status.RESOURCE_EXHAUSTED,
    reason: 'envelope_too_large',
  },
  {
    name: 'an envelope beyond all bounds',
    envelope: FAR_TOO_LARGE,
    code: status.RESOURCE_EXHAUSTED,
    reason: 'envelope_too_large',
  },
];

const NOT_BASIC: readonly FatalCase[] = [
  { name: '9 no arm', envelope: armless(), ...undecodable },
  { name: '9 an unknown arm', envelope: unknownArm(), ...undecodable },
  { name: 'history', envelope: history('general'), ...undecodable },
  { name: 'members', envelope: members('general'), ...undecodable },
  { name: 'a heartbeat', envelope: heartbeat('1'), ...undecodable },
];

const AT_FIRST: readonly FatalCase[] = [
  ...FROM_ANYBODY,
  ...NOT_BASIC,
  { name: '18 chat', envelope: chat('general', 'hello', { userId: 'ana' }), ...joinRequired },
  { name: '18 leave', envelope: leave('general', { userId: 'ana' }), ...joinRequired },
];

describe('as the first word of a stream, this ends it', () => {
  test.each(AT_FIRST)('$name', async ({ envelope, code, reason }) => {
    const client = new RawClient(server.port);
    client.send(envelope);
    await expectEnd(client, code, reason);
  });
});

const FROM_BASIC: readonly FatalCase[] = [
  ...FROM_ANYBODY,
  ...NOT_BASIC,
  { name: '18 a late hello', envelope: hello('ana'), ...alreadyWelcomed },
];

describe('from a basic client that has joined, this ends the stream', () => {
  test.each(FROM_BASIC)('$name', async ({ envelope, code, reason }) => {
    const client = new RawClient(server.port);
    client.send(join('general', { userId: 'ana' }), envelope);
    await expectEnd(client, code, reason);
  });
});

const FROM_FULL: readonly FatalCase[] = [
  ...FROM_ANYBODY,
  { name: '18 a second hello', envelope: hello('ana'), ...alreadyWelcomed },
];

describe('from a full client, this ends the stream', () => {
  test.each(FROM_FULL)('$name', async ({ envelope, code, reason }) => {
    const client = new RawClient(server.port);
    client.send(hello('ana'), envelope);
    await expectEnd(client, code, reason);
  });
});

interface UnsupportedCase {
  readonly name: string;
  readonly envelope: (requestId: string) => Buffer;
  readonly room: string;
}

const UNSUPPORTED: readonly UnsupportedCase[] = [
  { name: '9 no arm', envelope: armless, room: '' },
  { name: '9 an unknown arm', envelope: unknownArm, room: '' },
];

describe('a full client is told in-band, as unsupported, and goes on', () => {
  test.each(UNSUPPORTED)('$name', async ({ envelope, room }) => {
    const client = await fullClient(server.port, 'ana');
    client.send(envelope('r-1'), heartbeat('still there'));
    const { code, reason, requestId, room: concerned } = await client.hear('error');
    expect({ code, reason, requestId, room: concerned }).toEqual({
      code: status.UNIMPLEMENTED,
      reason: 'unsupported',
      requestId: 'r-1',
      room,
    });
    await client.hear('heartbeat');
  });
});

test('what a stream was owed before the envelope that ends it is written first', async () => {
  const client = new RawClient(server.port);
  client.send(hello('ana', { requestId: 'first' }), UNDECODABLE);
  await client.ended;
  expect(client.all('welcome')).toMatchObject([{ requestId: 'first' }]);
});

test('an envelope of exactly the limit is taken', async () => {
  const client = await fullClient(server.port, 'ana');
  const overhead = padded(MAX_ENVELOPE_BYTES - 100).length - (MAX_ENVELOPE_BYTES - 100);
  client.send(padded(MAX_ENVELOPE_BYTES - overhead));
  expect(await client.hear('heartbeat')).toMatchObject({ nonce: Buffer.from('1'), reply: true });
});

test('7 text that is not UTF-8 is no envelope, and is not delivered altered', async () => {
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const client = await fullClient(server.port, 'ana', ['general']);
  client.send(message({ 2: message({ 2: 'general', 3: Buffer.of(0x61, 0xff, 0xc3, 0x62) }) }));
  await expectEnd(client, status.INVALID_ARGUMENT, 'invalid_envelope');
  expect(watcher.all('broadcast')).toEqual([]);
});

async function expectEnd(client: RawClient, code: status, reason: string | undefined): Promise<void> {
  const end = await client.ended;
  expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
}

import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chat, envelope, heartbeat, hello, join, leave, members } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

interface BadName {
  readonly name: string;
  readonly value: string;
}

const MALFORMED: readonly BadName[] = [
  { name: 'of 65 bytes', value: 'x'.repeat(65) },
  { name: 'of 66 bytes in 33 characters', value: 'é'.repeat(33) },
  { name: '15 with an escape sequence', value: '\u001b[31mred' },
  { name: '15 with NUL', value: 'a\u0000b' },
  { name: '15 with a line feed', value: 'a\nb' },
  { name: '15 with a bidi override', value: 'a\u202eb' },
  { name: '15 with a zero-width joiner', value: 'a\u200db' },
  { name: 'of private use', value: '\ue000' },
  { name: 'of an unassigned character', value: '\u0378' },
];
const MISSING: BadName = { name: 'that is missing', value: '' };

describe('refused in-band as invalid_room: a room', () => {
  test.each([...MALFORMED, MISSING])('$name', async ({ value }) => {
    const client = await fullClient(server.port, 'ana');
    const asked = [join(value, { requestId: 'join' }), chat(value, 'hello', { requestId: 'chat' })];
    client.send(...asked, leave(value, { requestId: 'leave' }), members(value, { requestId: 'members' }));
    client.send(heartbeat('still there'));
    await client.hear('heartbeat');
    const refusal = { code: status.INVALID_ARGUMENT, reason: 'invalid_room' };
    expect(client.all('error').map(({ requestId, code, reason }) => ({ requestId, code, reason }))).toEqual(
      ['join', 'chat', 'leave', 'members'].map((requestId) => ({ requestId, ...refusal })),
    );
  });
});

describe('refused with the end of the stream as invalid_user: a user id', () => {
  test.each([...MALFORMED, MISSING])('$name, in hello', ({ value }) => expectRefused(hello(value), 'invalid_user'));

  test.each([...MALFORMED, MISSING])('$name, in the first join of a basic client', ({ value }) =>
    expectRefused(join('general', { userId: value }), 'invalid_user'),
  );
});

describe('refused with the end of the stream as invalid_name: a display name', () => {
  test.each(MALFORMED)('$name, in hello', ({ value }) =>
    expectRefused(hello('ana', { displayName: value }), 'invalid_name'),
  );

  test.each(MALFORMED)('$name, in the first join of a basic client', ({ value }) =>
    expectRefused(join('general', { userId: 'ana', displayName: value }), 'invalid_name'),
  );
});

describe('refused with the end of the stream as invalid_room: the first join of a basic client', () => {
  test.each([...MALFORMED, MISSING])('of a room $name', ({ value }) =>
    expectRefused(join(value, { userId: 'ana' }), 'invalid_room'),
  );
});

const BAD_IDS: readonly BadName[] = [
  { name: 'of 65 characters', value: 'x'.repeat(65) },
  { name: 'with a space', value: 'two words' },
  { name: 'beyond ASCII', value: 'é' },
  { name: 'with a control character', value: 'a\u0007' },
];

describe('refused as invalid_id: an id', () => {
  test.each(BAD_IDS)('$name, as the client in hello, ends the stream', ({ value }) =>
    expectRefused(hello('ana', { client: value }), 'invalid_id'),
  );

  test.each(BAD_IDS)('$name, as the request_id of hello, ends the stream', ({ value }) =>
    expectRefused(hello('ana', { requestId: value }), 'invalid_id'),
  );

  test.each(BAD_IDS)('$name, as a request_id, is not echoed', async ({ value }) => {
    const client = await fullClient(server.port, 'ana');
    client.send(members('general', { requestId: value }), heartbeat('still there'));
    const refusal = { requestId: '', code: status.INVALID_ARGUMENT, reason: 'invalid_id' };
    expect(await client.hear('error')).toMatchObject(refusal);
    await client.hear('heartbeat');
  });

  test.each(BAD_IDS)('$name, as a message_id', async ({ value }) => {
    const client = await fullClient(server.port, 'ana', ['ids']);
    client.send(chat('ids', 'hello', { messageId: value, requestId: 'r-1' }), heartbeat('still there'));
    const refusal = { requestId: 'r-1', code: status.INVALID_ARGUMENT, reason: 'invalid_id', room: 'ids' };
    expect(await client.hear('error')).toMatchObject(refusal);
    await client.hear('heartbeat');
    expect(client.all('broadcast')).toEqual([]);
    client.send(leave('ids'));
    await client.hear('left');
  });

  test.each([...BAD_IDS, { name: 'that was never given out', value: 'abc' }])('$name, as a page_token', async (bad) => {
    const client = await fullClient(server.port, 'ana');
    client.send(members('general', { pageToken: bad.value, requestId: 'r-1' }), heartbeat('still there'));
    const refusal = { requestId: 'r-1', code: status.INVALID_ARGUMENT, reason: 'invalid_id' };
    expect(await client.hear('error')).toMatchObject(refusal);
    await client.hear('heartbeat');
  });

  test('that is a nonce of 17 bytes', async () => {
    const client = await fullClient(server.port, 'ana');
    client.send(heartbeat('x'.repeat(17), { requestId: 'r-1' }), heartbeat('still there'));
    const refusal = { requestId: 'r-1', code: status.INVALID_ARGUMENT, reason: 'invalid_id' };
    expect(await client.hear('error')).toMatchObject(refusal);
    await client.hear('heartbeat');
  });
});

interface GoodName {
  readonly name: string;
  readonly value: string;
  /** As the server writes it. */
  readonly normal: string;
}

const ACCEPTED: readonly GoodName[] = [
  { name: 'of 64 bytes', value: 'x'.repeat(64), normal: 'x'.repeat(64) },
  { name: 'of 64 bytes after NFC and 96 before', value: 'e\u0301'.repeat(32), normal: 'é'.repeat(32) },
  ...['__proto__', 'constructor', '.', '/', 'two words', '部屋', '🦊'].map((value) => {
    return { name: `16 "${value}"`, value, normal: value };
  }),
];

describe('a name like any other is a room, a user id and a display name', () => {
  test.each(ACCEPTED)('$name', async ({ value, normal }) => {
    const client = new RawClient(server.port);
    client.send(hello(value, { displayName: value }), join(value), chat(value, 'hello'), leave(value));
    expect(await client.hear('welcome')).toMatchObject({ userId: normal, displayName: normal });
    expect(await client.hear('joined')).toMatchObject({ userId: normal, room: normal, memberCount: 1 });
    const said = { userId: normal, room: normal, displayName: normal };
    expect(await client.hear('broadcast')).toMatchObject(said);
    expect(await client.hear('left')).toMatchObject({ room: normal });
  });
});

test('a room named in NFD is the one named in NFC', async () => {
  const client = await fullClient(server.port, 'ana', ['caf\u00e9']);
  client.send(join('cafe\u0301', { requestId: 'r-1' }));
  expect(await client.hear('error')).toMatchObject({ requestId: 'r-1', reason: 'already_joined', room: 'caf\u00e9' });
});

test('a display name in the join of a full client does not count', async () => {
  const client = await fullClient(server.port, 'ana');
  client.send(envelope(1, { 2: 'other', 3: '\u001bmalformed' }));
  expect(await client.hear('joined')).toMatchObject({ welcomeMessage: 'Welcome to other, ana!' });
});

async function expectRefused(first: Buffer, reason: string): Promise<void> {
  const client = new RawClient(server.port);
  client.send(first);
  const end = await client.ended;
  expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code: status.INVALID_ARGUMENT, reason });
}

import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { LeaveReason, Member_State, ServerNotice_Type } from '../../../../api/gen/chat/v1/chat.ts';
import type { ChatConnection } from '../../../../cli/connection/index.ts';
import { stateOf } from '../../../support/connection-states.ts';
import { broadcast, gap, type ScriptedStream } from '../../../support/scripted-server.ts';
import { failureOf, next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { cut, inLobby, reopened, welcomed } = world;

type Notice = Parameters<typeof notice>[0];

function notice(said: { seq: bigint; type?: ServerNotice_Type; joinedCount?: number; leftCount?: number }) {
  const value = {
    ...{ type: ServerNotice_Type.GENERIC, message: 'words', userId: '', room: 'lobby', displayName: '' },
    ...{ timestampUtc: 0n, reason: LeaveReason.UNSPECIFIED, joinedCount: 0, leftCount: 0, ...said },
  };
  return { $case: 'notice', value } as const;
}

/** Answers a question for history. */
async function tellHistory(stream: ScriptedStream, ...events: Parameters<ScriptedStream['tell']>) {
  const asked = await stream.hears('history');
  const { requestId, room } = asked;
  const entries = events.map((event) => ({ event, batch: [] }));
  stream.tell({ $case: 'history', value: { requestId, room, epoch: 'one', hasMore: true, events: entries } });
  return asked;
}

const KINDS: readonly { readonly kind: 'history' | 'members' | 'heartbeat'; ask(chat: ChatConnection): unknown }[] = [
  { kind: 'history', ask: (chat) => failureOf(chat.history('lobby')) },
  { kind: 'members', ask: (chat) => failureOf(chat.members('lobby')) },
  { kind: 'heartbeat', ask: (chat) => failureOf(chat.roundTrip()) },
];

describe('history', () => {
  test('asks for what is before a seq of an epoch', async () => {
    const { chat, stream } = await inLobby();
    const asked = chat.history('lobby', { before: 9n, epoch: 'one', limit: 2 });
    expect(await tellHistory(stream, broadcast({ seq: 7n }), notice({ seq: 8n }))).toMatchObject({
      ...{ room: 'lobby', beforeSeq: 9n, epoch: 'one', limit: 2 },
    });
    const { events, ...page } = await asked;
    expect(page).toEqual({ room: 'lobby', epoch: 'one', hasMore: true });
    expect(events).toMatchObject([
      { kind: 'message', seq: 7n, content: 'message 7' },
      { kind: 'notice', seq: 8n },
    ]);
  });

  test('without more said asks for a page from the head, in the room by its normal form', async () => {
    const { chat, stream } = await welcomed();
    const asked = chat.history('cafe\u0301');
    const heard = await tellHistory(stream, broadcast({ seq: 1n }));
    expect(heard).toMatchObject({ room: 'caf\u00e9', beforeSeq: 0n, epoch: '', limit: 0 });
    await asked;
  });

  test('has no event without a number, and none that this client does not know', async () => {
    const { chat, stream } = await inLobby();
    const asked = chat.history('lobby');
    await tellHistory(stream, notice({ seq: 0n }), gap(1n, 2n), broadcast({ seq: 3n }));
    expect((await asked).events.map(({ seq }) => seq)).toEqual([3n]);
  });

  test('moves nothing: what is delivered goes on behind it', async () => {
    const { chat, stream } = await inLobby();
    const asked = chat.history('lobby');
    await tellHistory(stream, broadcast({ seq: 11n, content: 'on the page' }));
    await asked;
    stream.tell(broadcast({ seq: 11n, content: 'delivered' }));
    expect(await next(chat)).toMatchObject({ seq: 11n, content: 'delivered' });
  });
});

describe('members', () => {
  test('says who is there, since when, and who is away', async () => {
    const { chat, stream } = await welcomed();
    const asked = chat.members('lobby', { pageSize: 2, pageToken: 'here' });
    const { requestId, ...heard } = await stream.hears('members');
    expect(heard).toEqual({ room: 'lobby', pageSize: 2, pageToken: 'here' });
    const members = [
      { userId: 'ana', displayName: 'Ana', joinedAtUtc: 1000n, state: Member_State.ACTIVE },
      { userId: 'bob', displayName: 'bob', joinedAtUtc: 2000n, state: Member_State.DETACHED },
    ];
    const numbers = { nextPageToken: 'next', memberCount: 9, headSeq: 40n };
    stream.tell({ $case: 'members', value: { requestId, room: 'lobby', members, ...numbers } });
    expect(await asked).toEqual({
      room: 'lobby',
      members: [
        { userId: 'ana', displayName: 'Ana', joinedAt: new Date(1000), isDetached: false },
        { userId: 'bob', displayName: 'bob', joinedAt: new Date(2000), isDetached: true },
      ],
      ...numbers,
    });
  });
});

describe('the round trip', () => {
  test('is measured from the question to the answer with its nonce', async () => {
    const { chat, stream } = await welcomed();
    const [first, second] = [chat.roundTrip(), chat.roundTrip()];
    const [one, two] = [await stream.hears('heartbeat'), await stream.hears('heartbeat')];
    expect([one.reply, two.reply]).toEqual([false, false]);
    world.timing.advance(40);
    stream.tell({ $case: 'heartbeat', value: { nonce: two.nonce, reply: true } });
    expect(await second).toBe(40);
    world.timing.advance(2);
    stream.tell({ $case: 'heartbeat', value: { nonce: one.nonce, reply: true } });
    expect(await first).toBe(42);
  });

  test('a heartbeat of the server with the same nonce is no answer', async () => {
    const { chat, stream } = await welcomed();
    const asked = chat.roundTrip();
    const { nonce } = await stream.hears('heartbeat');
    stream.tell({ $case: 'heartbeat', value: { nonce, reply: false } });
    expect(await stream.hears('heartbeat')).toMatchObject({ nonce, reply: true });
    world.timing.advance(7);
    stream.tell({ $case: 'heartbeat', value: { nonce, reply: true } });
    expect(await asked).toBe(7);
  });
});

describe.each(KINDS)('a question ($kind)', ({ kind, ask }) => {
  test('without a stream fails', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    expect(await ask(chat)).toMatchObject({ reason: 'lost', cause: { reason: 'lost' } });
    const again = await reopened(chat);
    expect(await ask(chat)).toMatchObject({ reason: 'lost' });
    await again.welcome();
    expect(await again.seat({ epoch: 'one', seq: 10n })).toMatchObject({ room: 'lobby' });
    expect(again.unheard).toEqual([]);
  });

  test('that the stream does not answer fails, and is not asked again', async () => {
    const { chat, stream } = await inLobby();
    const asked = ask(chat);
    await stream.hears(kind);
    const again = await cut(chat, stream);
    expect(await asked).toMatchObject({ reason: 'lost' });
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    const posted = chat.post('lobby', 'next');
    await again.ack(11n);
    await posted;
    expect(again.unheard).toEqual([]);
  });

  test('fails with what ended the connection', async () => {
    const { chat, stream } = await inLobby();
    const asked = ask(chat);
    await stream.hears(kind);
    stream.fail(status.ABORTED, { reason: 'replaced' });
    expect(await asked).toMatchObject({ reason: 'replaced' });
    expect(await ask(chat)).toMatchObject({ reason: 'replaced' });
  });

  test('after close fails as closed', async () => {
    const { chat, stream } = await welcomed();
    const closed = chat.close();
    expect(await ask(chat)).toMatchObject({ reason: 'closed' });
    await stream.halfClosed;
    stream.end();
    await closed;
  });

  test('that the server refuses fails with its reason', async () => {
    const { chat, stream } = await welcomed();
    const asked = ask(chat);
    stream.refuse(await stream.hears(kind), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    expect(await asked).toMatchObject({ reason: 'rate_limited', code: 8, retryAfterMs: 50 });
  });

  test('that is answered with something else fails', async () => {
    const { chat, stream } = await welcomed();
    const asked = ask(chat);
    const { requestId } = await stream.hears(kind);
    const nothing = { room: '', messageId: '', seq: 0n, duplicate: false };
    stream.tell({ $case: 'ack', value: { requestId, ...nothing } });
    expect(await asked).toMatchObject({ reason: 'invalid_answer' });
  });

  test('is refused while 256 are outstanding, and taken again behind an answer', async () => {
    const { chat, stream } = await welcomed();
    const [first] = Array.from({ length: 256 }, () => ask(chat));
    expect(await ask(chat)).toMatchObject({ reason: 'outbox_full' });
    stream.refuse(await stream.hears(kind), { reason: 'unsupported' });
    expect(await first).toMatchObject({ reason: 'unsupported' });
    const another = ask(chat);
    for (let i = 1; i < 256; i++) await stream.hears(kind);
    stream.refuse(await stream.hears(kind), { reason: 'unsupported' });
    expect(await another).toMatchObject({ reason: 'unsupported' });
  });
});

test('what the wire has no number for is refused to the caller, and nothing is sent', async () => {
  const { chat, stream } = await inLobby();
  expect(await failureOf(chat.history('lobby', { limit: -1 }))).toBeInstanceOf(Error);
  expect(await failureOf(chat.history('lobby', { before: -1n }))).toBeInstanceOf(Error);
  expect(await failureOf(chat.members('lobby', { pageSize: 0.5 }))).toBeInstanceOf(Error);
  const posted = chat.post('lobby', 'still here');
  await stream.ack(11n);
  expect(await posted).toMatchObject({ seq: 11n });
});

describe('a notice', () => {
  test.each<{ said: Notice; told: object }>([
    { said: { seq: 11n, joinedCount: 3, leftCount: 2 }, told: { seq: 11n, joinedCount: 3, leftCount: 2 } },
    { said: { seq: 0n }, told: { seq: 0n, joinedCount: 0, leftCount: 0 } },
  ])('$said says how many joined and left', async ({ said, told }) => {
    const { chat, stream } = await inLobby();
    stream.tell(notice(said));
    expect(await next(chat)).toEqual({ kind: 'notice', room: 'lobby', text: 'words', ...told });
  });
});

describe('the resume token', () => {
  test('of an earlier process goes out with the first hello, and the last welcome’s with the others', async () => {
    const { chat, stream, hello } = await welcomed({ resumeToken: 'of before' }, { resumeToken: 'first' });
    expect(hello).toMatchObject({ resumeToken: 'of before' });
    expect(chat.resumeToken).toBe('first');
    const again = await cut(chat, stream);
    expect(await again.welcome({ resumeToken: 'second' })).toMatchObject({ resumeToken: 'first' });
    await stateOf(chat, 'live');
    expect(chat.resumeToken).toBe('second');
  });

  test('there is none without being given one', async () => {
    expect((await welcomed()).hello).toMatchObject({ resumeToken: '' });
  });
});

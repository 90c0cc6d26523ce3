import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { stateOf } from '../../../support/connection-states.ts';
import { EPOCH_MS } from '../../../support/fake-timing.ts';
import { failureOf, next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { cut, inLobby, reopened, welcomed } = world;

const taken = { code: 6, reason: 'user_taken', retryAfterMs: 12_000 };

describe('a name that a session holds which is gone', () => {
  test('is waited for, and posts meanwhile', async () => {
    const { chat, stream } = await welcomed();
    const joining = chat.join('lobby');
    stream.refuse(await stream.hears('join'), taken);
    const until = new Date(EPOCH_MS + 12_000);
    expect(await next(chat)).toMatchObject({
      kind: 'join_delayed',
      room: 'lobby',
      until,
      because: { reason: 'user_taken' },
    });
    const posted = chat.post('lobby', 'x');
    expect(stream.unheard).toEqual([]);
    world.timing.advance(12_000);
    await stream.seat({ epoch: 'one', seq: 1n });
    await stream.ack(2n);
    expect(await joining).toMatchObject({ position: { seq: 1n } });
    expect(await posted).toMatchObject({ seq: 2n });
  });

  test('twice, and then it is an error', async () => {
    const { chat, stream } = await welcomed();
    const joining = failureOf(chat.join('lobby'));
    for (let i = 0; i < 2; i++) {
      stream.refuse(await stream.hears('join'), taken);
      await next(chat);
      world.timing.advance(12_000);
    }
    stream.refuse(await stream.hears('join'), taken);
    expect(await joining).toMatchObject({ reason: 'user_taken' });
    expect(world.timing.pending).toBe(0);
  });

  test('not any more when the stream is lost: the next one asks at once, and once', async () => {
    const { chat, stream } = await welcomed();
    const joining = chat.join('lobby');
    stream.refuse(await stream.hears('join'), taken);
    await next(chat);
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 1n });
    await joining;
    expect(world.timing.pending).toBe(0);
  });

  test('not any more when it is closed, or left', async () => {
    const { chat, stream } = await welcomed();
    for (const room of ['lobby', 'attic']) {
      void chat.join(room);
      stream.refuse(await stream.hears('join'), taken);
      await next(chat);
    }
    expect(world.timing.pending).toBe(2);
    const left = chat.leave('attic');
    expect(world.timing.pending).toBe(1);
    stream.refuse(await stream.hears('leave'), { code: 9, reason: 'not_a_member' });
    await left;
    stream.fail(status.ABORTED, { reason: 'replaced' });
    await stateOf(chat, 'closed');
    expect(world.timing.pending).toBe(0);
  });

  test('one that is alive is an error at once', async () => {
    const { chat, stream } = await welcomed();
    const joining = failureOf(chat.join('lobby'));
    stream.refuse(await stream.hears('join'), { ...taken, retryAfterMs: 0 });
    expect(await joining).toMatchObject({ reason: 'user_taken', retryAfterMs: undefined });
  });

  test('when a room cannot be joined again: told, with what was to be said there', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posted = failureOf(chat.post('lobby', 'x'));
    const again = await reopened(chat);
    await again.welcome();
    again.refuse(await again.hears('join'), { code: 8, reason: 'room_full' });
    again.refuse(await again.hears('chat'), { code: 9, reason: 'not_a_member' });
    expect(await next(chat)).toMatchObject({ kind: 'rejoin_refused', room: 'lobby', because: { reason: 'room_full' } });
    expect(await posted).toMatchObject({ reason: 'not_a_member' });
  });

  test('posts behind a join that was put off wait for the seat', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posted = chat.post('lobby', 'x', 'id-1');
    const again = await reopened(chat);
    await again.welcome();
    again.refuse(await again.hears('join'), taken);
    again.refuse(await again.hears('chat'), { code: 9, reason: 'not_a_member' });
    expect(await next(chat)).toMatchObject({ kind: 'join_delayed' });
    world.timing.advance(12_000);
    await again.seat({ epoch: 'one', seq: 10n });
    expect(await again.ack(11n)).toMatchObject({ messageId: 'id-1' });
    expect(await posted).toMatchObject({ seq: 11n });
  });
});

describe('a room that is left with something still to be said there', () => {
  test('before it is joined: that is refused, and its place is free', async () => {
    const { chat, stream } = await inLobby();
    const joining = failureOf(chat.join('attic'));
    stream.refuse(await stream.hears('join'), taken);
    await next(chat);
    const posts = Array.from({ length: 256 }, () => failureOf(chat.post('attic', 'x')));
    const left = chat.leave('attic');
    stream.refuse(await stream.hears('leave'), { code: 9, reason: 'not_a_member' });
    await left;
    const refusal = { reason: 'not_a_member', code: 9, room: 'attic' };
    expect(await joining).toMatchObject(refusal);
    expect(await Promise.all(posts)).toMatchObject(posts.map(() => refusal));
    void chat.post('lobby', 'x');
    expect(await stream.hears('chat')).toMatchObject({ room: 'lobby' });
  });

  test('that was refused as too fast: it is not said any more', async () => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    again.refuse(await again.hears('chat'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    again.tell({ $case: 'left', value: { requestId: '', room: 'lobby', reason: 6, seq: 11n } });
    expect(await posted).toMatchObject({ reason: 'not_a_member', room: 'lobby' });
  });

  test('that is under way: the server answers it', async () => {
    const { chat, stream } = await inLobby();
    const left = chat.leave('lobby');
    const posted = chat.post('lobby', 'x');
    const { requestId } = await stream.hears('leave');
    stream.tell({ $case: 'left', value: { requestId, room: 'lobby', reason: 1, seq: 11n } });
    await left;
    await stream.ack(12n);
    expect(await posted).toMatchObject({ seq: 12n });
  });
});

test('what a listener asks for when a stream is opened goes out once, behind what comes back', async () => {
  const { chat, stream } = await inLobby();
  chat.onState(({ kind }) => {
    if (kind !== 'connecting') return;
    void chat.join('attic');
    void chat.leave('lobby');
  });
  const again = await cut(chat, stream);
  await again.welcome();
  expect(await again.seat({ epoch: 'one', seq: 10n })).toMatchObject({ room: 'lobby' });
  expect(await again.seat({ epoch: 'a', seq: 1n })).toMatchObject({ room: 'attic' });
  await again.hears('leave');
  void chat.join('cellar');
  expect(await again.hears('join')).toMatchObject({ room: 'cellar' });
});

import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { allOf } from '../../../support/all-of.ts';
import { stateOf } from '../../../support/connection-states.ts';
import { broadcast } from '../../../support/scripted-server.ts';
import { failureOf, next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { cut, inLobby, reopened, timers } = world;

describe('leave', () => {
  test('without a stream: the room is not joined again, and its seat given up', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const left = chat.leave('lobby');
    const again = await reopened(chat);
    await again.welcome({ resumed: true });
    const { requestId } = await again.hears('leave');
    again.tell({ $case: 'left', value: { requestId, room: 'lobby', reason: 1, seq: 11n } });
    await left;
    const rejoined = chat.join('lobby');
    expect((await again.seat({ epoch: 'one', seq: 12n })).position).toBeUndefined();
    await rejoined;
  });

  test('of a session that is no more, too', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const left = chat.leave('lobby');
    const again = await reopened(chat);
    await again.welcome({ resumed: false });
    again.refuse(await again.hears('leave'), { code: 9, reason: 'not_a_member' });
    await left;
  });

  test('behind what is still to be said there', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    void chat.post('lobby', 'bye');
    void chat.leave('lobby');
    const again = await reopened(chat);
    await again.welcome();
    await again.hears('join');
    expect(await again.hears('chat')).toMatchObject({ content: 'bye' });
    await again.hears('leave');
  });

  test('refused as too fast: again, when the server says', async () => {
    const { chat, stream } = await inLobby();
    const left = chat.leave('lobby');
    stream.refuse(await stream.hears('leave'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    await timers(1);
    world.timing.advance(50);
    const { requestId } = await stream.hears('leave');
    stream.tell({ $case: 'left', value: { requestId, room: 'lobby', reason: 1, seq: 11n } });
    await left;
  });

  test('not any more when the stream is lost: the next one leaves at once, and once', async () => {
    const { chat, stream } = await inLobby();
    void chat.leave('lobby');
    stream.refuse(await stream.hears('leave'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    await timers(1);
    const again = await cut(chat, stream);
    await again.welcome();
    await again.hears('leave');
    await stateOf(chat, 'live');
    world.timing.advance(50);
    void chat.join('attic');
    await again.hears('join');
  });

  test('a seat that the server takes is not taken back', async () => {
    const { chat, stream } = await inLobby();
    stream.tell({ $case: 'left', value: { requestId: '', room: 'lobby', reason: 6, seq: 11n } });
    expect(await next(chat)).toEqual({ kind: 'removed', room: 'lobby', reason: 'kicked' });
    const again = await cut(chat, stream);
    await again.welcome();
    await stateOf(chat, 'live');
    expect(again.unheard).toEqual([]);
  });

  test('a kept seat that ends before it is joined again is no reason to stay away', async () => {
    const { chat, stream } = await inLobby();
    const again = await cut(chat, stream);
    await again.welcome({ resumed: true });
    again.refuse(await again.hears('join'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    expect(await next(chat)).toMatchObject({ kind: 'join_delayed', room: 'lobby' });
    again.tell(
      { $case: 'left', value: { requestId: '', room: 'lobby', reason: 2, seq: 11n } },
      broadcast({ seq: 1n, room: 'attic' }),
    );
    await new Promise((resolve) => setImmediate(resolve));
    world.timing.advance(50);
    expect(await again.hears('join')).toMatchObject({ room: 'lobby', position: { epoch: 'one', seq: 10n } });
  });
});

describe('close', () => {
  test('leaves all rooms, then half-closes, and leaves no timer', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    expect(chat.state).toEqual({ kind: 'closed', why: undefined });
    const { requestId } = await stream.hears('leave');
    stream.tell(broadcast({ seq: 11n }), {
      $case: 'left',
      value: { requestId, room: 'lobby', reason: 1, seq: 12n },
    });
    await stream.halfClosed;
    stream.end();
    await closed;
    expect(await allOf(chat.events)).toMatchObject([{ kind: 'message', seq: 11n }]);
    expect(world.timing.pending).toBe(0);
  });

  test('half-closes when all rooms are left, those too that have to be left again', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    stream.refuse(await stream.hears('leave'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    // The patience, and the wait.
    await timers(2);
    world.timing.advance(50);
    const { requestId } = await stream.hears('leave');
    stream.tell({ $case: 'left', value: { requestId, room: 'lobby', reason: 1, seq: 11n } });
    await stream.halfClosed;
    stream.end();
    await closed;
  });

  test('what comes behind the half-close is told, and a heartbeat there is no harm', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    const { requestId } = await stream.hears('leave');
    stream.refuse({ requestId }, { code: 13, reason: 'internal' });
    await stream.halfClosed;
    stream.tell({ $case: 'heartbeat', value: { nonce: Buffer.from('n'), reply: false } });
    stream.tell(broadcast({ seq: 11n }));
    stream.end();
    await closed;
    expect(await allOf(chat.events)).toMatchObject([{ kind: 'message', seq: 11n }]);
  });

  test('has five seconds of patience', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    await stream.hears('leave');
    world.timing.advance(5000);
    await closed;
    await stream.gone;
    expect(world.timing.pending).toBe(0);
  });

  test('nor does a leave that was to be tried again leave a timer', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    stream.refuse(await stream.hears('leave'), { code: 8, reason: 'rate_limited', retryAfterMs: 60_000 });
    // The patience, and the wait.
    await timers(2);
    world.timing.advance(5000);
    await closed;
    expect(world.timing.pending).toBe(0);
  });

  test('a stream that breaks meanwhile is not replaced', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    stream.fail(status.UNAVAILABLE);
    await closed;
    expect(chat.state).toEqual({ kind: 'closed', why: undefined });
    expect(world.timing.pending).toBe(0);
  });

  test('while waiting ends at once, with what was not acked', async () => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    await chat.close();
    expect(await posted).toMatchObject({ reason: 'closed' });
    expect(await allOf(chat.events)).toEqual([]);
    expect(world.timing.pending).toBe(0);
  });

  test('abort while waiting ends at once', async () => {
    const stop = new AbortController();
    const { chat, stream } = await inLobby({ signal: stop.signal });
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    stop.abort();
    expect(chat.state).toMatchObject({ kind: 'closed', why: { reason: 'aborted' } });
    expect(await failureOf(allOf(chat.events))).toMatchObject({ reason: 'aborted' });
    expect(world.timing.pending).toBe(0);
  });
});

import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ChatConnection, type ConnectionState, connect } from '../../../../cli/connection/index.ts';
import { allOf } from '../../../support/all-of.ts';
import { stateOf, untilDue } from '../../../support/connection-states.ts';
import { EPOCH_MS } from '../../../support/fake-timing.ts';
import { broadcast, gap, type ScriptedStream } from '../../../support/scripted-server.ts';
import { failureOf, next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { cut, inLobby, reopened } = world;

describe('when the stream is lost', () => {
  test('the states are told, with the delay of the backoff', async () => {
    const { chat, stream } = await inLobby();
    const states: ConnectionState[] = [];
    chat.onState((state) => states.push(state));
    expect(chat.state).toEqual({ kind: 'live' });
    stream.fail(status.UNAVAILABLE);
    const waiting = await stateOf(chat, 'waiting');
    expect(waiting).toMatchObject({ attempt: 1, because: { reason: 'lost', code: 14 } });
    expect(waiting.until).toEqual(new Date(EPOCH_MS + 125));

    world.timing.advance(124);
    expect(chat.state.kind).toBe('waiting');
    world.timing.advance(1);
    expect(chat.state).toEqual({ kind: 'connecting' });
    await (await world.server.stream()).welcome();
    await stateOf(chat, 'live');
    expect(states.map(({ kind }) => kind)).toEqual(['waiting', 'connecting', 'live']);
  });

  test('hello, joins with their positions and unacked posts come back together, before any answer', async () => {
    const { chat, stream } = await inLobby();
    const attic = chat.join('attic');
    await stream.seat({ epoch: 'a', seq: 3n }, broadcast({ room: 'attic', seq: 4n }), gap(11n, 20n));
    await attic;
    const acked = chat.post('lobby', 'acked');
    await stream.ack(21n);
    await acked;
    void chat.post('lobby', 'one', 'id-1');
    void chat.post('attic', 'two');
    await stream.hears('chat');
    const two = await stream.hears('chat');
    const again = await cut(chat, stream);

    expect(await again.hears('hello')).toMatchObject({ userId: 'ana', resumeToken: 'token' });
    expect(await again.hears('join')).toMatchObject({ room: 'lobby', position: { epoch: 'one', seq: 20n } });
    expect(await again.hears('join')).toMatchObject({ room: 'attic', position: { epoch: 'a', seq: 4n } });
    expect(await again.hears('chat')).toMatchObject({ room: 'lobby', content: 'one', messageId: 'id-1' });
    expect(await again.hears('chat')).toMatchObject({ content: 'two', messageId: two.messageId });
    expect(again.unheard).toEqual([]);
  });

  test('what was missed is replayed without doubles, and its end is told', async () => {
    const { chat, stream } = await inLobby();
    stream.tell(broadcast({ seq: 11n }), broadcast({ seq: 12n }));
    const again = await cut(chat, stream);
    await again.welcome({ resumed: true });
    const ack = { epoch: 'one', seq: 12n, recovered: true, headSeq: 14n };
    const missed = [12n, 13n, 14n, 15n].map((seq) => broadcast({ seq }));
    expect((await again.seat(ack, ...missed)).position).toEqual({ epoch: 'one', seq: 12n });

    for (const seq of [11n, 12n, 13n, 14n]) expect(await next(chat)).toMatchObject({ kind: 'message', seq });
    const awayMs = 125;
    expect(await next(chat)).toEqual({ kind: 'recovered', room: 'lobby', events: 2, messages: 2, awayMs });
    expect(await next(chat)).toMatchObject({ kind: 'message', seq: 15n });
  });

  test('the position is what the application was given, however much more had come in', async () => {
    const { chat, stream } = await inLobby();
    stream.tell(broadcast({ seq: 11n }));
    stream.fail(status.UNAVAILABLE);
    const again = await reopened(chat);
    await again.welcome();
    expect((await again.seat({ epoch: 'one', seq: 11n })).position).toEqual({ epoch: 'one', seq: 11n });
    expect(await next(chat)).toMatchObject({ seq: 11n });
  });

  test('a server that began anew: restarted, and one’s own word is said twice and shown once', async () => {
    const { chat, stream } = await inLobby();
    const posted = chat.post('lobby', 'mine', 'id-1');
    await stream.hears('chat');
    stream.tell(broadcast({ seq: 11n, userId: 'ana', messageId: 'id-1' }));
    expect(await next(chat)).toMatchObject({ seq: 11n });
    const again = await cut(chat, stream);
    await again.welcome({ resumed: false });
    await again.seat({ epoch: 'two', seq: 0n, headSeq: 1n });
    await again.ack(2n);
    again.tell(
      broadcast({ seq: 1n }),
      broadcast({ seq: 2n, userId: 'ana', messageId: 'id-1' }),
      broadcast({ seq: 3n }),
    );

    expect(await posted).toEqual({ room: 'lobby', messageId: 'id-1', seq: 2n, duplicate: false });
    expect(await next(chat)).toEqual({ kind: 'restarted', room: 'lobby', epoch: 'two' });
    expect(await next(chat)).toMatchObject({ kind: 'message', seq: 1n });
    expect(await next(chat)).toMatchObject({ kind: 'recovered', messages: 1 });
    expect(await next(chat)).toMatchObject({ kind: 'message', seq: 3n });
  });

  test('a room whose new beginning is gone as well: that is told as a gap', async () => {
    const { chat, stream } = await inLobby();
    const again = await cut(chat, stream);
    await again.welcome();
    const ahead = gap(1n, 20n, { epoch: 'two' });
    await again.seat({ epoch: 'two', seq: 20n, headSeq: 21n }, ahead, broadcast({ seq: 21n }), broadcast({ seq: 22n }));
    expect(await next(chat)).toEqual({ kind: 'restarted', room: 'lobby', epoch: 'two' });
    expect(await next(chat)).toEqual({ kind: 'gap', room: 'lobby', epoch: 'two', fromSeq: 1n, toSeq: 20n });
    expect(await next(chat)).toMatchObject({ kind: 'message', seq: 21n });
    expect(await next(chat)).toMatchObject({ kind: 'recovered', events: 1 });
    expect(await next(chat)).toMatchObject({ kind: 'message', seq: 22n });
  });

  test('an end with OK that was not asked for is a loss', async () => {
    const { chat, stream } = await inLobby();
    stream.end();
    expect(await stateOf(chat, 'waiting')).toMatchObject({ because: { reason: 'lost' } });
  });

  test('a reset without a reason, as who does not read gets it, is a loss like another', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.RESOURCE_EXHAUSTED);
    const again = await reopened(chat);
    expect(await again.hears('hello')).toMatchObject({ resumeToken: 'token' });
  });

  test('a stream that was welcomed and falls at once counts as a failed attempt; one that lasts does not', async () => {
    let { chat, stream } = await inLobby();
    for (const attempt of [1, 2]) {
      stream.fail(status.UNAVAILABLE);
      expect(await stateOf(chat, 'waiting')).toMatchObject({ attempt });
      stream = await reopened(chat);
      await stream.welcome();
      await stateOf(chat, 'live');
    }
    world.timing.advance(5000);
    stream.fail(status.UNAVAILABLE);
    expect(await stateOf(chat, 'waiting')).toMatchObject({ attempt: 1 });
  });

  test('while there is no server, attempts go on', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    world.server.stop();
    for (const attempt of [2, 3]) {
      await untilDue(chat, world.timing);
      await stateOf(chat, 'connecting');
      expect(await stateOf(chat, 'waiting')).toMatchObject({ attempt, because: { reason: 'unreachable' } });
    }
  });
});

describe('a delay that the server told', () => {
  test.each([
    {
      by: 'the trailer',
      end: (stream: ScriptedStream) => stream.fail(status.UNAVAILABLE, { reason: 'draining', retryAfterMs: 45_000 }),
    },
    {
      by: 'draining',
      end: (stream: ScriptedStream) => {
        stream.tell({ $case: 'draining', value: { reason: 'shutdown', reconnectAfterMs: 45_000 } });
        stream.fail(status.UNAVAILABLE, { reason: 'draining' });
      },
    },
  ])('by $by is obeyed to the millisecond', async ({ end }) => {
    const { chat, stream } = await inLobby();
    end(stream);
    const { until, because } = await stateOf(chat, 'waiting');
    expect(until).toEqual(new Date(EPOCH_MS + 45_000));
    expect(because).toMatchObject({ reason: 'draining', retryAfterMs: 45_000 });
    world.timing.advance(44_999);
    expect(chat.state.kind).toBe('waiting');
    world.timing.advance(1);
    expect(chat.state.kind).toBe('connecting');
  });

  test('a post and a join that are refused as draining go out with the next stream', async () => {
    const { chat, stream } = await inLobby();
    const posted = chat.post('lobby', 'x', 'id-1');
    stream.refuse(await stream.hears('chat'), { code: 14, reason: 'draining', retryAfterMs: 1000 });
    const joined = chat.join('attic');
    stream.refuse(await stream.hears('join'), { code: 14, reason: 'draining' });
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    await again.seat({ epoch: 'a', seq: 1n });
    expect(await again.ack(11n)).toMatchObject({ messageId: 'id-1' });
    expect(await joined).toMatchObject({ room: 'attic', position: { epoch: 'a', seq: 1n } });
    expect(await posted).toMatchObject({ seq: 11n });
  });
});

describe('what cannot heal ends the connection', () => {
  test.each([
    { code: status.ABORTED, reason: 'replaced' },
    { code: status.UNAUTHENTICATED, reason: 'token_expired' },
    { code: status.PERMISSION_DENIED, reason: 'banned' },
    { code: status.INVALID_ARGUMENT, reason: 'invalid_envelope' },
  ])('$reason', async ({ code, reason }) => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    await stream.hears('chat');
    stream.fail(code, { reason, retryAfterMs: 1000 });

    const { why } = await stateOf(chat, 'closed');
    expect(why).toMatchObject({ reason, code });
    expect(await posted).toBe(why);
    expect(await failureOf(allOf(chat.events))).toBe(why);
    expect(await failureOf(chat.join('attic'))).toBe(why);
    await chat.close();
    expect(world.timing.pending).toBe(0);
  });

  test('in a later hello, too', async () => {
    const { chat, stream } = await inLobby();
    const again = await cut(chat, stream);
    await again.hears('hello');
    again.fail(status.UNAUTHENTICATED, { reason: 'unauthenticated' });
    expect((await stateOf(chat, 'closed')).why).toMatchObject({ reason: 'unauthenticated' });
    expect(world.timing.pending).toBe(0);
  });

  test.each([
    { giveUpAfterMs: 0, attempts: 0 },
    { giveUpAfterMs: 600, attempts: 2 },
  ])('after $giveUpAfterMs ms without a server it gives up', async ({ giveUpAfterMs, attempts }) => {
    const { chat, stream } = await inLobby({ giveUpAfterMs });
    const changed = new Promise((resolve) => chat.onState(resolve));
    stream.fail(status.UNAVAILABLE);
    await changed;
    world.server.stop();
    for (let attempt = 1; attempt <= attempts; attempt++) {
      await untilDue(chat, world.timing);
      await stateOf(chat, 'connecting');
    }
    expect((await stateOf(chat, 'closed')).why?.code).toBe(14);
    expect(world.timing.pending).toBe(0);
  });
});

describe('the first connect', () => {
  test('fails without a server', async () => {
    world.server.stop();
    expect(await failureOf(connect({ port: world.server.port, userId: 'ana', timing: world.timing }))).toMatchObject({
      reason: 'unreachable',
    });
    expect(world.timing.pending).toBe(0);
  });

  test('goes on with retryFirst', async () => {
    const chat = new ChatConnection({ port: world.server.port, userId: 'ana', timing: world.timing, retryFirst: true });
    const stream = await world.server.stream();
    await stream.hears('hello');
    stream.fail(status.RESOURCE_EXHAUSTED, { reason: 'server_full', retryAfterMs: 2000 });
    expect((await stateOf(chat, 'waiting')).until).toEqual(new Date(EPOCH_MS + 2000));
    await (await reopened(chat)).welcome();
    await chat.welcomed;
    expect(chat.state).toEqual({ kind: 'live' });
  });

  test('is cut when the server does not answer hello', async () => {
    const connecting = failureOf(connect({ port: world.server.port, userId: 'ana', timing: world.timing }));
    const stream = await world.server.stream();
    await stream.hears('hello');
    world.timing.advance(10_000);
    expect(await connecting).toMatchObject({ reason: 'unreachable' });
    await stream.gone;
  });
});

describe('an application that does not read', () => {
  test('gets no new stream for a lost one until it has read', async () => {
    const { chat, stream } = await inLobby();
    const [first = broadcast({ seq: 0n }), ...others] = Array.from({ length: 1100 }, (_, i) =>
      broadcast({ seq: BigInt(i + 11) }),
    );
    stream.tell(first, ...others);
    stream.fail(status.RESOURCE_EXHAUSTED, { reason: 'slow_consumer' });
    await stateOf(chat, 'waiting');
    await untilDue(chat, world.timing);
    expect(chat.state.kind).toBe('waiting');
    // Everything that had come in is there.
    for (let i = 0; i < 600; i++) await next(chat);
    expect(chat.state.kind).toBe('connecting');
    const again = await world.server.stream();
    await again.hears('hello');
    expect((await again.hears('join')).position).toEqual({ epoch: 'one', seq: 1110n });
  });
});

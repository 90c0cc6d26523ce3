import { status } from '@grpc/grpc-js';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import {
  ChatConnection,
  type ChatEvent,
  type ConnectionState,
  type ConnectOptions,
  connect,
} from '../../../../cli/connection/index.ts';
import { allOf } from '../../../support/all-of.ts';
import { stateOf, untilDue } from '../../../support/connection-states.ts';
import { EPOCH_MS, FakeTiming } from '../../../support/fake-timing.ts';
import { broadcast, gap, type ScriptedStream, scriptedServer } from '../../../support/scripted-server.ts';

let server: Awaited<ReturnType<typeof scriptedServer>>;
let timing: FakeTiming;

beforeEach(async () => {
  const started = await scriptedServer();
  server = started;
  timing = new FakeTiming();
  onTestFinished(() => started.stop());
});

async function welcomed(options: Partial<ConnectOptions> = {}) {
  const connecting = connect({ port: server.port, userId: 'ana', timing, ...options });
  const stream = await server.stream();
  const hello = await stream.welcome();
  return { chat: await connecting, stream, hello };
}

/** ana in the lobby, at {one, 10}. */
async function inLobby(options: Partial<ConnectOptions> = {}) {
  const { chat, stream } = await welcomed(options);
  const joining = chat.join('lobby');
  await stream.seat({ epoch: 'one', seq: 10n });
  await joining;
  return { chat, stream };
}

async function next(chat: ChatConnection): Promise<ChatEvent> {
  const { done, value } = await chat.events.next();
  if (done) throw new Error('the iteration has ended');
  return value;
}

/** The next stream of a connection that waits. */
async function reopened(chat: ChatConnection): Promise<ScriptedStream> {
  await untilDue(chat, timing);
  return server.stream();
}

/** Cuts the stream and gives the next one. */
function cut(chat: ChatConnection, stream: ScriptedStream): Promise<ScriptedStream> {
  stream.fail(status.UNAVAILABLE);
  return reopened(chat);
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'it did not fail',
    (error: unknown) => error,
  );

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

    timing.advance(124);
    expect(chat.state.kind).toBe('waiting');
    timing.advance(1);
    expect(chat.state).toEqual({ kind: 'connecting' });
    await (await server.stream()).welcome();
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

  test('an end with OK that was not asked for is a loss', async () => {
    const { chat, stream } = await inLobby();
    stream.end();
    expect(await stateOf(chat, 'waiting')).toMatchObject({ because: { reason: 'lost' } });
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
    timing.advance(5000);
    stream.fail(status.UNAVAILABLE);
    expect(await stateOf(chat, 'waiting')).toMatchObject({ attempt: 1 });
  });

  test('while there is no server, attempts go on', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    server.stop();
    for (const attempt of [2, 3]) {
      await untilDue(chat, timing);
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
    timing.advance(44_999);
    expect(chat.state.kind).toBe('waiting');
    timing.advance(1);
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
    expect(timing.pending).toBe(0);
  });

  test('in a later hello, too', async () => {
    const { chat, stream } = await inLobby();
    const again = await cut(chat, stream);
    await again.hears('hello');
    again.fail(status.UNAUTHENTICATED, { reason: 'unauthenticated' });
    expect((await stateOf(chat, 'closed')).why).toMatchObject({ reason: 'unauthenticated' });
    expect(timing.pending).toBe(0);
  });

  test.each([
    { giveUpAfterMs: 0, attempts: 0 },
    { giveUpAfterMs: 600, attempts: 2 },
  ])('after $giveUpAfterMs ms without a server it gives up', async ({ giveUpAfterMs, attempts }) => {
    const { chat, stream } = await inLobby({ giveUpAfterMs });
    const changed = new Promise((resolve) => chat.onState(resolve));
    stream.fail(status.UNAVAILABLE);
    await changed;
    server.stop();
    for (let attempt = 1; attempt <= attempts; attempt++) {
      await untilDue(chat, timing);
      await stateOf(chat, 'connecting');
    }
    expect((await stateOf(chat, 'closed')).why?.code).toBe(14);
    expect(timing.pending).toBe(0);
  });
});

describe('the first connect', () => {
  test('fails without a server', async () => {
    server.stop();
    expect(await failureOf(connect({ port: server.port, userId: 'ana', timing }))).toMatchObject({
      reason: 'unreachable',
    });
    expect(timing.pending).toBe(0);
  });

  test('goes on with retryFirst', async () => {
    const chat = new ChatConnection({ port: server.port, userId: 'ana', timing, retryFirst: true });
    const stream = await server.stream();
    await stream.hears('hello');
    stream.fail(status.RESOURCE_EXHAUSTED, { reason: 'server_full', retryAfterMs: 2000 });
    expect((await stateOf(chat, 'waiting')).until).toEqual(new Date(EPOCH_MS + 2000));
    await (await reopened(chat)).welcome();
    await chat.welcomed;
    expect(chat.state).toEqual({ kind: 'live' });
  });

  test('is cut when the server does not answer hello', async () => {
    const connecting = failureOf(connect({ port: server.port, userId: 'ana', timing }));
    const stream = await server.stream();
    await stream.hears('hello');
    timing.advance(10_000);
    expect(await connecting).toMatchObject({ reason: 'unreachable' });
    await stream.gone;
  });
});

describe('heartbeats', () => {
  test('the server’s are answered; its answers are not', async () => {
    const { stream } = await welcomed();
    stream.tell({ $case: 'heartbeat', value: { nonce: Buffer.from('answer'), reply: true } });
    stream.tell({ $case: 'heartbeat', value: { nonce: Buffer.from('question'), reply: false } });
    expect(await stream.hears('heartbeat')).toMatchObject({ nonce: Buffer.from('question'), reply: true });
    expect(stream.unheard).toEqual([]);
  });

  test('a server that is silent for the interval and 10 s is left', async () => {
    const { chat, stream } = await welcomed();
    stream.fail(status.UNAVAILABLE);
    const again = await reopened(chat);
    await again.welcome({ heartbeatIntervalMs: 25_000 });
    await stateOf(chat, 'live');
    timing.advance(34_999);
    expect(chat.state.kind).toBe('live');
    timing.advance(1);
    expect(chat.state).toMatchObject({ kind: 'waiting', because: { reason: 'lost' } });
    await again.gone;
  });

  test('a server without heartbeats may be silent', async () => {
    const { chat } = await welcomed();
    timing.advance(86_400_000);
    expect(chat.state.kind).toBe('live');
  });

  test('while the application does not read, silence is no sign; once it does, it is', async () => {
    const connecting = connect({ port: server.port, userId: 'ana', timing });
    const stream = await server.stream();
    await stream.welcome({ heartbeatIntervalMs: 25_000 });
    const chat = await connecting;
    const joining = chat.join('lobby');
    const [first = broadcast({ seq: 0n }), ...others] = Array.from({ length: 1024 }, (_, i) =>
      broadcast({ seq: BigInt(i + 1) }),
    );
    await stream.seat({ epoch: 'one', seq: 0n }, first, ...others);
    await joining;
    timing.advance(86_400_000);
    expect(chat.state.kind).toBe('live');
    for (let i = 0; i < 600; i++) await next(chat);
    timing.advance(34_999);
    expect(chat.state.kind).toBe('live');
    timing.advance(1);
    expect(chat.state.kind).toBe('waiting');
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
    await untilDue(chat, timing);
    expect(chat.state.kind).toBe('waiting');
    // Everything that had come in is there.
    for (let i = 0; i < 600; i++) await next(chat);
    expect(chat.state.kind).toBe('connecting');
    const again = await server.stream();
    await again.hears('hello');
    expect((await again.hears('join')).position).toEqual({ epoch: 'one', seq: 1110n });
  });
});

describe('posts', () => {
  test('beyond 256 without an ack they are refused, with or without a stream', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posts = Array.from({ length: 256 }, (_, i) => chat.post('lobby', `${i}`));
    expect(await failureOf(chat.post('lobby', 'one too many'))).toMatchObject({ reason: 'outbox_full' });
    const again = await reopened(chat);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    for (let i = 0; i < 256; i++) expect(await again.ack(BigInt(i + 11))).toMatchObject({ content: `${i}` });
    expect((await Promise.all(posts)).at(-1)).toMatchObject({ seq: 266n });
  });

  test('a new one that is refused as too fast is its caller’s', async () => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    stream.refuse(await stream.hears('chat'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    expect(await posted).toMatchObject({ reason: 'rate_limited', retryAfterMs: 50 });
  });

  test('those sent again that are refused as too fast go out one by one: the server may have them already', async () => {
    const { chat, stream } = await inLobby();
    const posts = ['one', 'two', 'three'].map((id) => chat.post('lobby', 'x', id));
    for (const _ of posts) await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    for (const _ of posts)
      again.refuse(await again.hears('chat'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    // Its answer comes behind the refusals.
    const attic = chat.join('attic');
    await again.seat({ epoch: 'a', seq: 1n });
    await attic;
    timing.advance(50);
    expect(await again.ack(11n, true)).toMatchObject({ messageId: 'one' });
    void chat.leave('attic');
    await again.hears('leave');
    timing.advance(1000);
    expect(await again.ack(12n)).toMatchObject({ messageId: 'two' });
    expect(await Promise.all(posts.slice(0, 2))).toMatchObject([{ duplicate: true }, { duplicate: false }]);
    again.fail(status.ABORTED, { reason: 'replaced' });
    await stateOf(chat, 'closed');
    expect(timing.pending).toBe(0);
  });

  test('those that were said without a stream are not their caller’s to send again', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posted = chat.post('lobby', 'x', 'one');
    const again = await reopened(chat);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    again.refuse(await again.hears('chat'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    while (timing.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    timing.advance(50);
    expect(await again.ack(11n)).toMatchObject({ messageId: 'one' });
    expect(await posted).toMatchObject({ seq: 11n });
  });

  test('what is larger than the server takes is not sent', async () => {
    const chat = connect({ port: server.port, userId: 'ana', timing });
    const stream = await server.stream();
    await stream.welcome({
      limits: {
        ...{ maxEnvelopeBytes: 1000, maxContentBytes: 900, maxNameBytes: 64, maxRooms: 1, envelopesPerSecond: 0 },
        ...{ envelopeBurst: 0, maxUnacked: 256, resumeGraceMs: 0, maxPageSize: 1 },
      },
    });
    expect(await failureOf((await chat).post('lobby', 'x'.repeat(1000)))).toMatchObject({
      reason: 'envelope_too_large',
      code: 8,
    });
    expect(stream.unheard).toEqual([]);
  });
});

describe('a name that a session holds which is gone', () => {
  const taken = { code: 6, reason: 'user_taken', retryAfterMs: 12_000 };

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
    timing.advance(12_000);
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
      timing.advance(12_000);
    }
    stream.refuse(await stream.hears('join'), taken);
    expect(await joining).toMatchObject({ reason: 'user_taken' });
    expect(timing.pending).toBe(0);
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
    expect(timing.pending).toBe(0);
  });

  test('not any more when it is closed, or left', async () => {
    const { chat, stream } = await welcomed();
    for (const room of ['lobby', 'attic']) {
      void chat.join(room);
      stream.refuse(await stream.hears('join'), taken);
      await next(chat);
    }
    expect(timing.pending).toBe(2);
    const left = chat.leave('attic');
    expect(timing.pending).toBe(1);
    stream.refuse(await stream.hears('leave'), { code: 9, reason: 'not_a_member' });
    await left;
    stream.fail(status.ABORTED, { reason: 'replaced' });
    await stateOf(chat, 'closed');
    expect(timing.pending).toBe(0);
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
    timing.advance(12_000);
    await again.seat({ epoch: 'one', seq: 10n });
    expect(await again.ack(11n)).toMatchObject({ messageId: 'id-1' });
    expect(await posted).toMatchObject({ seq: 11n });
  });
});

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
    while (timing.pending === 0) await new Promise((resolve) => setImmediate(resolve));
    timing.advance(50);
    const { requestId } = await stream.hears('leave');
    stream.tell({ $case: 'left', value: { requestId, room: 'lobby', reason: 1, seq: 11n } });
    await left;
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
    timing.advance(50);
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
    expect(timing.pending).toBe(0);
  });

  test('half-closes when all rooms are left, those too that have to be left again', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    stream.refuse(await stream.hears('leave'), { code: 8, reason: 'rate_limited', retryAfterMs: 50 });
    // The patience, and the wait.
    while (timing.pending < 2) await new Promise((resolve) => setImmediate(resolve));
    timing.advance(50);
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
    timing.advance(5000);
    await closed;
    await stream.gone;
    expect(timing.pending).toBe(0);
  });

  test('a stream that breaks meanwhile is not replaced', async () => {
    const { chat, stream } = await inLobby();
    const closed = chat.close();
    stream.fail(status.UNAVAILABLE);
    await closed;
    expect(chat.state).toEqual({ kind: 'closed', why: undefined });
    expect(timing.pending).toBe(0);
  });

  test('while waiting ends at once, with what was not acked', async () => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    await chat.close();
    expect(await posted).toMatchObject({ reason: 'closed' });
    expect(await allOf(chat.events)).toEqual([]);
    expect(timing.pending).toBe(0);
  });

  test('abort while waiting ends at once', async () => {
    const stop = new AbortController();
    const { chat, stream } = await inLobby({ signal: stop.signal });
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    stop.abort();
    expect(chat.state).toMatchObject({ kind: 'closed', why: { reason: 'aborted' } });
    expect(await failureOf(allOf(chat.events))).toMatchObject({ reason: 'aborted' });
    expect(timing.pending).toBe(0);
  });
});

import { once } from 'node:events';
import { createServer } from 'node:net';
import { inspect } from 'node:util';
import { status } from '@grpc/grpc-js';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  ChatConnection,
  type ConnectionState,
  type ConnectOptions,
  connect,
  listRooms,
  type TokenSource,
} from '../../../../cli/connection/index.ts';
import { authority } from '../../../support/certificates.ts';
import { stateOf, untilDue } from '../../../support/connection-states.ts';
import { broadcast, type ScriptedStream, scriptedServer } from '../../../support/scripted-server.ts';
import { failureOf, next, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { inLobby, welcomed } = world;

/** Gives these tokens, one each time it is asked, and the last one ever after. */
function tokens(...given: readonly [string, ...string[]]) {
  const left = [...given];
  return vi.fn((): string => (left.length > 1 ? left.shift() : left[0]) ?? '');
}

/** The next stream, welcomed, with the lobby joined where ana stood. */
async function movedTo(stream: ScriptedStream, seq = 10n): Promise<ScriptedStream> {
  await stream.welcome({ resumed: true });
  await stream.seat({ epoch: 'one', seq, recovered: true });
  return stream;
}

describe('a token', () => {
  test.each([
    { what: 'a text', token: ' one\n', sent: 'Bearer one' },
    { what: 'what a function gives', token: () => 'one', sent: 'Bearer one' },
    { what: 'what a function promises', token: async () => 'one', sent: 'Bearer one' },
    { what: 'nothing', token: undefined, sent: undefined },
  ])('goes with the call: $what', async ({ token, sent }) => {
    const { stream, chat } = await welcomed(token === undefined ? {} : { token });
    expect(stream.authorization).toBe(sent);
    expect(chat.state.kind).toBe('live');
  });

  test('makes a user id and a name needless', async () => {
    const connecting = connect({ port: world.server.port, token: 'one' });
    const stream = await world.server.stream();
    const hello = await stream.welcome({ userId: 'the token says ana', displayName: 'Ana' });
    expect(hello).toMatchObject({ userId: '', displayName: '' });
    expect(await connecting).toMatchObject({ userId: 'the token says ana', displayName: 'Ana' });
  });

  test('is asked for anew for each stream', async () => {
    const token = tokens('one', 'two');
    const { chat, stream } = await inLobby({ token });
    const post = chat.post('lobby', 'held');
    await stream.hears('chat');
    stream.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    const again = await world.server.stream();
    expect([stream.authorization, again.authorization]).toEqual(['Bearer one', 'Bearer two']);
    await movedTo(again);
    await again.ack(11n);
    expect(await post).toMatchObject({ seq: 11n });
    expect(token).toHaveBeenCalledTimes(2);
  });

  test('that waits for somebody holds what is wanted meanwhile', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const chat = new ChatConnection({ port: world.server.port, token: () => promise, timing: world.timing });
    const joining = chat.join('lobby');
    const posting = chat.post('lobby', 'first');
    expect(chat.state).toEqual({ kind: 'connecting' });
    resolve('one');
    const stream = await world.server.stream();
    await stream.welcome();
    await stream.seat({ epoch: 'one', seq: 0n });
    await joining;
    await stream.ack(1n);
    await posting;
    expect(stream.unheard).toEqual([]);
  });

  test.each([
    { what: 'fails', token: () => Promise.reject(new Error('the vault is shut')), says: 'the vault is shut' },
    {
      what: 'throws',
      token: () => {
        throw new Error('no file');
      },
      says: 'no file',
    },
    { what: 'is empty', token: () => ' \n', says: 'it is empty' },
    { what: 'is none', token: () => 'two words\nand more', says: 'what was given is none' },
    { what: 'is none at all', token: (() => undefined) as unknown as () => string, says: 'it is empty' },
  ])('that $what is said so', async ({ token, says }) => {
    const { port } = world.server;
    for (const failing of [connect({ port, token, timing: world.timing }), listRooms({ port, token })]) {
      const failure = await failureOf(failing);
      expect(failure).toMatchObject({ reason: 'no_token', message: expect.stringContaining(says) });
    }
    expect(world.timing.pending).toBe(0);
  });

  test('that never comes is given up', async () => {
    const token = () => new Promise<string>(() => {});
    const chat = new ChatConnection({ port: world.server.port, token, welcomeTimeoutMs: 4_000, timing: world.timing });
    world.timing.advance(3_999);
    expect(chat.state.kind).toBe('connecting');
    world.timing.advance(1);
    expect(await failureOf(chat.welcomed)).toMatchObject({
      reason: 'no_token',
      message: expect.stringContaining('has not answered for 4 s'),
    });
    expect(await failureOf(listRooms({ port: world.server.port, token, timeoutMs: 1 }))).toMatchObject({
      reason: 'no_token',
    });
  });

  test('that never comes keeps nobody from going', async () => {
    const token = () => new Promise<string>(() => {});
    const closing = new ChatConnection({ port: world.server.port, token, timing: world.timing });
    await closing.close();
    expect(closing.state).toEqual({ kind: 'closed', why: undefined });
    const abort = new AbortController();
    const { signal } = abort;
    const { port } = world.server;
    const failing = [connect({ port, token, signal, timing: world.timing }), listRooms({ port, token, signal })];
    abort.abort();
    for (const one of failing) expect(await failureOf(one)).toMatchObject({ reason: 'aborted' });
    expect(world.timing.pending).toBe(0);
  });

  test('that could not be had once is asked for again when a stream is to come back', async () => {
    const answers = [() => 'one', () => Promise.reject(new Error('not now')), () => 'two'];
    const { chat, stream } = await inLobby({ token: () => (answers.shift() ?? (() => ''))() });
    stream.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    await vi.waitFor(() => expect(chat.state).toMatchObject({ kind: 'waiting', because: { reason: 'no_token' } }));
    await untilDue(chat, world.timing);
    expect((await world.server.stream()).authorization).toBe('Bearer two');
  });
});

describe('a token and who may read it', () => {
  test.each(['chat.example.org', '10.1.2.3', '127.example.org', '::2', 'localhost.example.org'])(
    'it does not go to %s without TLS',
    async (host) => {
      const asked = tokens('one');
      for (const token of ['one', asked] satisfies TokenSource[]) {
        for (const failing of [connect({ host, token }), listRooms({ host, token })]) {
          expect(await failureOf(failing)).toMatchObject({
            reason: 'insecure',
            message: expect.stringContaining('--tls'),
          });
        }
      }
      expect(asked).not.toHaveBeenCalled();
    },
  );

  test.each(['localhost', 'LOCALHOST', '127.0.0.1', '127.9.9.9', '::1'])('it may go to %s', async (host) => {
    const chat = new ChatConnection({ host, port: 1, token: 'one' });
    expect(await failureOf(chat.welcomed)).toMatchObject({ reason: 'unreachable' });
  });

  test('it does not go through a proxy of the environment', async () => {
    const proxy = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    vi.stubEnv('grpc_proxy', `http://127.0.0.1:${(proxy.address() as { port: number }).port}`);
    onTestFinished(() => {
      vi.unstubAllEnvs();
      proxy.close();
    });
    const { stream } = await welcomed({ token: 'one' });
    expect(stream.authorization).toBe('Bearer one');
  });

  test('it goes with TLS', async () => {
    const signer = authority();
    using secure = await scriptedServer({ tls: signer.issue({ names: ['127.0.0.1'] }) });
    const connecting = connect({ port: secure.port, token: () => 'one', tls: { ca: signer.cert } });
    const stream = await secure.stream();
    await stream.welcome();
    expect(stream.authorization).toBe('Bearer one');
    const chat = await connecting;
    secure.stop();
    await chat.close();
  });

  test('neither it nor a key stands in what is told', async () => {
    const { cert, key } = authority().issue();
    const secret = 'secret-secret-secret';
    const { port } = world.server;
    const { chat, stream } = await welcomed({ token: () => secret });
    const told: unknown[] = [chat, chat.state];
    stream.fail(status.UNAUTHENTICATED, { reason: 'unauthenticated' });
    const { why } = await stateOf(chat, 'closed');
    told.push(why, chat);
    for (const token of [`${secret}\n${secret}`, () => `${secret} ${secret}`]) {
      told.push(await failureOf(connect({ port, token, timing: world.timing })));
    }
    told.push(await failureOf(connect({ port, token: secret, tls: { cert, key: `${key.slice(0, 99)}` } })));
    told.push(await failureOf(connect({ port, token: secret, tls: { cert, key } })));
    expect(told).not.toContain('it did not fail');
    const text = inspect(told, { depth: 20, showHidden: true });
    expect(text).toContain('unauthenticated');
    expect(text).not.toContain('secret-secret');
    expect(text).not.toContain('PRIVATE');
  });
});

describe('a token that the server does not take any more', () => {
  const refused = { reason: 'token_expired' };

  test('is changed for another, at once, and nothing is lost', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    const post = chat.post('lobby', 'said again', 'id-1');
    await stream.hears('chat');
    world.timing.advance(60_000);
    stream.fail(status.UNAUTHENTICATED, refused);
    const again = await world.server.stream();
    expect(again.authorization).toBe('Bearer two');
    expect(await again.welcome({ resumed: true })).toMatchObject({ resumeToken: 'token' });
    await again.seat({ epoch: 'one', seq: 10n, recovered: true });
    expect(await again.ack(11n)).toMatchObject({ messageId: 'id-1' });
    expect(await post).toMatchObject({ seq: 11n });
    expect(await next(chat)).toMatchObject({ kind: 'recovered' });
  });

  test.each([
    { what: 'a text', token: 'one', calls: 0 },
    { what: 'the same again', token: tokens('one'), calls: 2 },
  ])('ends the connection when there is no other: $what', async ({ token, calls }) => {
    const { chat, stream } = await inLobby({ token });
    stream.fail(status.UNAUTHENTICATED, refused);
    const { why } = await stateOf(chat, 'closed');
    expect(why).toMatchObject({ reason: 'token_expired', code: status.UNAUTHENTICATED });
    if (typeof token !== 'string') expect(token).toHaveBeenCalledTimes(calls);
  });

  describe.each([
    { what: 'fails', failing: () => Promise.reject(new Error('vault shut')), says: 'vault shut', patienceMs: 0 },
    {
      what: 'never answers',
      failing: () => new Promise<string>(() => {}),
      says: 'not answered for 10 s',
      patienceMs: 10_000,
    },
  ])('when whoever gives tokens $what', ({ failing, says, patienceMs }) => {
    /** Refused, with the source asked twice to no avail: waits for the third time. */
    async function without(options: Partial<ConnectOptions>, ...later: readonly (() => string)[]) {
      const answers = [() => 'one', failing, failing, ...later];
      const { chat, stream } = await inLobby({ token: () => (answers.shift() ?? failing)(), ...options });
      stream.fail(status.UNAUTHENTICATED, refused);
      for (const attempt of [1, 2]) {
        if (patienceMs > 0) await stateOf(chat, 'connecting');
        world.timing.advance(patienceMs);
        const waiting = await stateOf(chat, 'waiting');
        expect(waiting).toMatchObject({
          attempt,
          because: { reason: 'no_token', message: expect.stringContaining(says) },
        });
        if (attempt === 1) await untilDue(chat, world.timing);
      }
      return chat;
    }

    test('is waited for, and asked again', async () => {
      const chat = await without({}, () => 'two');
      await untilDue(chat, world.timing);
      const again = await world.server.stream();
      expect(again.authorization).toBe('Bearer two');
      await movedTo(again);
      await stateOf(chat, 'live');
    });

    test('is given up in time', async () => {
      const chat = await without({ giveUpAfterMs: 40_000 });
      world.timing.advance(60_000);
      const { why } = await stateOf(chat, 'closed');
      expect(why).toMatchObject({ reason: 'no_token' });
    });
  });

  test('is not changed again and again when the server takes none of them', async () => {
    let count = 0;
    const token = () => `token-${++count}`;
    const { chat, stream } = await inLobby({ token });
    world.timing.advance(60_000);
    stream.fail(status.UNAUTHENTICATED, refused);
    (await world.server.stream()).fail(status.UNAUTHENTICATED, { reason: 'unauthenticated' });
    expect((await stateOf(chat, 'closed')).why).toMatchObject({ reason: 'unauthenticated' });
    expect(count).toBe(2);
  });

  test('is changed once more after a stream that lasted', async () => {
    let count = 0;
    const { chat, stream } = await inLobby({ token: () => `token-${++count}` });
    let last = stream;
    for (const expected of ['Bearer token-2', 'Bearer token-3', 'Bearer token-4']) {
      world.timing.advance(60_000);
      last.fail(status.UNAUTHENTICATED, refused);
      last = await movedTo(await world.server.stream());
      await stateOf(chat, 'live');
      expect(last.authorization).toBe(expected);
    }
  });

  test('is changed at the first stream too', async () => {
    const connecting = connect({ port: world.server.port, token: tokens('one', 'two'), timing: world.timing });
    (await world.server.stream()).fail(status.UNAUTHENTICATED, refused);
    const second = await world.server.stream();
    await second.welcome();
    await connecting;
    expect(second.authorization).toBe('Bearer two');
  });

  test('is not changed by who never reconnects, nor by who is going', async () => {
    const token = tokens('one', 'two');
    const { chat, stream } = await inLobby({ token, giveUpAfterMs: 0 });
    stream.fail(status.UNAUTHENTICATED, refused);
    expect((await stateOf(chat, 'closed')).why).toMatchObject({ reason: 'token_expired' });

    const other = await inLobby({ token: tokens('one', 'two') });
    const closing = other.chat.close();
    await other.stream.hears('leave');
    other.stream.fail(status.UNAUTHENTICATED, refused);
    await closing;
    expect(token).toHaveBeenCalledTimes(1);
  });

  test('may be waited for, and a close ends that', async () => {
    const answers = [() => 'one', () => new Promise<string>(() => {})];
    const { chat, stream } = await inLobby({ token: () => (answers.shift() ?? (() => ''))() });
    stream.fail(status.UNAUTHENTICATED, refused);
    await stateOf(chat, 'connecting');
    await chat.close();
    expect(world.timing.pending).toBe(0);
  });
});

describe('a token of another user', () => {
  const another = {
    reason: 'not_your_identity',
    message: expect.stringContaining('of bob now, and this is a connection of ana'),
  };

  test('ends the connection when a stream comes back with it, and nothing is said as that user', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    const post = failureOf(chat.post('lobby', 'as ana'));
    await stream.hears('chat');
    stream.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    const again = await world.server.stream();
    const late = failureOf(chat.post('lobby', 'as ana, too'));
    const joining = failureOf(chat.join('office'));
    await again.welcome({ userId: 'bob' });
    expect((await stateOf(chat, 'closed')).why).toMatchObject(another);
    await again.gone;
    expect(again.unheard).toEqual([]);
    for (const failing of [post, late, joining, next(chat).catch((error) => error)]) {
      expect(await failing).toMatchObject(another);
    }
    expect(world.timing.pending).toBe(0);
  });

  test('ends the connection when it is renewed', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    stream.noticeExpiry();
    const fresh = await world.server.stream();
    await fresh.welcome({ userId: 'bob' });
    expect((await stateOf(chat, 'closed')).why).toMatchObject(another);
    await Promise.all([stream.gone, fresh.gone]);
    expect([stream.unheard, fresh.unheard]).toEqual([[], []]);
    expect(world.timing.pending).toBe(0);
  });

  test('keeps nobody from closing before it is known whose it is', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    stream.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    const again = await world.server.stream();
    await again.hears('hello');
    await chat.close();
    await again.gone;
    expect(again.unheard).toEqual([]);
    expect(world.timing.pending).toBe(0);
  });

  test('is waited out: what is wanted goes out behind the welcome, once', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    stream.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    const again = await world.server.stream();
    const post = chat.post('lobby', 'early');
    await movedTo(again);
    expect(await again.ack(11n)).toMatchObject({ content: 'early' });
    await post;
    expect(again.unheard).toEqual([]);
  });
});

describe('a token that is about to expire', () => {
  /** ana in the lobby with the first of these tokens, and the stream that she opens with the second. */
  async function renewing(token: TokenSource = tokens('one', 'two')) {
    // With heartbeats, a timer of the client says whether a stream lives.
    const { chat, stream } = await inLobby({ token }, { heartbeatIntervalMs: 25_000 });
    stream.noticeExpiry();
    const fresh = await world.server.stream();
    const hello = await fresh.hears('hello');
    return { chat, stream, fresh, hello };
  }

  /** What the server does when hello comes with the token of a session that has a stream. */
  function takeOver(from: ScriptedStream): void {
    from.fail(status.ABORTED, { reason: 'replaced' });
  }

  test('gives way to another while its stream lives', async () => {
    const { chat, stream, fresh, hello } = await renewing();
    const states: ConnectionState['kind'][] = [];
    chat.onState(({ kind }) => states.push(kind));
    expect([fresh.authorization, hello.resumeToken]).toEqual(['Bearer two', 'token']);
    // Until the server has the new one, the old one counts.
    const post = chat.post('lobby', 'said twice', 'id-1');
    expect(await stream.hears('chat')).toMatchObject({ messageId: 'id-1' });
    stream.tell(broadcast({ seq: 11n }));
    expect(await next(chat)).toMatchObject({ seq: 11n });
    const asked = failureOf(chat.roundTrip());
    await stream.hears('heartbeat');
    expect(fresh.unheard).toEqual([]);

    fresh.answer(hello, { resumed: true });
    const missed = { epoch: 'one', seq: 11n, recovered: true, headSeq: 12n };
    expect(await fresh.seat(missed, broadcast({ seq: 12n }))).toMatchObject({ position: { epoch: 'one', seq: 11n } });
    expect(await fresh.ack(13n)).toMatchObject({ messageId: 'id-1' });
    await stream.gone;
    expect(await post).toMatchObject({ seq: 13n });
    expect(await asked).toMatchObject({ reason: 'lost' });
    fresh.tell(broadcast({ seq: 13n }));
    // Nothing stands between the messages: nothing was out of reach.
    expect([await next(chat), await next(chat)]).toMatchObject([{ seq: 12n }, { seq: 13n }]);
    expect(states).toEqual(['live']);
  });

  test('gives way although the server ends its stream first', async () => {
    const { chat, stream, fresh, hello } = await renewing();
    const states: ConnectionState[] = [];
    chat.onState((state) => states.push(state));
    takeOver(stream);
    await world.timers(1);
    const post = chat.post('lobby', 'said between the two');
    fresh.answer(hello, { resumed: true });
    await fresh.seat({ epoch: 'one', seq: 10n, recovered: true });
    await fresh.ack(11n);
    expect(await post).toMatchObject({ seq: 11n });
    expect(states).toEqual([{ kind: 'live' }]);
  });

  test.each([
    { what: 'it is a text', token: 'one', because: undefined },
    { what: 'it is the same', token: tokens('one'), because: undefined },
    {
      what: 'there is none',
      token: vi.fn(() => '').mockImplementationOnce(() => 'one'),
      because: { reason: 'no_token' },
    },
  ])('is told when $what, and its stream goes on', async ({ token, because }) => {
    const { chat, stream } = await inLobby({ token });
    stream.noticeExpiry();
    const told = await next(chat);
    expect(told).toMatchObject({ kind: 'token_expires' });
    if (because === undefined) expect(told).toMatchObject({ because });
    else expect(told).toMatchObject({ because });
    stream.tell(broadcast({ seq: 11n }));
    expect(await next(chat)).toMatchObject({ seq: 11n });
  });

  test('is told when the server does not take the other, and its stream goes on', async () => {
    const { chat, stream, fresh } = await renewing();
    fresh.fail(status.UNAUTHENTICATED, { reason: 'unauthenticated' });
    expect(await next(chat)).toMatchObject({ kind: 'token_expires', because: { reason: 'unauthenticated' } });
    const post = chat.post('lobby', 'still here');
    await stream.ack(11n);
    await post;
    expect(chat.state.kind).toBe('live');
  });

  test('comes back when both streams break', async () => {
    const { chat, stream, fresh } = await renewing(tokens('one', 'two', 'three'));
    takeOver(stream);
    fresh.fail(status.UNAVAILABLE);
    await untilDue(chat, world.timing);
    const third = await world.server.stream();
    expect(third.authorization).toBe('Bearer three');
    await movedTo(third);
    expect(await next(chat)).toMatchObject({ kind: 'recovered' });
  });

  test('ends with its stream when the other comes too late, and is asked for once more', async () => {
    const late = Promise.withResolvers<string>();
    const answers = [() => 'one', () => late.promise, () => 'three'];
    const { chat, stream } = await inLobby({ token: () => (answers.shift() ?? (() => ''))() });
    stream.noticeExpiry();
    stream.fail(status.UNAUTHENTICATED, { reason: 'token_expired' });
    const again = await world.server.stream();
    late.resolve('two');
    expect(again.authorization).toBe('Bearer three');
    await movedTo(again);
    await stateOf(chat, 'live');
  });

  test('is not chased when tokens live for less than the notice', async () => {
    let count = 0;
    const { chat, fresh, hello } = await renewing(() => `token-${++count}`);
    fresh.answer(hello);
    await fresh.seat({ epoch: 'one', seq: 10n });
    fresh.noticeExpiry();
    fresh.tell(broadcast({ seq: 11n }));
    expect(await next(chat)).toMatchObject({ seq: 11n });
    expect(count).toBe(2);
    world.timing.advance(5_000);
    fresh.noticeExpiry();
    expect((await world.server.stream()).authorization).toBe('Bearer token-3');
  });

  test('is not asked for twice at a time, and of no use to who is going', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const token = vi.fn(() => promise).mockImplementationOnce(async () => 'one');
    const { chat, stream } = await inLobby({ token });
    stream.noticeExpiry();
    stream.noticeExpiry();
    stream.tell(broadcast({ seq: 11n }));
    expect(await next(chat)).toMatchObject({ seq: 11n });
    expect(token).toHaveBeenCalledTimes(2);
    const closing = chat.close();
    resolve('two');
    const { requestId, room } = await stream.hears('leave');
    stream.tell({ $case: 'left', value: { requestId, room, reason: 1, seq: 12n } });
    await stream.halfClosed;
    stream.end();
    await closing;
    expect(world.timing.pending).toBe(0);
    expect(world.server.opened).toBe(1);
  });

  test('is no trouble for who closes meanwhile: the rooms are left on the new stream', async () => {
    const { chat, stream, fresh, hello } = await renewing();
    const closing = chat.close();
    await stream.hears('leave');
    takeOver(stream);
    fresh.answer(hello, { resumed: true });
    const { requestId, room } = await fresh.hears('leave');
    fresh.tell({ $case: 'left', value: { requestId, room, reason: 1, seq: 11n } });
    await fresh.halfClosed;
    fresh.end();
    await closing;
    expect(world.timing.pending).toBe(0);
  });

  test('is no trouble for who aborts meanwhile', async () => {
    const abort = new AbortController();
    const { chat, stream } = await inLobby({ token: tokens('one', 'two'), signal: abort.signal });
    stream.noticeExpiry();
    const fresh = await world.server.stream();
    await fresh.hears('hello');
    abort.abort();
    await Promise.all([stream.gone, fresh.gone]);
    expect((await stateOf(chat, 'closed')).why).toMatchObject({ reason: 'aborted' });
    expect(world.timing.pending).toBe(0);
  });

  test('brings a stream that waits like the one before while too much is unread', async () => {
    const { chat, stream } = await inLobby({ token: tokens('one', 'two') });
    const many = Array.from({ length: 1_100 }, (_, i) => broadcast({ seq: BigInt(i + 11) }));
    const notice = { code: 16, reason: 'token_expired', requestId: '', message: '', room: '', retryAfterMs: 0 };
    stream.tell(broadcast({ seq: 10n }), ...many, { $case: 'error', value: notice });
    const fresh = await world.server.stream();
    fresh.answer(await fresh.hears('hello'), { resumed: true });
    await fresh.seat({ epoch: 'one', seq: 1_110n, recovered: true });
    let isTaken = false;
    const post = chat.post('lobby', 'unread').then(() => {
      isTaken = true;
    });
    await fresh.ack(1_111n);
    // Whatever has gone out to the one has come in when all this has been said with another.
    for (const userId of ['bob', 'eve']) await welcomed({ userId });
    expect(isTaken).toBe(false);
    for (const { value } of many) expect(await next(chat)).toMatchObject({ seq: (value as { seq: bigint }).seq });
    await post;
  });
});

import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { ChatError, connect } from '../../cli/connection/index.ts';
import { allOf } from '../support/all-of.ts';
import { freePort } from '../support/program.ts';
import { startServer } from '../support/server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** What a promise was rejected with, which must be a ChatError. */
async function failureOf(promise: Promise<unknown>): Promise<ChatError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ChatError) return error;
  throw error;
}

/** Rejections that nobody handled while the test ran. */
function unhandledRejections(): unknown[] {
  const reasons: unknown[] = [];
  const note = (reason: unknown) => reasons.push(reason);
  process.on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
  });
  return reasons;
}

/** Node tells of unhandled rejections before the next turn of the event loop. */
const aTurnLater = () => new Promise((resolve) => setImmediate(resolve));

describe('the client library', () => {
  test('welcomes, joins several rooms, posts with ack, brings events, leaves and closes', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_ROOMS_PER_SESSION: '9' });
    const ana = await connect({ port: server.port, userId: 'ana', displayName: 'Ana A.', client: 'test/1' });
    const bob = await server.connect('bob');
    expect(ana).toMatchObject({ userId: 'ana', displayName: 'Ana A.', limits: { maxRooms: 9, maxUnacked: 256 } });

    const [lobby, attic] = await Promise.all([ana.join('lobby'), ana.join('attic')]);
    expect(lobby).toMatchObject({ room: 'lobby', memberCount: 1, position: { seq: 1n } });
    expect(lobby.welcomeMessage).toContain('Ana A.');
    expect(attic.position.epoch).not.toBe(lobby.position.epoch);
    await bob.join('attic');
    expect(await ana.post('attic', 'hi', 'id-1')).toEqual({
      room: 'attic',
      messageId: 'id-1',
      seq: 3n,
      duplicate: false,
    });
    expect(await ana.post('lobby', 'alone')).toMatchObject({ room: 'lobby', seq: 2n, duplicate: false });
    await ana.leave('attic');
    await ana.close();

    const events = await allOf(ana.events);
    const at = expect.any(Date);
    const ids = { userId: 'ana', displayName: 'Ana A.', at };
    expect(events.filter(({ kind }) => kind === 'member_joined')).toEqual([
      { kind: 'member_joined', room: 'attic', seq: 2n, userId: 'bob', displayName: 'bob', at },
    ]);
    expect(events.filter(({ kind }) => kind === 'message')).toEqual([
      { kind: 'message', room: 'attic', seq: 3n, content: 'hi', messageId: 'id-1', ...ids },
      { kind: 'message', room: 'lobby', seq: 2n, content: 'alone', messageId: expect.any(String), ...ids },
    ]);
    expect(events).toHaveLength(3);
    expect(await bob.next()).toMatchObject({ kind: 'message', content: 'hi' });
    expect(await bob.next()).toEqual({ kind: 'member_left', room: 'attic', seq: 4n, reason: 'left', ...ids });
    await bob.close();
  });

  test('saying the same again is told as a duplicate, with the first seq', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    const first = await ana.post('lobby', 'once', 'same');
    expect(await ana.post('lobby', 'once', 'same')).toEqual({ ...first, duplicate: true });
    expect(await ana.post('lobby', 'once')).toMatchObject({ seq: first.seq + 1n, duplicate: false });
    await ana.close();
  });

  test('close closes the transport', async () => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    const ana = await connect({ port: proxy.port, userId: 'ana' });
    expect(proxy.connections).toBe(1);
    await ana.close();
    await vi.waitFor(() => expect(proxy.connections).toBe(0), { timeout: 30_000 });
  });

  test('close may be called twice, and ends what is used after it', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await Promise.all([ana.close(), ana.close()]);
    await ana.close();
    expect(await ana.events.next()).toEqual({ done: true, value: undefined });
    expect((await failureOf(ana.join('lobby'))).reason).toBe('closed');
  });
});

describe('typed errors', () => {
  test('unreachable: nothing listens there', async () => {
    const port = await freePort();
    const failure = await failureOf(connect({ port, userId: 'ana' }));
    expect(failure).toMatchObject({ reason: 'unreachable', code: 14 });
    expect(failure.message).toContain(`127.0.0.1:${port}`);
  });

  test('unreachable: what listens there says nothing', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const failure = await failureOf(connect({ port, userId: 'ana', welcomeTimeoutMs: 1 }));
    expect(failure).toMatchObject({ reason: 'unreachable', code: undefined });
    expect(failure.message).toContain(`127.0.0.1:${port}`);
    listener.close();
  });

  test.each([
    { userId: '', reason: 'invalid_user' },
    { userId: 'a\u0000b', reason: 'invalid_user' },
  ])('hello as "$userId": $reason', async ({ userId, reason }) => {
    await using server = await startServer();
    expect(await failureOf(connect({ port: server.port, userId }))).toMatchObject({ reason, code: 3 });
  });

  test('what is refused in a room leaves the connection alive', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    const other = await server.connect('ana');
    await ana.join('lobby');

    expect(await failureOf(other.join('lobby'))).toMatchObject({ reason: 'user_taken', code: 6, room: 'lobby' });
    expect(await failureOf(ana.join('lobby'))).toMatchObject({ reason: 'already_joined', code: 6, room: 'lobby' });
    expect(await failureOf(ana.post('attic', 'x'))).toMatchObject({ reason: 'not_a_member', code: 9, room: 'attic' });
    expect(await failureOf(ana.leave('attic'))).toMatchObject({ reason: 'not_a_member', code: 9, room: 'attic' });
    expect(await failureOf(ana.join(''))).toMatchObject({ reason: 'invalid_room', code: 3 });
    expect(await failureOf(ana.post('lobby', ''))).toMatchObject({ reason: 'empty_message', code: 3 });
    expect(await failureOf(ana.post('lobby', 'x', 'no id'))).toMatchObject({ reason: 'invalid_id', code: 3 });
    expect(await ana.post('lobby', 'still here')).toMatchObject({ seq: 2n });
    await Promise.all([ana.close(), other.close()]);
  });

  test('rate_limited says when to go on', async () => {
    await using server = await startServer({ CHAT_GRPC_RATE_LIMIT: '1', CHAT_GRPC_RATE_BURST: '5' });
    const ana = await server.connect('ana');
    await ana.join('lobby');
    const posts = await Promise.allSettled(Array.from({ length: 50 }, () => ana.post('lobby', 'x')));
    const refused = posts.filter((post) => post.status === 'rejected').map((post) => post.reason);
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) {
      expect(reason).toMatchObject({ reason: 'rate_limited', code: 8, retryAfterMs: expect.any(Number) });
    }
    await ana.close();
  });

  test('outbox_full: beyond 256 answers outstanding', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    const posts = Array.from({ length: 256 }, (_, i) => ana.post('lobby', `${i}`));
    expect(await failureOf(ana.post('lobby', 'one too many'))).toMatchObject({ reason: 'outbox_full' });
    expect((await Promise.all(posts)).map(({ seq }) => seq)).toEqual(posts.map((_, i) => BigInt(i + 2)));
    expect(await ana.post('lobby', 'there is room again')).toMatchObject({ seq: 258n });
    await ana.close();
  });
});

describe('an end that was not asked for by close', () => {
  test('a signal aborted before: connect rejects', async () => {
    await using server = await startServer();
    const signal = AbortSignal.abort();
    expect((await failureOf(connect({ port: server.port, userId: 'ana', signal }))).reason).toBe('aborted');
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), { timeout: 30_000 });
  });

  test('a signal aborted meanwhile: connect rejects', async () => {
    await using server = await startServer();
    const stop = new AbortController();
    const connecting = failureOf(connect({ port: server.port, userId: 'ana', signal: stop.signal }));
    stop.abort();
    expect((await connecting).reason).toBe('aborted');
  });

  test('a signal aborted in the middle: the iteration throws, once, and what is outstanding fails', async () => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '0s' });
    const stop = new AbortController();
    const ana = await connect({ port: server.port, userId: 'ana', signal: stop.signal });
    const bob = await server.connect('bob');
    await bob.join('lobby');
    await ana.join('lobby');
    const next = failureOf(ana.events.next());
    const post = failureOf(ana.post('lobby', 'too late'));
    stop.abort();

    expect((await next).reason).toBe('aborted');
    expect((await post).reason).toBe('aborted');
    expect((await failureOf(ana.join('attic'))).reason).toBe('aborted');
    expect(await ana.events.next()).toEqual({ done: true, value: undefined });
    await ana.close();
    expect(await bob.next()).toMatchObject({ kind: 'member_joined' });
    // What was posted may have been on its way before the stream was cut.
    let told = await bob.next();
    while (told.kind === 'message') told = await bob.next();
    expect(told).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'lost' });
    await bob.close();
  });

  test('the server stops, and this client does not come back: the iteration throws with advice', async () => {
    const server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    const stopped = server.stop();
    const post = failureOf(ana.post('lobby', 'too late'));

    expect(await ana.next()).toMatchObject({ kind: 'draining', reconnectAfterMs: expect.any(Number) });
    const failure = await failureOf(ana.events.next());
    expect(failure).toMatchObject({ reason: 'draining', code: 14, retryAfterMs: expect.any(Number) });
    expect((await post).reason).toBe('draining');
    expect(await failureOf(ana.post('lobby', 'much too late'))).toBe(failure);
    await stopped;
  });

  test('nobody has to handle the promises', async () => {
    const rejections = unhandledRejections();
    const server = await startServer();
    const ana = await server.connect('ana');
    const stop = new AbortController();
    const bob = await connect({ port: server.port, userId: 'bob', signal: stop.signal });
    for (const chat of [ana, bob]) {
      void chat.join('');
      void chat.post('attic', 'x');
      void chat.leave('attic');
    }
    await ana.join('lobby');
    stop.abort();
    void bob.leave('lobby');
    for (let i = 0; i < 300; i++) void ana.post('lobby', `${i}`);
    const iteration = failureOf(allOf(ana.events));
    await server.stop();
    expect((await iteration).reason).toBe('draining');
    void ana.post('lobby', 'x');
    void ana.leave('lobby');
    await aTurnLater();
    expect(rejections).toEqual([]);
  });
});

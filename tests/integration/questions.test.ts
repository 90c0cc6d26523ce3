import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { ChatError, type ConnectOptions, connect, listRooms, type MembersPage } from '../../cli/connection/index.ts';
import { freePort } from '../support/program.ts';
import { startServer } from '../support/server.ts';

/** What a promise was rejected with, which must be a ChatError. */
async function failureOf(promise: Promise<unknown>): Promise<ChatError> {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (error instanceof ChatError) return error;
  throw error;
}

describe('chat.history', () => {
  test('gives what was said before, page by page, with the numbers of the room', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    const { position } = await ana.join('lobby');
    for (const words of ['one', 'two', 'three']) await ana.post('lobby', words);

    const newest = await ana.history('lobby', { limit: 2 });
    expect(newest).toMatchObject({ room: 'lobby', epoch: position.epoch, hasMore: true });
    expect(newest.events).toMatchObject([
      { kind: 'message', seq: 3n, content: 'two', userId: 'ana', at: expect.any(Date) },
      { kind: 'message', seq: 4n, content: 'three' },
    ]);
    const older = await ana.history('lobby', { before: 3n, epoch: position.epoch });
    expect(older.hasMore).toBe(false);
    expect(older.events).toMatchObject([
      { kind: 'member_joined', seq: 1n, userId: 'ana' },
      { kind: 'message', seq: 2n, content: 'one' },
    ]);
    await ana.close();
  });

  test('needs a seat, and a place that there was', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    expect(await failureOf(ana.history('lobby'))).toMatchObject({ reason: 'not_a_member', room: 'lobby' });
    await ana.join('lobby');
    expect(await failureOf(ana.history('lobby', { epoch: 'another' }))).toMatchObject({ reason: 'invalid_position' });
    await ana.close();
  });
});

describe('chat.members', () => {
  test('lists who is in a room, page by page, joined or not', async () => {
    await using server = await startServer();
    const watcher = await server.connect('watcher');
    const users = ['ana', 'bob', 'eve'];
    const clients = await Promise.all(users.map((userId) => server.connect(userId)));
    for (const client of clients) await client.join('lobby');

    const pages: MembersPage[] = [];
    let pageToken = '';
    do {
      const page = await watcher.members('lobby', { pageSize: 2, pageToken });
      pages.push(page);
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages.flatMap(({ members }) => members)).toEqual(
      users.map((userId) => ({ userId, displayName: userId, joinedAt: expect.any(Date), isDetached: false })),
    );
    for (const page of pages) expect(page).toMatchObject({ room: 'lobby', memberCount: 3, headSeq: 3n });
    expect(await watcher.members('nowhere')).toMatchObject({ members: [], memberCount: 0, nextPageToken: '' });
    await Promise.all([watcher, ...clients].map((client) => client.close()));
  });

  test('shows who is away', async () => {
    await using server = await startServer();
    const watcher = await server.connect('watcher');
    const stop = new AbortController();
    const ana = await connect({ port: server.port, userId: 'ana', signal: stop.signal });
    await ana.join('lobby');
    stop.abort();
    await vi.waitFor(
      async () => expect((await watcher.members('lobby')).members).toMatchObject([{ userId: 'ana', isDetached: true }]),
      { timeout: 30_000 },
    );
    await watcher.close();
  });
});

test('chat.roundTrip measures, and again', async () => {
  await using server = await startServer();
  const ana = await server.connect('ana');
  for (const ms of await Promise.all([ana.roundTrip(), ana.roundTrip()])) {
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThan(60_000);
  }
  await ana.close();
});

describe('listRooms', () => {
  test('gives the rooms with their heads, page by page', async () => {
    await using server = await startServer();
    const { port } = server;
    const ana = await server.connect('ana');
    const { position } = await ana.join('lobby');
    await ana.join('attic');
    const first = await listRooms({ port, pageSize: 1 });
    expect(first.rooms).toEqual([{ room: 'lobby', memberCount: 1, position }]);
    const second = await listRooms({ port, pageSize: 1, pageToken: first.nextPageToken });
    expect(second).toMatchObject({ rooms: [{ room: 'attic' }], nextPageToken: '' });
    await ana.close();
  });

  test('of a server without rooms is empty', async () => {
    await using server = await startServer();
    expect(await listRooms({ port: server.port })).toEqual({ rooms: [], nextPageToken: '' });
  });

  test('says what the server refuses', async () => {
    await using server = await startServer();
    const failure = await failureOf(listRooms({ port: server.port, pageToken: 'no token' }));
    expect(failure).toMatchObject({ reason: 'invalid_id', code: 3 });
  });

  test('no server: the words that connect has for it', async () => {
    const port = await freePort();
    const [listing, connecting] = await Promise.all([
      failureOf(listRooms({ port })),
      failureOf(connect({ port, userId: 'ana' })),
    ]);
    expect(listing).toMatchObject({ reason: 'unreachable', code: 14, message: connecting.message });
    expect(listing.message).toContain(`127.0.0.1:${port}`);
  });

  test('what listens there says nothing: the words that connect has for it', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const [listing, connecting] = await Promise.all([
      failureOf(listRooms({ port, timeoutMs: 1 })),
      failureOf(connect({ port, userId: 'ana', welcomeTimeoutMs: 1 })),
    ]);
    expect(listing).toMatchObject({ reason: 'unreachable', message: connecting.message });
    listener.close();
  });

  test('a signal ends it, before or meanwhile', async () => {
    await using server = await startServer();
    const { port } = server;
    expect(await failureOf(listRooms({ port, signal: AbortSignal.abort() }))).toMatchObject({ reason: 'aborted' });
    const stop = new AbortController();
    const listing = failureOf(listRooms({ port, signal: stop.signal }));
    stop.abort();
    expect(await listing).toMatchObject({ reason: 'aborted' });
  });
});

describe('a resume token handed to another process', () => {
  /** A client that leaves its session behind, as a process that is killed does. */
  async function leftBehind(options: ConnectOptions): Promise<string> {
    const stop = new AbortController();
    const chat = await connect({ ...options, signal: stop.signal });
    await chat.join('lobby');
    const { resumeToken } = chat;
    stop.abort();
    return resumeToken;
  }

  test('takes its session and seats over, and nobody sees it go or come', async () => {
    await using server = await startServer();
    const bob = await server.connect('bob');
    await bob.join('lobby');
    const resumeToken = await leftBehind({ port: server.port, userId: 'ana' });
    const ana = await connect({ port: server.port, userId: 'ana', resumeToken });
    await ana.join('lobby');
    await ana.post('lobby', 'here again');
    expect(await bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    expect(await bob.next()).toMatchObject({ kind: 'message', content: 'here again' });
    await Promise.all([ana.close(), bob.close()]);
  });

  test('that the server does not know begins a new session', async () => {
    await using server = await startServer();
    const ana = await connect({ port: server.port, userId: 'ana', resumeToken: 'unknown' });
    expect(await ana.join('lobby')).toMatchObject({ memberCount: 1 });
    expect(ana.resumeToken).not.toBe('unknown');
    await ana.close();
  });
});

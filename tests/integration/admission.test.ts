import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { ChatServiceClient } from '../../api/gen/chat/v1/chat.ts';
import type { Refusal } from '../../src/core/errors.ts';
import type { Authenticator, Grant } from '../../src/core/grant.ts';
import { askHealth } from '../../src/wire/ask-health.ts';
import { hello } from '../support/envelopes.ts';
import { RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const ANYWHERE = () => true;

function grantOf(userId: string): Grant {
  const lasts = { tokenId: '', untilUtcMs: Number.MAX_SAFE_INTEGER };
  return { userId, displayName: '', ...lasts, mayJoin: ANYWHERE, mayPost: ANYWHERE };
}

const REFUSED: Refusal = { reason: 'unauthenticated', message: 'not you' };

/** Whoever says its name is believed, when the test lets it. */
class NameChecker implements Authenticator {
  readonly asked: string[] = [];
  readonly #gate: Promise<void>;

  constructor(gate: Promise<void> = Promise.resolve()) {
    this.#gate = gate;
  }

  async check(authorization: string): Promise<Grant | Refusal> {
    this.asked.push(authorization);
    await this.#gate;
    return authorization === '' ? REFUSED : grantOf(authorization);
  }

  revoked(): undefined {
    return undefined;
  }
}

function clientOf(port: number) {
  const client = new ChatServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const metadata = (name: string) => {
    const data = new Metadata();
    if (name !== '') data.set('authorization', name);
    return data;
  };
  return {
    open: (name = '') => client.channel(metadata(name)),
    /** How it ends that somebody opens a stream and says nothing. */
    end: (name = '') =>
      new Promise<ServiceError>((resolve) => client.channel(metadata(name)).on('error', resolve).resume()),
    list: (name = '') =>
      new Promise<ServiceError | 'taken'>((resolve) => {
        client.listRooms({ pageSize: 0, pageToken: '' }, metadata(name), (error) => resolve(error ?? 'taken'));
      }),
    [Symbol.dispose]: () => client.close(),
  };
}

describe('where tokens are asked for', () => {
  test('streams and the list of rooms need one, health does not', async () => {
    const checker = new NameChecker();
    await using server = await startServer({}, checker);
    using client = clientOf(server.port);
    const refused = { code: status.UNAUTHENTICATED, details: 'not you' };
    expect(await client.end()).toMatchObject(refused);
    expect(await client.list()).toMatchObject(refused);
    expect(await client.list('ana')).toBe('taken');
    expect(checker.asked).toEqual(['', '', 'ana']);
    const question = { host: '127.0.0.1', port: server.port, tls: undefined, service: 'readiness', timeoutMs: 5000 };
    expect(await askHealth(question)).toBe('SERVING');
    expect(checker.asked).toHaveLength(3);
    expect(server.refused).toEqual(['unauthenticated', 'unauthenticated']);
  });

  test('what is said before the token was checked is handled after it', async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const checker = new NameChecker(gate);
    await using server = await startServer({}, checker);
    using client = clientOf(server.port);
    const stream = client.open('ana');
    const told: unknown[] = [];
    stream.on('error', () => {}).on('data', (event) => told.push(event));
    stream.write({
      message: { $case: 'hello', value: { client: '', userId: '', displayName: '', resumeToken: '' } },
      requestId: '',
      traceparent: '',
    });
    await vi.waitFor(() => expect(checker.asked).toEqual(['ana']));
    expect(told).toEqual([]);
    open();
    await vi.waitFor(() =>
      expect(told[0]).toMatchObject({ batch: [{ event: { $case: 'welcome', value: { userId: 'ana' } } }] }),
    );
    stream.cancel();
  });

  test.each(['ana', ''])('one that is gone before "%s" was checked leaves nothing behind', async (name) => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    const checker = new NameChecker(gate);
    await using server = await startServer({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '1' }, checker);
    using client = clientOf(server.port);
    const stream = client.open(name).on('error', () => {});
    await vi.waitFor(() => expect(checker.asked).toHaveLength(1));
    stream.cancel();
    // Its place is free, though nobody has answered yet.
    const other = client.open('bob').on('error', () => {});
    await vi.waitFor(() => expect(checker.asked).toHaveLength(2));
    open();
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1));
    expect([server.refused, server.faults]).toEqual([[], []]);
    other.cancel();
  });
});

test('a call whose time-out is over before it is known who makes it takes no place', async () => {
  let open = () => {};
  const checker = new NameChecker(
    new Promise((resolve) => {
      open = resolve;
    }),
  );
  await using server = await startServer({ CHAT_GRPC_MAX_SESSIONS: '1' }, checker);
  const late = new RawClient(server.port, { headers: { authorization: 'ana', 'grpc-timeout': '1m' }, keepsOpen: true });
  late.send(hello('ana'));
  expect(await late.ended).toMatchObject({ status: status.DEADLINE_EXCEEDED });
  open();
  const newcomer = new RawClient(server.port, { headers: { authorization: 'bob' } });
  newcomer.send(hello('bob'));
  expect(await newcomer.hear('welcome')).toMatchObject({ userId: 'bob' });
  expect(server.grpc.connections.size).toBe(1);
  for (const client of [late, newcomer]) client.destroySocket();
});

describe('a connection', () => {
  test('has its streams, and of another one is told so; when one is over there is room again', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '3' });
    using client = clientOf(server.port);
    const streams = Array.from({ length: 3 }, () => client.open().on('error', () => {}));
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(3));
    const end = await client.end();
    expect(end).toMatchObject({ code: status.RESOURCE_EXHAUSTED, details: expect.stringContaining('3 streams') });
    expect(end.metadata.get('chat-reason')).toEqual(['server_full']);
    streams[0]?.cancel();
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(2));
    client.open().on('error', () => {});
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(3));
    for (const stream of streams) stream.cancel();
  });

  test('may ask for the rooms as often as that, and is told when to ask again', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '5' });
    using client = clientOf(server.port);
    expect([await client.list(), await client.list()]).toEqual(['taken', 'taken']);
    const refused = await client.list();
    if (refused === 'taken') throw new Error('it was taken');
    expect(refused).toMatchObject({ code: status.RESOURCE_EXHAUSTED });
    expect(refused.metadata.get('chat-reason')).toEqual(['rate_limited']);
    expect(Number(refused.metadata.get('chat-retry-after-ms')[0])).toBeGreaterThan(0);
    expect(server.faults).toEqual([]);
  });
});

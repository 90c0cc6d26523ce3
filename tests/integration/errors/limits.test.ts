import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import { PATIENCE, run } from '../../support/coming-back.ts';
import { chat, heartbeat, hello, history, join, leave } from '../../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

/** One envelope a second, so slow that no pause of the machine lets a hundred of them through. */
const SLOW = { CHAT_GRPC_RATE_LIMIT: '1', CHAT_GRPC_RATE_BURST: '5' };
const FLOOD = Array.from({ length: 100 }, (_, i) => chat('general', `${i}`, { requestId: `${i}` }));

describe('who is too fast', () => {
  test('31 is refused in-band, with the time to wait and the room', async () => {
    await using server = await startServer(SLOW);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.send(...FLOOD);
    const error = await ana.hear('error');
    expect(error).toMatchObject({ code: status.RESOURCE_EXHAUSTED, reason: 'rate_limited', room: 'general' });
    expect(error.retryAfterMs).toBeGreaterThan(0);
  });

  test('31 has each envelope answered: taken or refused', async () => {
    await using server = await startServer(SLOW);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.send(...FLOOD);
    await ana.until(() => ana.all('ack').length + ana.all('error').length === FLOOD.length || undefined);
    const answered = [...ana.all('ack'), ...ana.all('error')].map(({ requestId }) => Number(requestId));
    expect(answered.sort((a, b) => a - b)).toEqual(FLOOD.map((_, i) => i));
  });

  test('31 goes on afterwards, and the first heartbeat is outside the limit', async () => {
    await using server = await startServer(SLOW);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.send(...FLOOD, heartbeat('still there'));
    expect(await ana.hear('heartbeat')).toMatchObject({ reply: true });
  });

  test('31 cannot flood with heartbeats either', async () => {
    await using server = await startServer(SLOW);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.send(...Array.from({ length: 100 }, (_, i) => heartbeat(`${i}`, { requestId: `${i}` })));
    expect(await ana.hear('error')).toMatchObject({ reason: 'rate_limited' });
  });

  test('31 is told by a notice of type ERROR, as a basic client', async () => {
    await using server = await startServer(SLOW);
    const ana = await basicClient(server.port, 'ana', ['general']);
    ana.send(...FLOOD);
    expect(await ana.hear('notice')).toMatchObject({ type: ServerNotice_Type.ERROR, room: 'general' });
  });

  test('31 does not slow another session down', async () => {
    await using server = await startServer(SLOW);
    const ana = await fullClient(server.port, 'ana', ['general']);
    const bob = await fullClient(server.port, 'bob', ['general']);
    ana.send(...FLOOD);
    await ana.hear('error');
    bob.send(chat('general', 'unhurried', { requestId: 'r-1' }));
    expect(await bob.hear('ack')).toMatchObject({ requestId: 'r-1' });
  });
});

test('31 a page costs five envelopes of the rate limit', async () => {
  await using server = await startServer({ CHAT_GRPC_RATE_LIMIT: '1', CHAT_GRPC_RATE_BURST: '50' });
  const ana = await fullClient(server.port, 'ana');
  ana.send(...Array.from({ length: 30 }, (_, i) => history('nowhere', { requestId: `${i}` })), heartbeat('behind'));
  await ana.hear('heartbeat');
  // Ten at once, and one more for each five seconds that this took; thirty if a page cost one.
  expect(ana.all('error').filter(({ reason }) => reason === 'rate_limited').length).toBeGreaterThan(0);
});

describe('when the server has its sessions', () => {
  test('30 another stream is refused and leaves nothing behind, even if its peer keeps its half open', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_SESSIONS: '1' });
    const silent = new RawClient(server.port);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), PATIENCE);
    const refused = new RawClient(server.port, { keepsOpen: true });
    expect((await refused.ended).trailers['chat-reason']).toBe('server_full');
    expect(server.grpc.connections.size).toBe(2);
    for (const _ of run(1, 3)) server.grpc.sweep();
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), PATIENCE);
    expect(refused.isConnected).toBe(true);
    for (const client of [silent, refused]) client.destroySocket();
  });

  test('30 another stream ends with server_full', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_SESSIONS: '1' });
    await fullClient(server.port, 'ana');
    const bob = new RawClient(server.port);
    bob.send(hello('bob'));
    const end = await bob.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      reason: 'server_full',
    });
  });

  test('30 the place of one that ended is free', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_SESSIONS: '2', CHAT_GRPC_RESUME_GRACE: '0s' });
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.cancel();
    await watcher.hear('notice', ({ seq }) => seq === 3n);
    expect(await fullClient(server.port, 'bob')).toBeDefined();
  });
});

test('20 of two who join the last free seat exactly one gets it', async () => {
  await using server = await startServer({ CHAT_GRPC_MAX_MEMBERS_PER_ROOM: '1' });
  const clients = [await fullClient(server.port, 'ana'), await fullClient(server.port, 'bob')];
  for (const client of clients) client.send(join('general'), heartbeat('behind'));
  for (const client of clients) await client.hear('heartbeat');
  expect(clients.map((client) => client.all('joined').length).sort()).toEqual([0, 1]);
  expect(clients.flatMap((client) => client.all('error'))).toMatchObject([{ reason: 'room_full' }]);
});

test('30 an empty room gives way to a new one', async () => {
  await using server = await startServer({ CHAT_GRPC_MAX_ROOMS: '1' });
  const ana = await fullClient(server.port, 'ana', ['general']);
  ana.send(leave('general'), join('lobby'));
  expect(await ana.hear('joined')).toMatchObject({ room: 'lobby' });
});

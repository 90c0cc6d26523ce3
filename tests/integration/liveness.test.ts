import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { LeaveReason, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { comeBack, isDetached, PATIENCE } from '../support/coming-back.ts';
import { chat, heartbeat, hello } from '../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const IMPATIENT = { CHAT_GRPC_HEARTBEAT_INTERVAL: '100ms', CHAT_GRPC_HEARTBEAT_TIMEOUT: '500ms' };

/** Says something whenever it is asked whether it is there, until the stream ends. */
async function sayWhenAsked(client: RawClient, words: (nonce: Buffer) => Buffer): Promise<void> {
  try {
    for (;;) client.send(words((await client.hear('heartbeat', ({ reply }) => !reply)).nonce));
  } catch {
    // Its stream has ended.
  }
}

describe('a stream on which neither hello nor join comes', () => {
  test('26 ends as handshake_timeout, and the others go on', async () => {
    await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '100ms' });
    const ana = await fullClient(server.port, 'ana', ['general']);
    const basic = await basicClient(server.port, 'basic', ['general']);
    const { status: code, trailers } = await new RawClient(server.port).ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({
      code: status.DEADLINE_EXCEEDED,
      reason: 'handshake_timeout',
    });
    // They are older than the one that was too slow.
    basic.send(chat('general', 'still there'));
    expect(await ana.hear('broadcast')).toMatchObject({ content: 'still there' });
    expect(server.closed).toEqual(['handshake_timeout']);
  });

  test('26 does not hold a place when it has ended', async () => {
    await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '100ms', CHAT_GRPC_MAX_SESSIONS: '1' });
    await new RawClient(server.port).ended;
    await vi.waitFor(() => fullClient(server.port, 'ana'), PATIENCE);
  });
});

describe('a full client from which nothing arrives', () => {
  test('is asked after the interval that it was told, and given up as heartbeat_timeout', async () => {
    await using server = await startServer(IMPATIENT);
    const ana = await fullClient(server.port, 'ana');
    expect(ana.all('welcome')).toMatchObject([{ heartbeatIntervalMs: 100 }]);
    expect(await ana.hear('heartbeat')).toMatchObject({ reply: false });
    const { status: code, trailers } = await ana.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({
      code: status.UNAVAILABLE,
      reason: 'heartbeat_timeout',
    });
  });

  test('keeps its seats for the grace', async () => {
    await using server = await startServer(IMPATIENT);
    const ana = await fullClient(server.port, 'ana', ['general']);
    await ana.ended;
    await isDetached(server, 'general', 'ana');
    const back = await comeBack(server.port, ana, ['general']);
    expect(back.all('joined')).toMatchObject([{ recovered: true, headSeq: 1n }]);
  });

  test('is lost to the others after the grace', async () => {
    await using server = await startServer({ ...IMPATIENT, CHAT_GRPC_RESUME_GRACE: '1ms' });
    const watcher = await basicClient(server.port, 'watcher', ['general']);
    await fullClient(server.port, 'ana', ['general']);
    const left = await watcher.hear('notice', ({ type }) => type === ServerNotice_Type.USER_LEFT);
    expect(left).toMatchObject({ userId: 'ana', reason: LeaveReason.LOST });
  });

  test('is given up though its network swallowed the question', async () => {
    await using server = await startServer(IMPATIENT);
    await using network = await TcpProxy.to(server.port);
    await fullClient(network.port, 'ana', ['general']);
    network.stall();
    await isDetached(server, 'general', 'ana');
    network.cut();
    await vi.waitFor(() => expect(server.closed).toEqual(['heartbeat_timeout']), PATIENCE);
  });
});

interface ArrivalCase {
  readonly name: string;
  readonly words: (nonce: Buffer) => Buffer;
}

const ARRIVALS: readonly ArrivalCase[] = [
  { name: 'the answer', words: (nonce) => heartbeat(nonce.toString('latin1'), { reply: true }) },
  { name: 'a question of its own', words: () => heartbeat('and you?') },
  { name: 'a message', words: () => chat('general', 'busy') },
];

describe('a full client that says when asked', () => {
  test.each(ARRIVALS)('$name goes on, while one that says nothing is given up', async ({ words }) => {
    await using server = await startServer(IMPATIENT);
    const ana = await fullClient(server.port, 'ana', ['general']);
    const talking = sayWhenAsked(ana, words);
    const silent = await fullClient(server.port, 'silent');
    await silent.ended;
    ana.send(chat('general', 'still there', { requestId: 'r-1' }));
    await vi.waitFor(() => expect(ana.all('ack')).toMatchObject([{ requestId: 'r-1' }]), PATIENCE);
    expect(server.closed).toEqual(['heartbeat_timeout']);
    ana.cancel();
    await talking;
  });
});

test('a basic client is not asked, and goes on however long it says nothing', async () => {
  await using server = await startServer(IMPATIENT);
  const basic = await basicClient(server.port, 'basic', ['general']);
  const silent = await fullClient(server.port, 'silent');
  await silent.ended;
  basic.send(chat('general', 'still there'));
  await basic.hear('broadcast');
  expect(basic.told.map(({ $case }) => $case)).toEqual(['joined', 'broadcast']);
});

describe('a stream that has ended, whose peer keeps its half open, is released, and its transport stays', () => {
  test('when it was refused', async () => {
    await using server = await startServer();
    const ana = await fullClient(server.port, 'ana', [], { keepsOpen: true });
    ana.send(hello('ana'));
    expect(await ana.ended).toMatchObject({ trailers: { 'chat-reason': 'already_welcomed' } });
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), PATIENCE);
    expect(server.sessions.size).toBe(0);
    expect(ana.isConnected).toBe(true);
    ana.destroySocket();
  });

  test('when it was never more than opened', async () => {
    await using server = await startServer({ CHAT_GRPC_HANDSHAKE_TIMEOUT: '100ms' });
    const silent = new RawClient(server.port, { keepsOpen: true });
    await silent.ended;
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), PATIENCE);
    expect(silent.isConnected).toBe(true);
    silent.destroySocket();
  });
});

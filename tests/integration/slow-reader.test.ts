import { constants } from 'node:http2';
import { credentials, type StatusObject, status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { ChatServiceClient, LeaveReason, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { ByteReader } from '../faults/support/byte-reader.ts';
import { comeBack, isDetached, PATIENCE, run, seqsOf } from '../support/coming-back.ts';
import { chat, heartbeat, hello, join, leave } from '../support/envelopes.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { sayBytes, stuckReader, unfinishedWriteTo } from '../support/stuck.ts';

const CUT_SOON = { CHAT_GRPC_STUCK_WRITE_TIMEOUT: '1s' };
const NEVER_CUT = { CHAT_GRPC_STUCK_WRITE_TIMEOUT: '1h' };
const isLeave = ({ type }: { type: ServerNotice_Type }) => type === ServerNotice_Type.USER_LEFT;

describe('a full client that does not read', () => {
  test('has its stream reset, keeps its seat for the grace, and then leaves as slow_consumer', async () => {
    await using server = await startServer({ ...CUT_SOON, CHAT_GRPC_RESUME_GRACE: '500ms' });
    // What cuts it is not the look, a while later, at streams that ended and did not go.
    server.grpc.sweep = () => {};
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    using ana = await stuckReader(server.port, 'full', 'ana', 'general');
    await sayBytes(watcher, 'general', 4000);
    expect(await unfinishedWriteTo(server, 'general', 'ana')).toMatchObject({ events: 1 });

    expect(await ana.until(() => ana.resetCode)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await vi.waitFor(() => expect(server.closed).toEqual(['slow_consumer']), PATIENCE);
    expect(await watcher.hear('notice', isLeave)).toMatchObject({
      ...{ userId: 'ana', reason: LeaveReason.SLOW_CONSUMER, seq: 4n },
    });
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), PATIENCE);
  });

  test('and is not read any more: its reset without an error is noticed all the same', async () => {
    await using server = await startServer(NEVER_CUT);
    const ana = new RawClient(server.port, { windowBytes: 0 });
    ana.send(hello('ana'), join('general'), ...run(1, 2000).map((n) => heartbeat(`${n}`)));
    await vi.waitFor(() => expect([...server.sessions.all()].map(({ isFull }) => isFull)).toEqual([true]), PATIENCE);
    ana.cancel(constants.NGHTTP2_NO_ERROR);
    await vi.waitFor(() => expect(server.closed).toEqual(['lost']), PATIENCE);
    expect(server.grpc.connections.size).toBe(0);
    ana.destroySocket();
  });

  test('and whose deadline is over while its status waits is reset, and its transport goes on', async () => {
    await using server = await startServer(NEVER_CUT);
    const headers = { 'grpc-timeout': '1S' };
    const ana = new RawClient(server.port, { windowBytes: 0, keepsOpen: true, headers });
    ana.send(hello('ana'));
    await vi.waitFor(
      () => expect([...server.sessions.all()].map(({ outbox }) => outbox.isEmpty)).toEqual([false]),
      PATIENCE,
    );
    ana.send(Buffer.from('no envelope'));
    await vi.waitFor(() => expect(server.closed).toEqual(['invalid_envelope']), PATIENCE);
    expect((await ana.ended).resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), PATIENCE);
    expect(server.grpc.transports.size).toBe(1);
    ana.destroySocket();
  });

  test('comes back within the grace and is given what it did not read', async () => {
    await using server = await startServer(CUT_SOON);
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    using ana = await stuckReader(server.port, 'full', 'ana', 'general');
    for (const _ of run(1, 10)) await sayBytes(watcher, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'ana');
    await isDetached(server, 'general', 'ana');
    const told = seqsOf(ana, 'general');
    const back = await comeBack(server.port, ana, ['general']);
    await back.hear('broadcast', ({ seq }) => seq === 12n);
    expect([...told, ...seqsOf(back, 'general')]).toEqual(run(3, 12));
    expect(watcher.all('notice')).toHaveLength(1);
  });

  test('costs one write, and is told the gap when it reads again', async () => {
    await using server = await startServer({ ...NEVER_CUT, CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB' });
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    using ana = await stuckReader(server.port, 'full', 'ana', 'general');
    await sayBytes(watcher, 'general', 4000);
    const write = await unfinishedWriteTo(server, 'general', 'ana');
    for (const _ of run(1, 50)) await sayBytes(watcher, 'general', 1000);
    expect(await unfinishedWriteTo(server, 'general', 'ana')).toBe(write);
    ana.allow(1 << 20);
    await ana.until(() => seqsOf(ana, 'general').at(-1) === 53 || undefined);
    const gap = ana.told.find(({ $case }) => $case === 'gap');
    const skipped = server.deliveries.skipped;
    expect(skipped).toBeGreaterThan(0);
    expect(gap?.value).toMatchObject({ fromSeq: 4n, toSeq: BigInt(3 + skipped) });
    expect(seqsOf(ana, 'general')).toEqual([3, ...run(4 + skipped, 53)]);
  });

  test('does not hold the others up', async () => {
    await using server = await startServer(NEVER_CUT);
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const bob = await fullClient(server.port, 'bob', ['general']);
    using _ = await stuckReader(server.port, 'full', 'ana', 'general');
    for (const _ of run(1, 50)) await sayBytes(watcher, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'ana');
    await bob.hear('broadcast', ({ seq }) => seq === 53n);
    expect(seqsOf(bob, 'general')).toEqual(run(3, 53));
  });
});

test('a peer that is frozen takes no reset: its transport is cut, and what was written to it is given back', async () => {
  await using server = await startServer({
    ...{ ...CUT_SOON, CHAT_GRPC_MAX_RECV_MSG_SIZE: '64KiB', CHAT_GRPC_MAX_CONTENT_BYTES: '32KiB' },
  });
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const frozen = await ByteReader.open(server.port, 1 << 30);
  frozen.send(hello('ana'), join('general'));
  await frozen.until(() => frozen.told.find(({ $case }) => $case === 'joined'));
  frozen.freeze();
  const sweep = server.grpc.sweep.bind(server.grpc);
  server.grpc.sweep = () => {};
  // Until the network between them is full, whatever the kernel lets it hold, and then until it is cut.
  const seat = server.rooms.get('general')?.members.get('ana');
  while (seat?.isDetached === false) await sayBytes(watcher, 'general', 30_000);
  expect([server.grpc.connections.size, server.grpc.transports.size]).toEqual([2, 2]);
  for (const _ of run(1, 20)) sweep();
  await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), PATIENCE);
  await vi.waitFor(() => expect(server.grpc.transports.size).toBe(1), PATIENCE);
  expect(server.closed).toEqual(['slow_consumer']);
  frozen.end();
});

test('a basic client that does not read leaves as slow_consumer at once', async () => {
  await using server = await startServer(CUT_SOON);
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  using basic = await stuckReader(server.port, 'basic', 'basic', 'general');
  await sayBytes(watcher, 'general', 4000);
  await unfinishedWriteTo(server, 'general', 'basic');
  expect(await basic.until(() => basic.resetCode)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  const left = { userId: 'basic', reason: LeaveReason.SLOW_CONSUMER };
  expect(await watcher.hear('notice', isLeave)).toMatchObject(left);
});

describe('a client that says it is done, and then does not read what it is owed', () => {
  test('is heard no more', async () => {
    await using server = await startServer(NEVER_CUT);
    const ana = new RawClient(server.port, { windowBytes: 0 });
    ana.send(join('general', { userId: 'ana' }), leave('general'), ...run(1, 100).map(() => chat('general', 'more')));
    ana.halfClose();
    const [connection] = await vi.waitFor(() => {
      const connections = [...server.grpc.connections].filter(({ traffic }) => traffic.envelopesIn > 0);
      expect(connections).toHaveLength(1);
      return connections;
    }, PATIENCE);
    await vi.waitFor(() => expect(server.rooms.get('general')?.members.size).toBe(0), PATIENCE);
    ana.destroySocket();
    await vi.waitFor(() => expect(server.closed).toEqual(['lost']), PATIENCE);
    expect(connection?.traffic.envelopesIn).toBe(2);
  });

  const cases = [
    { who: 'a full one that half-closes', kind: 'full', isDone: (client: ByteReader) => client.halfClose() },
    { who: 'a basic one that half-closes', kind: 'basic', isDone: (client: ByteReader) => client.halfClose() },
    { who: 'a basic one that leaves', kind: 'basic', isDone: (client: ByteReader) => client.send(leave('general')) },
  ] as const;

  test.each(cases)('is cut like any other: $who', async ({ kind, isDone }) => {
    await using server = await startServer(CUT_SOON);
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    using ana = await stuckReader(server.port, kind, 'ana', 'general');
    await sayBytes(watcher, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'ana');
    isDone(ana);
    expect(await ana.until(() => ana.resetCode)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), PATIENCE);
  });

  test.each(cases)('is behind until then, so that what is owed adds up: $who', async ({ kind, isDone }) => {
    await using server = await startServer({ ...NEVER_CUT, CHAT_GRPC_RESUME_GRACE: '1ms' });
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    using ana = await stuckReader(server.port, kind, 'ana', 'general');
    await sayBytes(watcher, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'ana');
    isDone(ana);
    // Its session is over and forgotten; the stream is not.
    await vi.waitFor(() => expect(server.sessions.size).toBe(1), PATIENCE);
    const { owed, written, skipped, abandoned } = server.deliveries;
    expect(server.sessions.behind).toBeGreaterThan(0);
    expect(written + skipped + abandoned + server.sessions.behind).toBe(owed);
  });

  test.each(cases)('counts in the budget of all unfinished writes: $who', async ({ kind, isDone }) => {
    await using server = await startServer({ ...NEVER_CUT, CHAT_GRPC_MAX_UNFINISHED_BYTES: '64KiB' });
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const done: ByteReader[] = [];
    for (const n of run(1, 20)) {
      const one = await stuckReader(server.port, kind, `user ${n}`, 'general');
      done.push(one);
      await sayBytes(watcher, 'general', 4000);
      await unfinishedWriteTo(server, 'general', `user ${n}`);
      isDone(one);
    }
    await vi.waitFor(() => expect(server.closed).toContain('slow_consumer'), PATIENCE);
    for (const one of done) one.end();
  });
});

test('a client of the gRPC library sees RESOURCE_EXHAUSTED, without a reason', async () => {
  await using server = await startServer(CUT_SOON);
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const client = new ChatServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
  const call = client.channel();
  const value = { userId: 'ana', room: 'general', displayName: '', position: undefined };
  call.write({ message: { $case: 'join', value }, requestId: '', traceparent: '' });
  await new Promise((resolve) => call.once('data', resolve));
  call.pause();
  const ended = new Promise<StatusObject>((resolve) => call.once('error', resolve));
  // More than the window of 64 KiB that it opens and what it reads ahead.
  for (const _ of run(1, 100)) await sayBytes(watcher, 'general', 4000);
  await unfinishedWriteTo(server, 'general', 'ana');
  await vi.waitFor(() => expect(server.closed).toEqual(['slow_consumer']), PATIENCE);
  call.on('data', () => {});
  const { code, metadata } = await ended;
  expect({ code, reason: metadata.get('chat-reason') }).toEqual({ code: status.RESOURCE_EXHAUSTED, reason: [] });
  client.close();
});

test('above the budget of all unfinished writes the longest one is cut, and no more than must be', async () => {
  const settings = {
    ...{ CHAT_GRPC_MAX_UNFINISHED_BYTES: '64KiB', CHAT_GRPC_STUCK_WRITE_TIMEOUT: '1h' },
    ...{ CHAT_GRPC_MAX_RECV_MSG_SIZE: '64KiB', CHAT_GRPC_MAX_CONTENT_BYTES: '32KiB' },
  };
  await using server = await startServer(settings);
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const stuck: Awaited<ReturnType<typeof stuckReader>>[] = [];
  for (const userId of ['first', 'second', 'third']) {
    stuck.push(await stuckReader(server.port, 'full', userId, 'general'));
    // Those who are stuck already get nothing more.
    await sayBytes(watcher, 'general', 30_000);
    if (userId !== 'third') await unfinishedWriteTo(server, 'general', userId);
  }
  await isDetached(server, 'general', 'first');
  expect(await stuck[0]?.until(() => stuck[0]?.resetCode)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await vi.waitFor(() => expect(server.closed).toEqual(['slow_consumer']), PATIENCE);
  for (const userId of ['second', 'third']) {
    expect(await unfinishedWriteTo(server, 'general', userId)).toMatchObject({ events: 1 });
  }
  watcher.send(chat('general', 'still there'));
  await watcher.hear('broadcast', ({ content }) => content === 'still there');
  for (const reader of stuck) reader.end();
});

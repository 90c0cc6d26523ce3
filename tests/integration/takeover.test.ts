import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { LeaveReason, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { comeBack, isDetached, PATIENCE, run, seqsOf, tokenOf } from '../support/coming-back.ts';
import { chat, hello, join } from '../support/envelopes.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { unfinishedWriteTo } from '../support/stuck.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

let server: Awaited<ReturnType<typeof startServer>>;
let watcher: RawClient;
beforeEach(async () => {
  server = await startServer();
  watcher = await fullClient(server.port, 'watcher', ['general']);
});
afterEach(() => server.stop());

describe('when a token is used while its stream lives', () => {
  test('the old stream ends ABORTED, as replaced', async () => {
    const ana = await fullClient(server.port, 'ana', ['general']);
    await comeBack(server.port, ana);
    const { status: code, trailers } = await ana.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.ABORTED, reason: 'replaced' });
  });

  test('the new one goes on from where the old one was, and the others see nothing', async () => {
    const ana = await fullClient(server.port, 'ana', ['general']);
    const back = await comeBack(server.port, ana, ['general']);
    back.send(chat('general', 'from the new one'));
    expect(await watcher.hear('broadcast')).toMatchObject({ seq: 3n, userId: 'ana' });
    expect(watcher.all('notice')).toHaveLength(1);
    await back.hear('broadcast');
    expect(seqsOf(back, 'general')).toEqual([3]);
  });

  test('what is still said on the old one is dropped', async () => {
    const ana = await fullClient(server.port, 'ana', ['general'], { keepsOpen: true });
    const back = await comeBack(server.port, ana, ['general']);
    await ana.ended;
    ana.send(chat('general', 'from the old one'));
    ana.halfClose();
    // All that it said has arrived when its stream has left the transport.
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(2), PATIENCE);
    back.send(chat('general', 'from the new one'));
    expect(await watcher.hear('broadcast')).toMatchObject({ content: 'from the new one', seq: 3n });
  });

  test('the end of the old one does not detach the new one', async () => {
    const ana = await fullClient(server.port, 'ana', ['general']);
    const back = await comeBack(server.port, ana, ['general']);
    ana.destroySocket();
    await vi.waitFor(() => expect(server.closed).toEqual(['replaced']), PATIENCE);
    watcher.send(chat('general', 'still there?'));
    expect(await back.hear('broadcast')).toMatchObject({ content: 'still there?' });
    expect(server.rooms.get('general')?.members.get('ana')?.isDetached).toBe(false);
  });

  test('an old one that was slow to read is told too, behind what was on its way', async () => {
    server.grpc.sweep = () => {};
    const ana = await fullClient(server.port, 'ana', ['general'], { windowBytes: 1024 });
    ana.pause();
    watcher.send(chat('general', 'x'.repeat(4000)));
    await watcher.hear('broadcast');
    await unfinishedWriteTo(server, 'general', 'ana');
    await comeBack(server.port, ana, ['general']);
    ana.resume();
    const { status: code, trailers } = await ana.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.ABORTED, reason: 'replaced' });
    expect(seqsOf(ana, 'general')).toEqual([3]);
  });

  test('an old one that does not read is reset, and holds nothing up', async () => {
    const ana = await fullClient(server.port, 'ana', ['general'], { windowBytes: 1024 });
    ana.pause();
    watcher.send(...run(1, 20).map(() => chat('general', 'x'.repeat(1000))));
    await watcher.hear('broadcast', ({ seq }) => seq === 22n);
    const back = await comeBack(server.port, ana, ['general']);
    await back.hear('broadcast', ({ seq }) => seq === 22n);
    const [joined] = back.all('joined');
    expect(joined?.recovered).toBe(true);
    expect(seqsOf(back, 'general')).toEqual(run(Number(joined?.position?.seq) + 1, 22));
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(2), PATIENCE);
  });

  test('a network that swallowed the old one without a word costs nothing', async () => {
    await using network = await TcpProxy.to(server.port);
    const ana = await fullClient(network.port, 'ana', ['general']);
    network.stall();
    watcher.send(...run(1, 20).map((n) => chat('general', `${n}`)));
    await watcher.hear('broadcast', ({ seq }) => seq === 22n);
    const back = await comeBack(server.port, ana, ['general']);
    await back.hear('broadcast', ({ seq }) => seq === 22n);
    expect(seqsOf(back, 'general')).toEqual(run(3, 22));
    expect(watcher.all('notice')).toHaveLength(1);
  });

  test('seats that the new one does not join again end as lost, and only those', async () => {
    await using hasty = await startServer({ CHAT_GRPC_RESUME_GRACE: '1ms' });
    const witness = await fullClient(hasty.port, 'witness', ['kept', 'given up']);
    const ana = await fullClient(hasty.port, 'ana', ['kept', 'given up']);
    const back = await comeBack(hasty.port, ana, ['kept']);
    const left = await witness.hear('notice', ({ type }) => type === ServerNotice_Type.USER_LEFT);
    expect(left).toMatchObject({ userId: 'ana', room: 'given up', reason: LeaveReason.LOST, seq: 3n });
    back.send(chat('kept', 'still here'));
    expect(await witness.hear('broadcast')).toMatchObject({ room: 'kept', seq: 3n });
  });
});

describe('a user id that another session holds', () => {
  test('on a stream is refused without a time', async () => {
    await fullClient(server.port, 'ana', ['general']);
    const other = await fullClient(server.port, 'ana');
    other.send(join('general', { requestId: 'r-1' }));
    const refusal = { code: status.ALREADY_EXISTS, reason: 'user_taken', room: 'general', retryAfterMs: 0 };
    expect(await other.hear('error')).toMatchObject({ requestId: 'r-1', ...refusal });
  });

  test('without a stream is refused with the time until its seat ends, a basic client with the end of its stream', async () => {
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.cancel();
    await isDetached(server, 'general', 'ana');
    const other = await fullClient(server.port, 'ana');
    other.send(join('general', { requestId: 'r-1' }));
    const { reason, retryAfterMs } = await other.hear('error');
    expect(reason).toBe('user_taken');
    expect(retryAfterMs > 0 && retryAfterMs <= 15_250).toBe(true);

    const basic = new RawClient(server.port);
    basic.send(join('general', { userId: 'ana' }));
    const { status: code, trailers } = await basic.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.ALREADY_EXISTS, reason: 'user_taken' });
    const waitMs = Number(trailers['chat-retry-after-ms']);
    expect(waitMs > 0 && waitMs <= retryAfterMs).toBe(true);
  });

  test('is free when the seat has ended', async () => {
    await using hasty = await startServer({ CHAT_GRPC_RESUME_GRACE: '1ms' });
    const witness = await fullClient(hasty.port, 'witness', ['general']);
    const ana = await fullClient(hasty.port, 'ana', ['general']);
    ana.cancel();
    await witness.hear('notice', ({ type }) => type === ServerNotice_Type.USER_LEFT);
    const other = new RawClient(hasty.port);
    other.send(hello('ana', { resumeToken: tokenOf(ana) }), join('general'));
    expect(await other.hear('welcome')).toMatchObject({ resumed: false });
    expect(await other.hear('joined')).toMatchObject({ headSeq: 4n, memberCount: 2 });
  });
});

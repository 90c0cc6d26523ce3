import { describe, expect, test, vi } from 'vitest';
import { LeaveReason, Member_State, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { comeBack, isDetached, PATIENCE, run, seqsOf } from '../support/coming-back.ts';
import { chat, members } from '../support/envelopes.ts';
import { fullClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const WORD = 'x'.repeat(1000);

describe('the half-close of a full client', () => {
  test('is answered with OK when all that it was owed is written', async () => {
    await using server = await startServer();
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general'], { windowBytes: 1024 });
    ana.pause();
    watcher.send(...run(1, 100).map(() => chat('general', WORD)));
    await watcher.hear('broadcast', ({ seq }) => seq === 102n);
    ana.halfClose();
    await isDetached(server, 'general', 'ana');
    // Owed from now on is nothing.
    watcher.send(chat('general', 'behind the half-close'));
    await watcher.hear('broadcast');
    ana.resume();
    expect(await ana.ended).toMatchObject({ status: 0 });
    expect(seqsOf(ana, 'general')).toEqual(run(3, 102));
  });

  test('detaches it at once: who comes back with its token has missed nothing', async () => {
    await using server = await startServer();
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.halfClose();
    await ana.ended;
    watcher.send(members('general'), chat('general', 'meanwhile'));
    const { members: all } = await watcher.hear('members');
    expect(all.find(({ userId }) => userId === 'ana')?.state).toBe(Member_State.DETACHED);
    await watcher.hear('broadcast');
    const back = await comeBack(server.port, ana, ['general']);
    expect(await back.hear('broadcast')).toMatchObject({ content: 'meanwhile' });
    expect(watcher.all('notice')).toHaveLength(1);
  });

  test('while it is still owed something, a stream with its token goes on from where it stands', async () => {
    await using server = await startServer();
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general'], { windowBytes: 1024 });
    ana.pause();
    watcher.send(...run(1, 100).map(() => chat('general', WORD)));
    await watcher.hear('broadcast', ({ seq }) => seq === 102n);
    ana.halfClose();
    await isDetached(server, 'general', 'ana');
    const told = seqsOf(ana, 'general');
    const back = await comeBack(server.port, ana, ['general']);
    await back.hear('broadcast', ({ seq }) => seq === 102n);
    expect([...told, ...seqsOf(back, 'general')]).toEqual(run(3, 102));
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(2), PATIENCE);
  });

  test('ends as lost when nobody came back within the grace', async () => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '1ms' });
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.halfClose();
    const left = await watcher.hear('notice', ({ type }) => type === ServerNotice_Type.USER_LEFT);
    expect(left).toMatchObject({ userId: 'ana', reason: LeaveReason.LOST, seq: 3n });
    expect(await ana.ended).toMatchObject({ status: 0 });
    await vi.waitFor(() => expect(server.sessions.size).toBe(1), PATIENCE);
  });

  test('ends a session without seats', async () => {
    await using server = await startServer();
    const ana = await fullClient(server.port, 'ana');
    ana.halfClose();
    expect(await ana.ended).toMatchObject({ status: 0 });
    expect(server.sessions.size).toBe(0);
  });
});

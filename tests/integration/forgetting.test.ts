import { describe, expect, test, vi } from 'vitest';
import { comeBack, isDetached, PATIENCE, positionOf, run, seqsOf } from '../support/coming-back.ts';
import { heartbeat, join, leave } from '../support/envelopes.ts';
import { fullClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { sayBytes } from '../support/stuck.ts';

const KIB = 1024;

describe('the logs of all rooms share one budget', () => {
  const BUDGET = 64 * KIB;
  const SETTINGS = { CHAT_GRPC_HISTORY_BYTES: `${BUDGET}`, CHAT_GRPC_ROOM_HISTORY_BYTES: `${BUDGET}` };

  test('above it the idlest gives its oldest up, and whoever comes back there is told the gap', async () => {
    await using server = await startServer(SETTINGS);
    const ana = await fullClient(server.port, 'ana', ['first', 'second', 'third']);
    const idle = positionOf(ana, 'first');
    for (const room of ['first', 'second', 'third']) {
      for (const _ of run(1, 10)) {
        await sayBytes(ana, room, 3000);
        expect(server.rooms.heldBytes).toBeLessThanOrEqual(BUDGET);
      }
    }
    const oldestOf = (room: string) => server.rooms.get(room)?.log.oldest ?? 0;
    expect(oldestOf('first')).toBeGreaterThan(1);
    // Its join was from before the talk in the others; its words are all there.
    expect(oldestOf('third')).toBeLessThanOrEqual(2);

    const bob = await fullClient(server.port, 'bob');
    bob.send(join('first', { position: idle }), heartbeat('behind'));
    const { position } = await bob.hear('joined');
    const gap = await bob.hear('gap');
    expect(gap).toMatchObject({ fromSeq: 2n, toSeq: position?.seq });
    await bob.hear('heartbeat');
    expect(seqsOf(bob, 'first')).toEqual(run(Number(gap.toSeq) + 1, 12));
  });

  test('what is held is what the rooms hold, and nothing when they are forgotten', async () => {
    await using server = await startServer({ ...SETTINGS, CHAT_GRPC_ROOM_HISTORY_AGE: '1ms' });
    const rooms = run(1, 40).map((n) => `room ${n}`);
    const ana = await fullClient(server.port, 'ana');
    for (const room of rooms) {
      ana.send(join(room));
      await ana.hear('joined');
      await sayBytes(ana, room, 3000);
      ana.send(leave(room));
      await ana.hear('left');
      const held = [...server.rooms.all()].reduce((sum, { log }) => sum + log.heldBytes, 0);
      expect(server.rooms.heldBytes).toBe(held);
    }
    await vi.waitFor(() => expect([server.rooms.size, server.rooms.heldBytes]).toEqual([0, 0]), PATIENCE);
  });
});

describe('an empty room is forgotten when it is old', () => {
  const FORGETFUL = { CHAT_GRPC_ROOM_HISTORY_AGE: '1ms' };

  test('and begins anew, with another epoch, when it is joined again', async () => {
    await using server = await startServer(FORGETFUL);
    const ana = await fullClient(server.port, 'ana', ['general']);
    const before = positionOf(ana, 'general');
    ana.send(leave('general'));
    await vi.waitFor(() => expect(server.rooms.size).toBe(0), PATIENCE);
    ana.send(join('general', { position: before }));
    const { position, recovered } = await ana.hear('joined', ({ headSeq, position }) => {
      return headSeq === 1n && position?.epoch !== before.epoch;
    });
    expect({ seq: position?.seq, recovered }).toEqual({ seq: 0n, recovered: false });
  });

  test('but not while a seat in it is kept for a session without a stream', async () => {
    await using server = await startServer(FORGETFUL);
    const ana = await fullClient(server.port, 'ana', ['general']);
    const bob = await fullClient(server.port, 'bob', ['emptied']);
    ana.cancel();
    await isDetached(server, 'general', 'ana');
    bob.send(leave('emptied'));
    // By then general has been without anybody on a stream for longer.
    await vi.waitFor(() => expect(server.rooms.get('emptied')).toBeUndefined(), PATIENCE);
    const back = await comeBack(server.port, ana, ['general']);
    expect(back.all('joined')).toMatchObject([{ recovered: true, headSeq: 1n }]);
  });

  test('and when the grace of the last seat in it is over', async () => {
    await using server = await startServer({ ...FORGETFUL, CHAT_GRPC_RESUME_GRACE: '1ms' });
    const ana = await fullClient(server.port, 'ana', ['general']);
    ana.cancel();
    await vi.waitFor(() => expect([server.rooms.size, server.sessions.size]).toEqual([0, 0]), PATIENCE);
  });
});

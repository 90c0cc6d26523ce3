import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { comeBack, positionOf, run, seqsOf } from '../support/coming-back.ts';
import { type At, chat, heartbeat, join, leave } from '../support/envelopes.ts';
import { fullClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

/** Bob talks in general from seq 2 on; who joins it says so from where. */
async function talked(words: number, settings: Record<string, string> = {}) {
  const server = await startServer(settings);
  const bob = await fullClient(server.port, 'bob', ['general']);
  bob.send(...run(1, words).map((n) => chat('general', `${n} ${'x'.repeat(1000)}`)), heartbeat('behind'));
  await bob.hear('heartbeat');
  const { epoch } = positionOf(bob, 'general');
  const from = async (position: At) => {
    const ana = await fullClient(server.port, 'ana');
    ana.send(join('general', { position, requestId: 'r-1' }), heartbeat('behind'));
    return ana;
  };
  return { server, bob, epoch, from, [Symbol.asyncDispose]: server.stop };
}

/** A log that holds a few of the words. */
const SHORT = { CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB' };

describe('a join with a position of the same epoch', () => {
  test.each([0, 1, 5, 21])('is given everything after seq %i, its own join included', async (seq) => {
    await using world = await talked(20);
    const ana = await world.from({ epoch: world.epoch, seq });
    expect(await ana.hear('joined')).toMatchObject({
      ...{ requestId: 'r-1', recovered: true, position: { epoch: world.epoch, seq: BigInt(seq) } },
      ...{ headSeq: 22n, memberCount: 2 },
    });
    await ana.hear('notice', (notice) => notice.seq === 22n);
    expect(seqsOf(ana, 'general')).toEqual(run(seq + 1, 22));
    expect(ana.all('gap')).toEqual([]);
  });

  test('is given its own leave and joins too', async () => {
    await using world = await talked(1);
    const ana = await fullClient(world.server.port, 'ana', ['general']);
    const position = positionOf(ana, 'general');
    ana.send(leave('general'), join('general', { position }));
    await ana.hear('left');
    await ana.hear('notice', ({ seq }) => seq === 5n);
    const { USER_LEFT, USER_JOINED } = ServerNotice_Type;
    expect(ana.all('notice')).toMatchObject([
      { type: USER_LEFT, userId: 'ana', seq: 4n },
      { type: USER_JOINED, userId: 'ana', seq: 5n },
    ]);
  });

  test('that the log no longer reaches is told the gap, and given the rest', async () => {
    await using world = await talked(40, SHORT);
    const ana = await world.from({ epoch: world.epoch, seq: 2 });
    const joined = await ana.hear('joined');
    const gap = await ana.hear('gap');
    const oldest = world.server.rooms.get('general')?.log.oldest ?? 0;
    expect(oldest).toBeGreaterThan(3);
    expect(gap).toMatchObject({ epoch: world.epoch, fromSeq: 3n, toSeq: BigInt(oldest - 1) });
    expect(joined).toMatchObject({ recovered: false, position: { epoch: world.epoch, seq: gap.toSeq } });
    await ana.hear('notice', ({ seq }) => seq === 42n);
    expect(seqsOf(ana, 'general')).toEqual(run(oldest, 42));
    // The gap stands right behind the JoinAck, before everything else.
    expect(ana.told.slice(1, 3).map(({ $case }) => $case)).toEqual(['joined', 'gap']);
  });

  test('right before the oldest event that is kept has no gap', async () => {
    await using world = await talked(40, SHORT);
    // The join itself trims nothing: there is place in the last segment for it.
    const oldest = world.server.rooms.get('general')?.log.oldest ?? 0;
    const ana = await world.from({ epoch: world.epoch, seq: oldest - 1 });
    expect(await ana.hear('joined')).toMatchObject({ recovered: true, position: { seq: BigInt(oldest - 1) } });
    await ana.hear('heartbeat');
    expect(ana.all('gap')).toEqual([]);
  });
});

describe('a join with a position of another epoch', () => {
  test.each([0, 3, 1_000_000])(
    '21 and seq %i is given the present epoch from its beginning, without a gap',
    async (seq) => {
      await using world = await talked(20);
      const ana = await world.from({ epoch: 'another', seq });
      expect(await ana.hear('joined')).toMatchObject({ recovered: false, position: { epoch: world.epoch, seq: 0n } });
      await ana.hear('notice', (notice) => notice.seq === 22n);
      expect(seqsOf(ana, 'general')).toEqual(run(1, 22));
      expect(ana.all('gap')).toEqual([]);
    },
  );

  test('21 is told what the log no longer holds of the present one', async () => {
    await using world = await talked(40, SHORT);
    const ana = await world.from({ epoch: 'another', seq: 3 });
    const { position, recovered } = await ana.hear('joined');
    const gap = await ana.hear('gap');
    expect(gap).toMatchObject({ epoch: world.epoch, fromSeq: 1n });
    expect({ position, recovered }).toEqual({ position: { epoch: world.epoch, seq: gap.toSeq }, recovered: false });
    await ana.hear('heartbeat');
    expect(seqsOf(ana, 'general')).toEqual(run(Number(gap.toSeq) + 1, 42));
  });

  test('of a room that does not exist makes it, and is given the own join', async () => {
    await using server = await startServer();
    const ana = await fullClient(server.port, 'ana');
    ana.send(join('nowhere', { position: { epoch: 'gone', seq: 7 } }));
    expect(await ana.hear('joined')).toMatchObject({ recovered: false, position: { seq: 0n }, headSeq: 1n });
    expect(await ana.hear('notice')).toMatchObject({ userId: 'ana', seq: 1n });
  });
});

describe('a join with a position beyond the head', () => {
  test.each([22n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n, 2n ** 64n - 1n])('11 and 21: %i is refused', async (seq) => {
    await using world = await talked(20);
    const ana = await world.from({ epoch: world.epoch, seq });
    const refusal = { code: status.INVALID_ARGUMENT, reason: 'invalid_position', room: 'general' };
    expect(await ana.hear('error')).toMatchObject({ requestId: 'r-1', ...refusal });
    expect(world.server.rooms.get('general')?.log.head).toBe(21);
  });

  test('leaves a seat that is parked as it was', async () => {
    await using world = await talked(3);
    const ana = await fullClient(world.server.port, 'ana', ['general']);
    const { epoch, seq } = positionOf(ana, 'general');
    const beyond = { epoch, seq: BigInt(seq) + 1n };
    const back = await comeBack(world.server.port, ana);
    back.send(join('general', { position: beyond, requestId: 'beyond' }), join('general', { requestId: 'head' }));
    expect(await back.hear('error')).toMatchObject({ requestId: 'beyond', reason: 'invalid_position' });
    expect(await back.hear('joined')).toMatchObject({ requestId: 'head', headSeq: seq });
  });
});

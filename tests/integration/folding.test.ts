import { describe, expect, test } from 'vitest';
import { ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { run, seqsOf } from '../support/coming-back.ts';
import { chat, history, join, leave, members } from '../support/envelopes.ts';
import { basicClient, fullClient, type RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const CROWD = 40;
const FOLD_ABOVE = 5;

/** A crowd joins general in one moment, and half of it leaves in the same, before the eyes of a watcher of either kind. */
async function crowded() {
  const server = await startServer({ CHAT_GRPC_FOLD_ABOVE: `${FOLD_ABOVE}` });
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const old = await basicClient(server.port, 'old', ['general']);
  const crowd = await Promise.all(run(1, CROWD).map((n) => fullClient(server.port, `user ${n}`)));
  const [leavers, stayers] = [crowd.slice(0, CROWD / 2), crowd.slice(CROWD / 2)];
  for (const client of crowd) client.send(join('general'));
  for (const client of leavers) client.send(leave('general'));
  for (const client of crowd) await client.hear('joined');
  for (const client of leavers) await client.hear('left');
  const isTold = ({ told }: RawClient) => countAfter(told, Number.POSITIVE_INFINITY).changes >= CROWD + leavers.length;
  // The watcher was told of `old` too, who joined after it.
  await watcher.until(() => isTold(watcher) || undefined);
  return { server, watcher, old, crowd, leavers, stayers, [Symbol.asyncDispose]: server.stop };
}

/** What the log has told up to a seq: members beside the watcher, and joins and leaves of the crowd. */
function countAfter(told: RawClient['told'], seq: number) {
  let [members, changes] = [0, 0];
  for (const { $case, value } of told) {
    if ($case !== 'notice' || Number(value.seq) > seq) continue;
    const joined = value.joinedCount + (value.type === ServerNotice_Type.USER_JOINED ? 1 : 0);
    const left = value.leftCount + (value.type === ServerNotice_Type.USER_LEFT ? 1 : 0);
    members += joined - left;
    if (value.userId !== 'old') changes += joined + left;
  }
  return { members, changes };
}

describe('more joins and leaves in a second than are announced one by one', () => {
  test('32 become a notice with their numbers and one seq, and the numbering is whole', async () => {
    await using world = await crowded();
    const { watcher } = world;
    const folds = watcher.all('notice').filter(({ type }) => type === ServerNotice_Type.GENERIC);
    expect(folds.length).toBeGreaterThan(0);
    for (const { joinedCount, leftCount, userId, reason, displayName, room, message } of folds) {
      expect({ userId, reason, displayName, room }).toEqual({
        userId: '',
        reason: 0,
        displayName: '',
        room: 'general',
      });
      expect(joinedCount + leftCount).toBeGreaterThan(0);
      expect(message).toBe(`${joinedCount} joined and ${leftCount} left general`);
    }
    expect(countAfter(watcher.told, Number.POSITIVE_INFINITY)).toEqual({
      members: 1 + world.stayers.length,
      changes: CROWD + world.leavers.length,
    });
    const head = world.server.rooms.get('general')?.log.head ?? 0;
    expect(seqsOf(watcher, 'general')).toEqual(run(2, head));
    // Far fewer than there were joins and leaves.
    expect(head).toBeLessThan(CROWD);
  });

  test('32 are one order to everybody, to those who joined meanwhile too', async () => {
    await using world = await crowded();
    const all = [world.watcher, world.old, ...world.stayers];
    world.watcher.send(chat('general', 'the end'));
    for (const client of all) await client.hear('broadcast');
    const order = new Map(noticesOf(world.watcher));
    for (const client of all) {
      const position = Number(client.all('joined')[0]?.position?.seq);
      expect(seqsOf(client, 'general')).toEqual(run(position + 1, world.server.rooms.get('general')?.log.head ?? 0));
      for (const [seq, words] of noticesOf(client)) if (order.has(seq)) expect(words).toBe(order.get(seq));
    }
  });

  test('32 a member_count is what the log has told by then', async () => {
    await using world = await crowded();
    for (const client of world.crowd) {
      const [joined] = client.all('joined');
      expect(joined?.position?.seq).toBe(joined?.headSeq);
      // The watcher itself is told by its own JoinAck.
      expect(joined?.memberCount).toBe(1 + countAfter(world.watcher.told, Number(joined?.headSeq)).members);
    }
  });

  test('32 a leave among them has seq 0', async () => {
    await using world = await crowded();
    const told = new Set(seqsOf(world.watcher, 'general'));
    const seqs = world.leavers.map((client) => Number(client.all('left')[0]?.seq));
    expect(seqs).toContain(0);
    for (const seq of seqs) if (seq > 0) expect(told).toContain(seq);
  });

  test('32 who is there is then asked by members; history has the fold as it was told', async () => {
    await using world = await crowded();
    world.watcher.send(members('general'), history('general'));
    const page = await world.watcher.hear('members');
    expect(page.memberCount).toBe(2 + world.stayers.length);
    const there = ['watcher', 'old', ...world.stayers.map((client) => client.all('welcome')[0]?.userId)];
    expect(page.members.map(({ userId }) => userId).sort()).toEqual(there.sort());
    const { events } = await world.watcher.hear('history');
    const values = events.map(({ event }) => event?.value);
    for (const notice of world.watcher.all('notice')) expect(values).toContainEqual(notice);
  });
});

test('32 as many as are announced one by one are announced one by one', async () => {
  await using server = await startServer({ CHAT_GRPC_FOLD_ABOVE: '11' });
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  for (const n of run(1, 5)) {
    const client = await fullClient(server.port, `user ${n}`, ['general']);
    client.send(leave('general'));
    await client.hear('left');
  }
  await watcher.hear('notice', ({ seq }) => seq === 11n);
  expect(watcher.all('notice').map(({ type }) => type)).not.toContain(ServerNotice_Type.GENERIC);
});

/** The notices of the log that a client was told, by seq, in words. */
function noticesOf(client: RawClient): [bigint, string][] {
  return client.all('notice').map(({ seq, message }) => [seq, message]);
}

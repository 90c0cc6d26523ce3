import { expect, test } from 'vitest';
import { coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

const MINUTE_MS = 60_000;
/** A little more than the resume grace. */
const GRACE_MS = 15_250;

function collectedBytes(): number {
  const collect = globalThis.gc;
  if (collect === undefined) throw new Error('these tests need --expose-gc');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test('after 15,000 joins and leaves in as many rooms everything is back where it was', () => {
  const world = coreWorld({ maxRoomsPerSession: 10 });
  // Tests keep what was appended; that is theirs, not the core's.
  const forgetAppended = () => world.appended.splice(0);
  const round = (count: number) => {
    for (let i = 0; i < count; i++) {
      const client = world.client();
      client.say(hello(`u${i % 50}`));
      client.say(join(`room ${i}`));
      client.say(post(`room ${i}`, 'words', `m${i}`));
      world.settle([client]);
      if (i % 2 === 0) client.say(leave(`room ${i}`));
      client.lose();
      world.endTurn();
      if (i % 1000 === 0) {
        world.pass(GRACE_MS);
        forgetAppended();
      }
    }
    world.pass(GRACE_MS);
    world.turnClock(5 * MINUTE_MS);
    // A sweep forgets a part of so many.
    world.pass(10_000);
    world.endTurn();
    forgetAppended();
  };
  round(1000);
  const before = collectedBytes();
  round(15_000);
  expect(world.rooms.size).toBe(0);
  expect(world.sessions.size).toBe(0);
  expect(world.tasks).toBe(0);
  expect(collectedBytes() - before).toBeLessThan(1 << 20);
});

test('after 15,000 joins and leaves in one room that stays, only its bounded log is left', () => {
  const world = coreWorld({ roomHistoryBytes: 64 * 1024, maxMembersPerRoom: 1000, heartbeatIntervalMs: 2 ** 31 });
  const stays = world.client();
  stays.say(hello('stays'));
  stays.say(join('red'));
  const round = (count: number) => {
    for (let i = 0; i < count; i++) {
      const client = world.client();
      client.say(hello(`u${i}`));
      client.say(join('red'));
      client.say(post('red', 'words', `m${i}`));
      world.settle([stays, client]);
      client.lose();
      if (i % 900 === 899) world.pass(GRACE_MS);
      stays.told.length = 0;
      world.appended.length = 0;
    }
    world.pass(MINUTE_MS * 3);
    world.settle([stays]);
    world.appended.length = 0;
    stays.told.length = 0;
  };
  round(5000);
  const before = collectedBytes();
  round(15_000);
  expect(world.sessions.size).toBe(1);
  expect(world.rooms.get('red')?.members.size).toBe(1);
  expect(collectedBytes() - before).toBeLessThan(1 << 20);
});

test('an empty room is remembered for five minutes, and begins anew after that', () => {
  const world = coreWorld();
  const visit = () => {
    const client = world.client();
    client.say(hello('ana'));
    client.say(join('red'));
    const epoch = world.rooms.get('red')?.epoch;
    client.say(leave('red'));
    client.lose();
    return epoch;
  };
  const first = visit();
  world.turnClock(5 * MINUTE_MS - 1);
  world.rooms.sweep();
  expect(visit()).toBe(first);
  world.turnClock(5 * MINUTE_MS);
  world.rooms.sweep();
  expect(world.rooms.get('red')).toBeUndefined();
  expect(visit()).not.toBe(first);
});

test('a seat keeps its room from being forgotten, a detached one too', () => {
  const world = coreWorld({ resumeGraceMs: 60 * MINUTE_MS });
  const ana = world.client();
  ana.say(hello('ana'));
  ana.say(join('red'));
  const epoch = world.rooms.get('red')?.epoch;
  ana.lose();
  // Somebody who goes from beside it leaves no empty room.
  const bob = world.client();
  bob.say(hello('bob'));
  bob.say(join('red'));
  bob.say(leave('red'));
  world.turnClock(30 * MINUTE_MS);
  world.rooms.sweep();
  expect(world.rooms.get('red')?.epoch).toBe(epoch);
  world.pass(31 * MINUTE_MS);
  world.turnClock(5 * MINUTE_MS);
  world.rooms.sweep();
  expect(world.rooms.get('red')).toBeUndefined();
});

test('when there are too many rooms, the one that has been empty longest gives way', () => {
  const world = coreWorld({ maxRooms: 2 });
  const ana = world.client();
  ana.say(hello('ana'));
  for (const room of ['a', 'b']) {
    ana.say(join(room));
    ana.say(leave(room));
  }
  ana.say(join('c'));
  expect([...world.rooms.all()].map(({ name }) => name)).toEqual(['b', 'c']);
  ana.say(join('b'));
  ana.say({ ...join('d'), requestId: 'd' });
  world.settle([ana]);
  expect(ana.told.at(-1)).toMatchObject({
    $case: 'error',
    value: { reason: 'server_full', requestId: 'd', room: 'd' },
  });
});

import { expect, test, vi } from 'vitest';
import type { Limits } from '../../../src/core/limits.ts';
import { Room } from '../../../src/core/room.ts';
import { RoomLog } from '../../../src/core/room-log.ts';
import { coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

const KIB = 1024;
const AGE_MS = 60_000;

/** Ana sits in so many rooms. */
function inRooms(count: number, limits: Partial<Limits> = {}) {
  const world = coreWorld({ maxRoomsPerSession: count, roomHistoryAgeMs: AGE_MS, ...limits });
  const ana = world.client();
  ana.say(hello('ana'));
  const names = Array.from({ length: count }, (_, i) => `room ${i}`);
  for (const name of names) ana.say(join(name));
  world.settle([ana]);
  const leaveAll = () => {
    for (const name of names) ana.say(leave(name));
    world.settle([ana]);
  };
  const held = () => [...world.rooms.all()].reduce((sum, { log }) => sum + log.heldBytes, 0);
  return { world, ana, names, leaveAll, held };
}

/** How often a room or its log is looked at meanwhile. */
function looksDuring(act: () => void): number {
  const spies = [
    vi.spyOn(Room.prototype, 'endFold'),
    vi.spyOn(Room.prototype, 'forgetPosts'),
    vi.spyOn(RoomLog.prototype, 'heldBytes', 'get'),
    vi.spyOn(RoomLog.prototype, 'oldest', 'get'),
    vi.spyOn(RoomLog.prototype, 'append'),
    vi.spyOn(RoomLog.prototype, 'slice'),
  ];
  act();
  const looks = spies.reduce((sum, spy) => sum + spy.mock.calls.length, 0);
  for (const spy of spies) spy.mockRestore();
  return looks;
}

test('a message, a sweep and a look at what was given up cost as much with 1000 rooms as with 3', () => {
  const looks = [3, 1000].map((count) => {
    const { world, names } = inRooms(count);
    const bob = world.client();
    bob.say(hello('bob'));
    bob.say(join('room 1'));
    world.settle([bob]);
    world.turnClock(2000);
    return {
      names: names.length,
      message: looksDuring(() => {
        for (let i = 0; i < 100; i++) bob.say(post('room 1', 'x'.repeat(100)));
        world.endTurn();
        bob.finishWrite();
      }),
      sweep: looksDuring(() => world.rooms.sweep()),
      trimmed: looksDuring(() => world.rooms.trimmed),
    };
  });
  const [few, many] = looks;
  expect(many).toEqual({ ...few, names: 1000 });
  expect(many?.sweep).toBe(0);
});

test('rooms that have given up all their logs held are not looked at again by each message', () => {
  const { world, ana, held } = inRooms(500, { roomHistoryBytes: 16 * KIB, historyBytes: 64 * KIB });
  const looks = looksDuring(() => {
    for (let i = 0; i < 500; i++) ana.say(post('room 1', 'x'.repeat(100)));
  });
  expect(looks).toBeLessThan(500 * 10);
  expect(world.rooms.heldBytes).toBe(held());
});

test('after a burst the logs hold no more than their budgets, and nothing when the rooms are forgotten', () => {
  const { world, ana, names, leaveAll, held } = inRooms(20, { roomHistoryBytes: 64 * KIB, historyBytes: 512 * KIB });
  const lost = () => [...world.rooms.all()].reduce((sum, { log }) => sum + log.oldest - 1, 0);
  for (const name of names) {
    for (let i = 0; i < 100; i++) ana.say(post(name, 'x'.repeat(1000)));
    expect(world.rooms.get(name)?.log.heldBytes).toBeLessThanOrEqual(64 * KIB);
    expect(world.rooms.heldBytes).toBeLessThanOrEqual(512 * KIB);
  }
  expect(world.rooms.heldBytes).toBe(held());
  expect(world.rooms.trimmed).toBe(lost());
  leaveAll();
  const trimmed = lost();
  world.turnClock(AGE_MS);
  world.rooms.sweep();
  expect([world.rooms.size, world.rooms.heldBytes, world.rooms.trimmed]).toEqual([0, 0, trimmed]);
});

test('of many rooms that are old at once a sweep forgets a part, and the next ones the rest', () => {
  const { world, leaveAll, held } = inRooms(1500);
  leaveAll();
  world.turnClock(AGE_MS);
  const sizes = [1, 2].map(() => {
    world.rooms.sweep();
    expect(world.rooms.heldBytes).toBe(held());
    return world.rooms.size;
  });
  expect(sizes).toEqual([500, 0]);
});

test('a room begins with a small piece of memory, and takes larger ones as it grows', () => {
  const { world, ana } = inRooms(1);
  const room = world.rooms.get('room 0');
  const steps = new Set<number>();
  for (let i = 0; i < 200; i++) {
    steps.add(room?.log.heldBytes ?? 0);
    ana.say(post('room 0', 'x'.repeat(100)));
  }
  expect([...steps].slice(0, 4)).toEqual([512, 512 + 1024, 512 + 1024 + 2048, 512 + 1024 + 2048 + 4096]);
});

test('a sweep looks once at each room that remembers message ids of those who are gone', () => {
  const { world, ana, names } = inRooms(2);
  const bob = world.client();
  bob.say(hello('bob'));
  for (const name of names) {
    bob.say(join(name));
    bob.say(post(name, 'hello', 'm-1'));
    bob.say(leave(name));
  }
  world.settle([ana, bob]);
  expect(looksDuring(() => world.rooms.sweep())).toBe(2);
});

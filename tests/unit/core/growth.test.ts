import { describe, expect, test } from 'vitest';
import { leave } from '../../support/core-world.ts';
import {
  type CrowdClient,
  type CrowdedWorld,
  crowdedWorld,
  enter,
  type Work,
  workBetween,
} from '../../support/crowded-world.ts';

/** Half of them is always enough to be folded. */
const SIZES = [500, 1000, 2000] as const;
const SPREAD_MS = 10_000;
/** Longer than the grace of those that went without a word. */
const AFTERWARDS_MS = 16_000;
const LOST_POSITION = { epoch: 'before the restart', seq: 7n };

/** Twice as many do twice as much, and not four times. A tenth more, for names and numbers that are a digit longer. */
const MOST_GROWTH = 2.2;

/** Holds that each kind of work at most doubles from one size to the next. */
function expectNoSquare(workOf: (count: number) => Work): void {
  const works = SIZES.map(workOf);
  for (const [i, work] of works.entries()) {
    expect(work.writes).toBeGreaterThanOrEqual(SIZES[i] ?? 0);
    for (const [what, count] of Object.entries(works[i - 1] ?? work)) {
      const growth = work[what as keyof Work] / Math.max(1, count);
      expect(growth, `${what} of ${SIZES[i]}`).toBeLessThanOrEqual(MOST_GROWTH);
    }
  }
}

function comesIn(world: CrowdedWorld, count: number, roomOf: (i: number) => string): CrowdClient[] {
  const crowd: CrowdClient[] = [];
  world.spread(SPREAD_MS, count, (i) => {
    const client = world.open();
    crowd.push(client);
    enter(client, { userId: `user ${i}`, room: roomOf(i) });
  });
  return crowd;
}

describe('what a crowd costs does not grow with its square', () => {
  test('when it comes into one room in ten seconds', () => {
    expectNoSquare((count) => {
      const world = crowdedWorld();
      comesIn(world, count, () => 'square');
      world.spread(AFTERWARDS_MS, 0, () => {});
      expect(world.rooms.get('square')?.members.size).toBe(count);
      return world.work;
    });
  });

  test('when it goes again, half of it without a word', () => {
    expectNoSquare((count) => {
      const world = crowdedWorld();
      const crowd = comesIn(world, count, () => 'square');
      world.settle();
      const before = world.work;
      world.spread(SPREAD_MS, count, (i) => {
        const client = crowd[i];
        if (i % 2 === 0) client?.say(leave('square'));
        client?.lose();
      });
      world.spread(AFTERWARDS_MS, 0, () => {});
      expect([world.rooms.get('square')?.members.size, world.sessions.size]).toEqual([0, 0]);
      return workBetween(before, world.work);
    });
  });

  test('when all streams of a hundred rooms were cut and come back to their seats, which is told to nobody', () => {
    expectNoSquare((count) => {
      const world = crowdedWorld();
      const roomOf = (i: number) => `room ${i % 100}`;
      const crowd = comesIn(world, count, roomOf);
      for (const client of crowd) client.lose();
      world.settle();
      const before = world.work;
      world.spread(SPREAD_MS, count, (i) => {
        const room = roomOf(i);
        const { epoch = '', log } = world.rooms.get(room) ?? {};
        const position = { epoch, seq: BigInt(log?.head ?? 0) };
        const resumeToken = crowd[i]?.resumeToken ?? '';
        enter(world.open(), { userId: `user ${i}`, room, resumeToken, position });
      });
      world.settle();
      const work = workBetween(before, world.work);
      expect([work.seqs, world.sessions.size]).toEqual([0, count]);
      return work;
    });
  });

  test.each([
    { into: 'rooms of ten', roomOf: (i: number) => `room ${Math.floor(i / 10)}` },
    { into: 'one room', roomOf: () => 'square' },
  ])(
    'when it comes back to a server that was restarted, into $into, and is told all from the beginning',
    ({ roomOf }) => {
      expectNoSquare((count) => {
        const world = crowdedWorld();
        world.spread(SPREAD_MS, count, (i) => {
          enter(world.open(), { userId: `user ${i}`, room: roomOf(i), position: LOST_POSITION });
        });
        world.settle();
        expect(world.sessions.size).toBe(count);
        return world.work;
      });
    },
  );
});

import { describe, expect, test, vi } from 'vitest';
import { Outbox } from '../../../src/core/outbox.ts';
import { type CoreClient, coreWorld, hello, join, post } from '../../support/core-world.ts';

/** What the fan-out begins in a turn, in one in which somebody came, and of these for one room before the next has its turn. */
const WRITES_A_TURN = 64;
const WRITES_A_CROWDED_TURN = 16;
const WRITES_A_STEP = 8;
const QUIET = 'quiet';

type World = ReturnType<typeof coreWorld>;

function enter(world: World, userId: string, room: string): CoreClient {
  const client = world.client();
  client.say(hello(userId));
  client.say(join(room));
  return client;
}

/**
 * Rooms in each of which somebody speaks in every turn. Their members have read all that they were written by then, so
 * that only a pass brings them more, and the fan-out never rests.
 */
function fullBlast({ rooms, members }: { readonly rooms: number; readonly members: number }) {
  const world = coreWorld();
  const crowd = Array.from({ length: rooms * members }, (_, i) => enter(world, `user ${i}`, `busy ${i % rooms}`));
  const few = [0, 1, 2].map((i) => enter(world, `quiet ${i}`, QUIET));
  world.settle([...crowd, ...few]);
  return {
    world,
    crowd,
    few,
    /** @param also what is said in it behind what the busy rooms say. */
    turn(also: () => void = () => {}): void {
      for (const client of [...crowd, ...few]) while (client.isWriting) client.finishWrite();
      for (const [i, speaker] of crowd.slice(0, rooms).entries()) speaker.say(post(`busy ${i}`, 'words'));
      also();
      world.endTurn();
    },
  };
}

const hasHeard = ({ told }: CoreClient, content: string) =>
  told.some(({ $case, value }) => $case === 'broadcast' && value.content === content);

describe('beside rooms at full blast', () => {
  test('of which there is one of two thousand, a message in a small room is written in the turn that it is said in', () => {
    const { few, turn } = fullBlast({ rooms: 1, members: 2000 });
    // As many turns as the pass over the large one takes, and some of the next.
    for (let i = 0; i < 40; i++) {
      turn(() => few[i % few.length]?.say(post(QUIET, `${i}`)));
      expect(few.map((client) => hasHeard(client, `${i}`))).toEqual([true, true, true]);
    }
  });

  test('of which there are two hundred, it is written when each of them has had one step', () => {
    const rooms = 200;
    // None of them is through with one step, nor with two.
    const { few, turn } = fullBlast({ rooms, members: 2 * WRITES_A_STEP + 1 });
    const mostTurns = Math.ceil((rooms * WRITES_A_STEP) / WRITES_A_TURN) + 1;
    turn(() => few[0]?.say(post(QUIET, 'low')));
    let turns = 1;
    for (; !few.every((client) => hasHeard(client, 'low')) && turns <= mostTurns; turns++) turn();
    expect(turns).toBeLessThanOrEqual(mostTurns);
    // It does wait: otherwise this tells nothing.
    expect(turns).toBeGreaterThan(1);
  });

  test('that read nothing, a turn looks at a part of their members, and a message in a small room is written in it', () => {
    const { world, crowd, few } = fullBlast({ rooms: 1, members: 10_000 });
    const flush = vi.spyOn(Outbox.prototype, 'flush');
    // All of the large room have a write that is unfinished from here on.
    for (let i = 0; i < 10_000 / WRITES_A_TURN + 1; i++) {
      crowd[0]?.say(post('busy 0', 'words'));
      world.endTurn();
    }
    for (let i = 0; i < 20; i++) {
      for (const client of few) while (client.isWriting) client.finishWrite();
      crowd[0]?.say(post('busy 0', 'words'));
      few[0]?.say(post(QUIET, `${i}`));
      flush.mockClear();
      world.endTurn();
      expect(flush.mock.calls.length).toBeLessThan(3000);
      expect(few.map((client) => hasHeard(client, `${i}`))).toEqual([true, true, true]);
    }
    flush.mockRestore();
  });

  test('what is answered is written in the same turn, however many rooms there are', () => {
    const { world, few, turn } = fullBlast({ rooms: 200, members: 5 });
    for (let i = 0; i < 20; i++) {
      let newcomer: CoreClient | undefined;
      turn(() => {
        few[0]?.say({ ...post(QUIET, `${i}`), requestId: `${i}` });
        newcomer = enter(world, `newcomer ${i}`, `busy ${i}`);
      });
      const acked = few[0]?.told.map(({ $case, value }) => $case === 'ack' && value.requestId);
      expect(acked).toContain(`${i}`);
      expect(newcomer?.told.slice(0, 2).map(({ $case }) => $case)).toEqual(['welcome', 'joined']);
    }
  });

  test('a turn in which somebody comes is short, so that the next may come soon', () => {
    const { world, turn } = fullBlast({ rooms: 1, members: 2000 });
    const writesIn = (also?: () => void) => {
      const before = world.deliveries.writes;
      turn(also);
      // Those of this turn are unfinished until the next.
      turn();
      return world.deliveries.writes - before;
    };
    turn();
    const ordinary = writesIn();
    const crowded = writesIn(() => world.client());
    expect(ordinary).toBe(2 * WRITES_A_TURN);
    expect(crowded).toBe(WRITES_A_TURN + WRITES_A_CROWDED_TURN);
  });
});

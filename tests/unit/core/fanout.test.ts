import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CoreClient, coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

type World = ReturnType<typeof coreWorld>;

function seated(world: World, room: string, count: number): CoreClient[] {
  const clients = Array.from({ length: count }, (_, i) => {
    const client = world.client();
    client.say(hello(`${room} ${i}`));
    client.say(join(room));
    return client;
  });
  world.settle(clients);
  for (const client of clients) client.told.length = 0;
  return clients;
}

const contents = ({ told }: CoreClient) =>
  told.flatMap((event) => (event.$case === 'broadcast' ? [event.value.content] : []));

describe('Fanout', () => {
  test('a turn writes to a part of a large room, and the turns after it to the rest', () => {
    const world = coreWorld();
    const crowd = seated(world, 'large', 300);
    crowd[0]?.say(post('large', 'words'));
    const reached: number[] = [];
    while (world.tasks > 0) {
      world.endTurn();
      reached.push(crowd.filter((client) => contents(client).length > 0).length);
    }
    expect(reached.at(-1)).toBe(300);
    expect(reached.length).toBeGreaterThan(2);
    expect(Math.max(...reached.map((count, turn) => count - (reached[turn - 1] ?? 0)))).toBeLessThan(100);
    expect(crowd.map(contents)).toEqual(crowd.map(() => ['words']));
  });

  test('a small room does not wait for a large one', () => {
    const world = coreWorld();
    const crowd = seated(world, 'large', 300);
    const few = seated(world, 'small', 3);
    crowd[0]?.say(post('large', 'loud'));
    few[0]?.say(post('small', 'low'));
    world.endTurn();
    expect(few.map(contents)).toEqual([['low'], ['low'], ['low']]);
    // Nor when the pass over the large one has begun long before.
    few[0]?.finishWrite();
    few[0]?.say(post('small', 'again'));
    world.endTurn();
    expect(few.map(({ isWriting }) => isWriting)).toEqual([true, true, true]);
    expect(few[0] && contents(few[0])).toEqual(['low', 'again']);
    expect(crowd.filter((client) => contents(client).length > 0).length).toBeLessThan(300);
  });

  test('what is said, and who comes and goes, while a pass is under way: each is told all, once, in one order', () => {
    const deed = fc.record({
      do: fc.constantFrom('post', 'leave', 'join', 'turn', 'turn', 'finish'),
      who: fc.nat(199),
    });
    fc.assert(
      fc.property(fc.array(deed, { minLength: 20, maxLength: 60 }), (deeds) => {
        const world = coreWorld({ foldAbove: 1_000_000 });
        const crowd = seated(world, 'large', 200);
        for (const { do: what, who } of deeds) {
          const client = crowd[who];
          if (what === 'post') client?.say(post('large', 'words'));
          else if (what === 'leave') client?.say(leave('large'));
          else if (what === 'join') client?.say(join('large'));
          else if (what === 'turn') world.endTurn();
          else for (const one of crowd.slice(0, who)) one.finishWrite();
        }
        world.settle(crowd);
        const head = world.rooms.get('large')?.log.head ?? 0;
        for (const { told } of crowd) expectWhole(told, head);
      }),
      { numRuns: 60 },
    );
  });
});

/** From each JoinAck, or the beginning, to the leave or the head: every seq, once. */
function expectWhole(told: CoreClient['told'], head: number): void {
  let at = 200n;
  let isSeated = true;
  for (const { $case, value } of told) {
    if ($case === 'joined') {
      at = value.position?.seq ?? 0n;
      isSeated = true;
    }
    if ($case === 'left') {
      // The leave itself is not delivered to who left.
      expect(at).toBe(value.seq - 1n);
      isSeated = false;
    }
    if ($case !== 'broadcast' && $case !== 'notice') continue;
    expect(value.seq).toBe(at + 1n);
    at = value.seq;
  }
  if (isSeated) expect(at).toBe(BigInt(head));
}

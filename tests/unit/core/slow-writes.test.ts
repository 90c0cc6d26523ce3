import { describe, expect, test } from 'vitest';
import { coreWorld, hello, join, post } from '../../support/core-world.ts';

/** With what stands around it, a little more than 1 KiB and less than 1,100 bytes. */
const WORD = 'x'.repeat(1024);

/** Ana is owed far more than she gets in any of these tests; each of her writes is finished by hand. */
function owedMuch() {
  const world = coreWorld({
    roomHistoryBytes: 4 << 20,
    heartbeatIntervalMs: 3_600_000,
    stuckWriteTimeoutMs: 3_600_000,
  });
  const [ana, bob] = [world.client(), world.client()];
  for (const [client, userId] of [
    [ana, 'ana'],
    [bob, 'bob'],
  ] as const) {
    client.say(hello(userId));
    client.say(join('red'));
  }
  world.settle([ana, bob]);
  for (let i = 0; i < 1000; i++) bob.say(post('red', WORD));
  world.endTurn();
  // A write ends with its segment of the log, and the first segments are small.
  for (let i = 0; i < 8; i++) ana.finishWrite();
  return {
    /** Finishes the write in progress after so long; how many words the next one has. */
    wordsAfter(ms: number): number {
      world.turnClock(ms);
      const before = ana.told.length;
      ana.finishWrite();
      return ana.told.length - before;
    },
  };
}

/** Words that fit into a write of 4 KiB. */
const LEAST = 3;

describe('a write that took more than a second', () => {
  test('makes the next a quarter as large, down to 4 KiB and not below', () => {
    const { wordsAfter } = owedMuch();
    const sizes = [wordsAfter(1001), wordsAfter(1001), wordsAfter(1001), wordsAfter(1001)];
    expect(sizes[0]).toBeLessThan(16);
    expect(sizes[0]).toBeGreaterThan(LEAST);
    expect(sizes.slice(1)).toEqual([LEAST, LEAST, LEAST]);
  });

  test('or just a second makes no difference', () => {
    const { wordsAfter } = owedMuch();
    expect(wordsAfter(1000)).toBeGreaterThan(16);
  });

  test('is forgotten by one that was quick', () => {
    const { wordsAfter } = owedMuch();
    wordsAfter(1001);
    wordsAfter(1001);
    expect(wordsAfter(1)).toBeGreaterThan(16);
  });
});

test('that takes too long ends the stream of a session that came from another, and is over, when that one is long gone', () => {
  const world = coreWorld();
  const old = world.client();
  old.say(hello('ana'));
  world.settle([old]);
  const { resumeToken } = old.session;
  const next = world.client();
  next.say({ kind: 'hello', client: '', userId: 'ana', displayName: '', resumeToken });
  world.endTurn();
  next.session.halfClose();
  world.pass(500);
  old.lose();
  world.pass(60_000);
  expect(next.ends).toMatchObject([{ reason: 'slow_consumer' }]);
});

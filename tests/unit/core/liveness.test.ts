import { describe, expect, test } from 'vitest';
import { Liveness } from '../../../src/core/liveness.ts';
import { coreWorld, hello, join, post } from '../../support/core-world.ts';

const LIMITS = { heartbeatIntervalMs: 25_000, heartbeatTimeoutMs: 10_000 };
const HAS_LEFT = true;

describe('Liveness', () => {
  test('asks after the interval, once, and gives up when the time-out is over', () => {
    const liveness = new Liveness(LIMITS, 0);
    expect(liveness.check(24_999, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(25_000, HAS_LEFT)).toBe('ask');
    expect(liveness.check(25_250, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(35_249, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(35_250, HAS_LEFT)).toBe('give up');
  });

  test('whatever arrives begins the interval again', () => {
    const liveness = new Liveness(LIMITS, 0);
    liveness.heard(20_000);
    expect(liveness.check(44_999, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(45_000, HAS_LEFT)).toBe('ask');
    liveness.heard(45_100);
    expect(liveness.check(70_099, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(70_100, HAS_LEFT)).toBe('ask');
  });

  test('the time-out begins when the question has left', () => {
    const liveness = new Liveness(LIMITS, 0);
    liveness.check(25_000, !HAS_LEFT);
    expect(liveness.check(60_000, !HAS_LEFT)).toBe('nothing');
    expect(liveness.check(61_000, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(70_999, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(71_000, HAS_LEFT)).toBe('give up');
  });

  test('time in which the server stood still does not count, before the question and after it', () => {
    const liveness = new Liveness(LIMITS, 0);
    liveness.forgive(20_000);
    expect(liveness.check(44_999, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(45_000, HAS_LEFT)).toBe('ask');
    liveness.check(45_250, HAS_LEFT);
    liveness.forgive(20_000);
    expect(liveness.check(75_249, HAS_LEFT)).toBe('nothing');
    expect(liveness.check(75_250, HAS_LEFT)).toBe('give up');
  });
});

describe('a server that stood still', () => {
  function seated(world: ReturnType<typeof coreWorld>) {
    const client = world.client();
    client.say(hello('ana'));
    client.say(join('red'));
    world.settle([client]);
    return client;
  }

  test('gives nobody up for not answering meanwhile', () => {
    const world = coreWorld();
    const ana = seated(world);
    world.pass(25_250);
    world.settle([ana]);
    expect(ana.told.at(-1)?.$case).toBe('heartbeat');
    world.turnClock(3_600_000);
    world.pass(9000);
    expect(ana.ends).toEqual([]);
    world.pass(2000);
    expect(ana.ends).toMatchObject([{ reason: 'heartbeat_timeout' }]);
  });

  test('cuts nobody for a write that was unfinished meanwhile', () => {
    const world = coreWorld({ heartbeatIntervalMs: 3_600_000 });
    const ana = seated(world);
    ana.say(post('red', 'not read'));
    world.endTurn();
    expect(ana.isWriting).toBe(true);
    world.turnClock(3_600_000);
    world.pass(29_000);
    expect(ana.ends).toEqual([]);
    world.pass(2000);
    expect(ana.ends).toMatchObject([{ reason: 'slow_consumer' }]);
  });

  test('a detached session is forgiven nothing: its grace is what was promised to the others', () => {
    const world = coreWorld();
    const ana = seated(world);
    ana.lose();
    world.turnClock(15_000);
    world.pass(500);
    expect(world.sessions.size).toBe(0);
  });
});

test('a full client that is not read from, because it does not read, is not asked either', () => {
  const world = coreWorld({ stuckWriteTimeoutMs: 3_600_000 });
  const ana = world.client();
  ana.say(hello('ana'));
  ana.say(join('red'));
  world.settle([ana]);
  ana.say(post('red', 'keeps a write unfinished'));
  world.endTurn();
  for (let i = 0; i < 64; i++) ana.say({ ...post('red', `${i}`), requestId: `${i}` });
  expect(ana.session.outbox.isFull).toBe(true);
  world.pass(120_000);
  expect(ana.ends).toEqual([]);
  world.settle([ana]);
  world.pass(26_000);
  world.settle([ana]);
  expect(ana.told.at(-1)?.$case).toBe('heartbeat');
});

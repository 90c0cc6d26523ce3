import { describe, expect, test } from 'vitest';
import { RateLimit } from '../../../src/core/rate-limit.ts';
import { coreWorld, hello, join, post } from '../../support/core-world.ts';

const LIMITS = { rateLimit: 20, rateBurst: 40 };

/** A limit whose one second in `seconds` had a refusal, and no other. */
function refusedIn(seconds: readonly number[]): RateLimit {
  const rate = new RateLimit(LIMITS, 0);
  for (const second of seconds) while (rate.take(1, second * 1000) === 0);
  return rate;
}

describe('RateLimit', () => {
  test('is exhausted in the tenth of successive seconds with a refusal', () => {
    const seconds = Array.from({ length: 10 }, (_, i) => 7 + i);
    expect(refusedIn(seconds.slice(0, 9)).isExhausted).toBe(false);
    expect(refusedIn(seconds).isExhausted).toBe(true);
    expect(refusedIn([...seconds, 17]).isExhausted).toBe(true);
  });

  test('begins anew after a second without a refusal', () => {
    expect(refusedIn([1, 2, 3, 4, 5, 6, 7, 8, 9, 11]).isExhausted).toBe(false);
  });

  test('many refusals in one second are one second', () => {
    const rate = new RateLimit(LIMITS, 0);
    for (let i = 0; i < 5000; i++) rate.take(1, 500);
    expect(rate.isExhausted).toBe(false);
  });

  test('a flood is not read for the rest of its second', () => {
    const rate = new RateLimit(LIMITS, 0);
    let answered = 0;
    while (!rate.isFlooded(500)) {
      rate.take(1, 500);
      answered += 1;
    }
    expect(answered).toBe(40 + 200);
    expect(rate.isFlooded(999)).toBe(true);
    expect(rate.isFlooded(1000)).toBe(false);
  });

  test('0 a second is no limit', () => {
    const rate = new RateLimit({ rateLimit: 0, rateBurst: 5 }, 0);
    for (let i = 0; i < 1000; i++) expect(rate.take(5, 0)).toBe(0);
    expect(rate.isFlooded(0)).toBe(false);
  });
});

describe('a session that is too fast', () => {
  /** As much as it takes to be refused, once a second. */
  function floodFor(seconds: number) {
    const world = coreWorld(LIMITS);
    const ana = world.client();
    ana.say(hello('ana'));
    ana.say(join('red'));
    const ends: unknown[] = [];
    for (let second = 0; second < seconds; second++) {
      for (let i = 0; i < 60; i++) ends.push(ana.say(post('red', `${second} ${i}`)));
      world.settle([ana]);
      world.pass(1000);
    }
    return { world, ana, ends: ends.filter((end) => end !== undefined) };
  }

  test('lives for nine seconds, and ends in the tenth', () => {
    expect(floodFor(9).ends).toEqual([]);
    const [end] = floodFor(10).ends;
    expect(end).toEqual({
      kind: 'refused',
      refusal: { reason: 'rate_limited', message: 'for ten seconds you were too fast in each' },
    });
  });

  test('is not read from while it floods, and is again in the next second', () => {
    const { world, ana } = floodFor(1);
    for (let i = 0; i < 300; i++) ana.say(post('red', `${i}`));
    world.settle([ana]);
    expect(ana.session.isFull).toBe(true);
    world.pass(1000);
    expect(ana.session.isFull).toBe(false);
  });
});

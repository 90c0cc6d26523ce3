import { describe, expect, test } from 'vitest';
import { coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

function seated(room: string, userId: string, world: ReturnType<typeof coreWorld>) {
  const client = world.client();
  client.say(hello(userId));
  client.say(join(room));
  world.settle([client]);
  return client;
}

describe('sending again', () => {
  const acks = (client: { told: readonly { $case: string; value: unknown }[] }) =>
    client.told.filter(({ $case }) => $case === 'ack').map(({ value }) => value);

  function resend(world: ReturnType<typeof coreWorld>, client: ReturnType<typeof seated>, messageId: string) {
    client.say({ ...post('red', 'words', messageId), requestId: 'again' });
    world.settle([client]);
    return acks(client).at(-1);
  }

  test('a message id is not appended twice, and is acked with the first seq', () => {
    const world = coreWorld();
    const ana = seated('red', 'ana', world);
    ana.say({ ...post('red', 'words', 'm1'), requestId: 'r1' });
    const head = world.rooms.get('red')?.log.head;
    expect(resend(world, ana, 'm1')).toMatchObject({ seq: 2n, duplicate: true, messageId: 'm1' });
    expect(world.rooms.get('red')?.log.head).toBe(head);
  });

  test('the window is 256 ids of one user', () => {
    const world = coreWorld();
    const ana = seated('red', 'ana', world);
    for (let i = 0; i <= 256; i++) ana.say(post('red', 'words', `m${i}`));
    expect(resend(world, ana, 'm1')).toMatchObject({ duplicate: true });
    expect(resend(world, ana, 'm0')).toMatchObject({ duplicate: false });
    const bob = seated('red', 'bob', world);
    expect(resend(world, bob, 'm256')).toMatchObject({ duplicate: false });
  });

  test.each([
    { afterMs: 119_999, duplicate: true },
    { afterMs: 120_000, duplicate: false },
  ])('$afterMs ms after the seat ended a resend is a duplicate: $duplicate', ({ afterMs, duplicate }) => {
    const world = coreWorld();
    const ana = seated('red', 'ana', world);
    ana.say(post('red', 'words', 'm1'));
    ana.say(leave('red'));
    world.turnClock(afterMs);
    ana.say(join('red'));
    expect(resend(world, ana, 'm1')).toMatchObject({ duplicate });
  });
});

describe('rate limit', () => {
  test('the burst passes, then one envelope comes free each twentieth of a second', () => {
    const world = coreWorld({ rateLimit: 20, rateBurst: 5 });
    const ana = world.client();
    ana.say(hello('ana'));
    ana.say(join('red'));
    for (let i = 0; i < 5; i++) ana.say({ ...post('red', 'words'), requestId: `${i}` });
    world.settle([ana]);
    expect(ana.told.findLast(({ $case }) => $case === 'error')).toMatchObject({
      value: { reason: 'rate_limited', requestId: '4', retryAfterMs: 50, room: 'red', code: 8 },
    });
    world.turnClock(50);
    ana.say({ ...post('red', 'words'), requestId: '5' });
    world.settle([ana]);
    expect(ana.told.at(-1)).toMatchObject({ $case: 'broadcast' });
  });

  test('an envelope with a malformed request id counts like any other', () => {
    const world = coreWorld({ rateLimit: 20, rateBurst: 40 });
    const ana = world.client();
    ana.say(hello('ana'));
    world.settle([ana]);
    for (let i = 0; i < 300; i++) ana.say({ ...post('general', 'hello'), requestId: ' ' });
    expect(ana.session.isFull).toBe(true);
    world.settle([ana]);
    const reasons = ana.told.flatMap((event) => (event.$case === 'error' ? [event.value.reason] : []));
    expect(reasons.filter((reason) => reason === 'invalid_id')).toHaveLength(39);
    expect(reasons.filter((reason) => reason === 'rate_limited')).toHaveLength(261);
  });

  test('a page costs five, a heartbeat a second nothing', () => {
    const world = coreWorld({ rateLimit: 1, rateBurst: 10 });
    const ana = world.client();
    ana.say(hello('ana'));
    const ask = (requestId: string) => ana.say({ kind: 'members', requestId, room: 'red', pageSize: 0, pageToken: '' });
    const beat = () => ana.say({ kind: 'heartbeat', nonce: new Uint8Array(), reply: false });
    ask('a');
    beat();
    ask('b');
    world.settle([ana]);
    const told = ana.told.map((event) => [event.$case, 'requestId' in event.value ? event.value.requestId : '']);
    expect(told).toEqual([
      ['welcome', ''],
      ['members', 'a'],
      ['heartbeat', ''],
      ['error', 'b'],
    ]);
  });
});

describe('while the server goes away', () => {
  test('join and chat are refused, leave takes no seq, and nothing is appended', () => {
    const world = coreWorld();
    const ana = seated('red', 'ana', world);
    const head = world.rooms.get('red')?.log.head;
    world.sessions.drain({ reason: 'draining', message: 'going', retryAfterMs: 7 });
    ana.say({ ...join('blue'), requestId: 'j' });
    ana.say({ ...post('red', 'words'), requestId: 'p' });
    ana.say({ ...leave('red'), requestId: 'l' });
    world.settle([ana]);
    expect(ana.told.slice(-3)).toMatchObject([
      { $case: 'error', value: { reason: 'draining', code: 14, requestId: 'j', retryAfterMs: 7 } },
      { $case: 'error', value: { reason: 'draining', code: 14, requestId: 'p', retryAfterMs: 7 } },
      { $case: 'left', value: { seq: 0n, requestId: 'l' } },
    ]);
    expect(world.rooms.get('red')?.log.head).toBe(head);
  });

  test('a stream that ends is not told to the others', () => {
    const world = coreWorld();
    const ana = seated('red', 'ana', world);
    const bob = seated('red', 'bob', world);
    world.sessions.drain({ reason: 'draining', message: 'going' });
    ana.lose();
    world.settle([bob]);
    expect(bob.told.map(({ $case }) => $case)).toEqual(['welcome', 'joined']);
  });
});

test('when the server goes away, joins and leaves that were being folded are told, and after that nothing', () => {
  const world = coreWorld({ foldAbove: 1 });
  const ana = seated('red', 'ana', world);
  for (const userId of ['bob', 'cy', 'dee']) seated('red', userId, world);
  world.sessions.drain({ reason: 'draining', message: 'the server is shutting down' });
  world.settle([ana]);
  expect(world.appended.at(-1)).toMatchObject({ kind: 'fold', joinedCount: 3, leftCount: 0 });
  expect(ana.told.at(-1)).toMatchObject({ $case: 'notice', value: { joinedCount: 3 } });
  const { length } = world.appended;
  world.pass(5000);
  expect(world.appended).toHaveLength(length);
});

test('a basic client that leaves is still sent what was said before it in the same turn', () => {
  const world = coreWorld();
  const [ana, bob] = ['ana', 'bob'].map((userId) => {
    const client = world.client();
    client.say(join('red', userId));
    return client;
  });
  if (ana === undefined || bob === undefined) throw new Error('there are two');
  world.settle([ana, bob]);
  bob.say(post('red', 'words'));
  ana.say(leave('red'));
  world.settle([ana, bob]);
  expect(ana.told.map(({ $case }) => $case)).toContain('broadcast');
});

test('a fold whose second is over comes before the leave that ends it, for the one who leaves too', () => {
  const world = coreWorld({ foldAbove: 1 });
  const ana = seated('red', 'ana', world);
  seated('red', 'bob', world);
  world.turnClock(1_000);
  ana.say(leave('red'));
  world.settle([ana]);
  const seqs = ana.told.flatMap((event) => ('seq' in event.value ? [[event.$case, Number(event.value.seq)]] : []));
  expect(seqs).toEqual([
    ['notice', 2],
    ['left', 3],
  ]);
});

test('whenever the second of a fold ends while somebody leaves, who leaves is told all up to the leave', () => {
  // Whether it was over, so that the leave has a seq of its own.
  const outcomes = Array.from({ length: 12 }, (_, readingsBefore) => {
    const world = coreWorld({ foldAbove: 1 });
    const ana = seated('red', 'ana', world);
    seated('red', 'bob', world);
    world.turnClock(1000 - readingsBefore);
    world.takeForReading(1);
    ana.say(leave('red'));
    world.takeForReading(0);
    world.settle([ana]);
    const seqs = ana.told.flatMap(({ $case, value }) =>
      $case === 'notice' || $case === 'left' ? [Number(value.seq)] : [],
    );
    const isOver = seqs.at(-1) !== 0;
    expect(seqs).toEqual(isOver ? [2, 3] : [0]);
    return isOver;
  });
  expect(new Set(outcomes).size).toBe(2);
});

import { describe, expect, test } from 'vitest';
import { coreWorld, hello, join, leave, post } from '../../support/core-world.ts';

const kinds = (told: readonly { $case: string }[]) => told.map(({ $case }) => $case);

function twoIn(room: string, world = coreWorld()) {
  const ana = world.client();
  const bob = world.client();
  for (const [client, userId] of [
    [ana, 'ana'],
    [bob, 'bob'],
  ] as const) {
    client.say(hello(userId));
    client.say(join(room));
  }
  world.settle([ana, bob]);
  return { world, ana, bob };
}

describe('Outbox', () => {
  test('all that one turn brought leaves in one write', () => {
    const { world, ana, bob } = twoIn('red');
    for (let i = 0; i < 10; i++) ana.say(post('red', `${i}`));
    expect(world.tasks).toBe(1);
    world.endTurn();
    expect(kinds(bob.told).slice(-10)).toEqual(Array(10).fill('broadcast'));
    expect(bob.isWriting).toBe(true);
  });

  test('what comes while a write is unfinished leaves when it is finished', () => {
    const { world, ana, bob } = twoIn('red');
    const before = bob.told.length;
    ana.say(post('red', 'first'));
    world.endTurn();
    ana.say(post('red', 'second'));
    world.endTurn();
    ana.say(post('red', 'third'));
    world.endTurn();
    expect(bob.told.length).toBe(before + 1);
    bob.finishWrite();
    expect(bob.told.length).toBe(before + 3);
  });

  test('a stuck reader costs its one write, and is told the hole when it reads again', () => {
    const { world, ana, bob } = twoIn('red', coreWorld({ roomHistoryBytes: 4096 }));
    ana.say(post('red', 'seen'));
    world.endTurn();
    for (let i = 0; i < 50; i++) {
      ana.say(post('red', 'x'.repeat(1000)));
      world.endTurn();
      ana.finishWrite();
    }
    world.settle([ana, bob]);
    const [gap, ...rest] = bob.told.slice(kinds(bob.told).indexOf('gap'));
    expect(gap).toMatchObject({ $case: 'gap', value: { room: 'red', fromSeq: 4n } });
    const to = gap?.$case === 'gap' ? gap.value.toSeq : 0n;
    expect(rest[0]).toMatchObject({ $case: 'broadcast', value: { seq: to + 1n } });
    expect(rest.at(-1)).toMatchObject({ $case: 'broadcast', value: { seq: 53n } });
    expect(world.deliveries.skipped).toBe(Number(to) - 3);
  });

  test('a basic client is told the hole in words, with its size', () => {
    const world = coreWorld({ roomHistoryBytes: 4096 });
    const ana = world.client();
    const old = world.client();
    ana.say(hello('ana'));
    ana.say(join('red'));
    old.say(join('red', 'old'));
    world.endTurn();
    for (let i = 0; i < 20; i++) ana.say(post('red', 'x'.repeat(1000)));
    world.settle([ana, old]);
    const next = old.told[2]?.$case === 'broadcast' ? old.told[2].value.seq : 0n;
    // Its position is 2, so what is missing lies between 2 and the next.
    expect(old.told[1]).toMatchObject({
      $case: 'notice',
      value: { type: 0, room: 'red', message: `${next - 3n} events could not be delivered` },
    });
  });

  test('a seat that ended is delivered to its end, then `left`, then what was answered since, then the new seat', () => {
    const { world, ana, bob } = twoIn('red');
    ana.say(post('red', 'in flight'));
    world.endTurn();
    ana.say(post('red', 'owed'));
    const before = bob.told.length;
    bob.say(leave('red'));
    bob.say(join('red'));
    ana.say(post('red', 'after'));
    world.settle([ana, bob]);
    expect(bob.told.slice(before)).toMatchObject([
      { $case: 'broadcast', value: { content: 'owed', seq: 4n } },
      { $case: 'left', value: { seq: 5n } },
      { $case: 'joined', value: { position: { seq: 6n } } },
      { $case: 'broadcast', value: { content: 'after', seq: 7n } },
    ]);
  });

  test('seats that end one behind the other are all answered, whichever turn their rooms had', () => {
    const world = coreWorld({ roomHistoryBytes: 4_000_000, maxContentBytes: 32_768 });
    const { ana, bob } = twoIn('a', world);
    for (const client of [ana, bob]) client.say(join('b'));
    world.settle([ana, bob]);
    bob.say(post('a', 'keeps a write unfinished'));
    world.endTurn();
    for (let i = 0; i < 7; i++) bob.say(post('a', 'x'.repeat(9_000)));
    for (let i = 0; i < 3; i++) bob.say(post('b', 'x'.repeat(30_000)));
    const before = ana.told.length;
    ana.say({ ...leave('a'), requestId: 'L1' });
    ana.say({ ...join('a'), requestId: 'J1' });
    ana.say({ ...leave('a'), requestId: 'L2' });
    ana.say({ ...join('a'), requestId: 'J2' });
    world.settle([ana, bob]);
    const answered = ana.told.slice(before).flatMap(({ value }) => ('requestId' in value ? [value.requestId] : []));
    expect(answered).toEqual(['L1', 'J1', 'L2', 'J2']);
    expect(ana.session.outbox.isEmpty).toBe(true);
  });

  test('a gap that no longer fits begins the next write', () => {
    const world = coreWorld({ roomHistoryBytes: 64 * 1024, maxContentBytes: 32_768 });
    const { ana, bob } = twoIn('r'.repeat(60), world);
    const room = 'r'.repeat(60);
    bob.say(post(room, 'x'.repeat(32_660)));
    world.settle([ana, bob]);
    bob.say(post(room, 'keeps a write unfinished'));
    world.endTurn();
    for (let i = 0; i < 2; i++) ana.say({ kind: 'history', room, epoch: '', beforeSeq: 4n, limit: 1 });
    for (let i = 0; i < 9; i++) bob.say(post(room, 'x'.repeat(32_000)));
    // The world refuses a write above 64 KiB.
    world.settle([ana, bob]);
    expect(ana.faults).toEqual([]);
    expect(kinds(ana.told)).toContain('gap');
  });

  test('however much is answered, JoinAck comes before what it announces', () => {
    const { world, ana, bob } = twoIn('red');
    for (let i = 0; i < 60; i++) ana.say(post('red', 'x'.repeat(1000)));
    world.settle([ana, bob]);
    ana.say(post('red', 'keeps a write unfinished'));
    world.endTurn();
    for (let i = 0; i < 3; i++) bob.say({ kind: 'history', room: 'red', epoch: '', beforeSeq: 0n, limit: 0 });
    ana.say(join('blue'));
    bob.say(join('blue'));
    ana.say(post('blue', 'hello'));
    const before = bob.told.length;
    world.settle([ana, bob]);
    const blue = bob.told.slice(before).filter(({ value }) => 'room' in value && value.room === 'blue');
    expect(kinds(blue)).toEqual(['joined', 'broadcast']);
  });

  test('is full at 64 answers, and not when they have left', () => {
    const { world, ana, bob } = twoIn('red');
    ana.say(post('red', 'keeps a write unfinished'));
    world.endTurn();
    for (let i = 0; i < 63; i++) bob.say({ ...post('red', `${i}`), requestId: `${i}` });
    expect(bob.session.outbox.isFull).toBe(false);
    bob.say({ ...post('red', 'one more'), requestId: '63' });
    expect(bob.session.outbox.isFull).toBe(true);
    world.settle([ana, bob]);
    expect(bob.session.outbox.isFull).toBe(false);
  });

  test('a busy room does not keep another waiting when a write has no place for both', () => {
    const world = coreWorld({ maxContentBytes: 32_768 });
    const ana = world.client();
    const bob = world.client();
    for (const [client, userId] of [
      [ana, 'ana'],
      [bob, 'bob'],
    ] as const) {
      client.say(hello(userId));
      for (const room of ['first', 'second']) client.say(join(room));
    }
    world.settle([ana, bob]);
    for (const room of ['first', 'second']) for (let i = 0; i < 5; i++) ana.say(post(room, 'x'.repeat(32_768)));
    world.endTurn();
    bob.finishWrite();
    expect(bob.told.flatMap((event) => (event.$case === 'broadcast' ? [event.value.room] : []))).toEqual([
      'first',
      'second',
    ]);
  });
});

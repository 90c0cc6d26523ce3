import { describe, expect, test } from 'vitest';
import type { Grant } from '../../../src/core/grant.ts';
import { type CoreClient, coreWorld, hello, join, post } from '../../support/core-world.ts';

const NOW_UTC_MS = 1_700_000_000_000;

function grant(of: Partial<Grant> & { readonly lastsMs?: number } = {}): Grant {
  const { lastsMs = 3_600_000, ...rest } = of;
  const anywhere = () => true;
  const names = { userId: 'ana', displayName: 'Ana', tokenId: 't-1' };
  return { ...names, untilUtcMs: NOW_UTC_MS + lastsMs, mayJoin: anywhere, mayPost: anywhere, ...rest };
}

function errorsOf({ told }: CoreClient): string[] {
  return told.flatMap((event) => (event.$case === 'error' ? [event.value.reason] : []));
}

/** A full client with this grant, and a witness who stays. */
function seated(given: Grant, rooms: readonly string[] = ['red']) {
  const world = coreWorld();
  const witness = world.client();
  witness.say(hello('witness'));
  for (const room of rooms) witness.say(join(room));
  const ana = world.client(given);
  ana.say(hello(''));
  for (const room of rooms) ana.say(join(room));
  world.settle([witness, ana]);
  /** Ana's next stream, with another grant. */
  const comeBack = (next: Grant) => {
    const { resumeToken } = ana.session;
    const back = world.client(next);
    const end = back.say({ kind: 'hello', client: '', userId: '', displayName: '', resumeToken });
    world.settle([witness, back]);
    return { back, end };
  };
  return { world, witness, ana, comeBack };
}

describe('who holds a token', () => {
  test('is who the token says, whatever it says itself', () => {
    const { ana } = seated(grant());
    expect(ana.told[0]).toMatchObject({ $case: 'welcome', value: { userId: 'ana', displayName: 'Ana' } });
  });

  test.each([
    { name: 'Ana', said: 'Queen', shown: 'Ana' },
    { name: '', said: 'Annie', shown: 'Annie' },
    { name: '', said: '', shown: 'ana' },
  ])('shown as "$shown" where the token says "$name" and it says "$said"', ({ name, said, shown }) => {
    const world = coreWorld();
    const ana = world.client(grant({ displayName: name }));
    ana.say({ kind: 'hello', client: '', userId: 'ana', displayName: said, resumeToken: '' });
    world.settle([ana]);
    expect(ana.told[0]).toMatchObject({ value: { userId: 'ana', displayName: shown } });
  });

  test('cannot say hello, or join as a basic client, as somebody else', () => {
    const refused = {
      kind: 'refused',
      refusal: { reason: 'not_your_identity', message: 'you are ana on this stream' },
    };
    const world = coreWorld();
    expect(world.client(grant()).say(hello('bob'))).toEqual(refused);
    expect(world.client(grant()).say(join('red', 'bob'))).toEqual(refused);
    expect(world.client(grant()).say(join('red'))).toBeUndefined();
  });

  test('joins, and asks who is there, where it may, and speaks where it may', () => {
    const world = coreWorld();
    const may = { mayJoin: (room: string) => room !== 'secret', mayPost: (room: string) => room === 'red' };
    const ana = world.client(grant(may));
    ana.say(hello(''));
    for (const room of ['secret', 'red', 'news']) ana.say(join(room));
    ana.say({ kind: 'members', room: 'secret', pageSize: 0, pageToken: '' });
    ana.say({ kind: 'history', room: 'secret', epoch: '', beforeSeq: 0n, limit: 0 });
    ana.say(post('red', 'words'));
    ana.say(post('news', 'words'));
    world.settle([ana]);
    expect(errorsOf(ana)).toEqual(['room_forbidden', 'room_forbidden', 'not_a_member', 'muted']);
    expect(world.rooms.get('secret')).toBeUndefined();
    expect(world.appended.map(({ kind, room }) => `${kind} ${room}`)).toEqual([
      'member_joined red',
      'member_joined news',
      'message red',
    ]);
  });

  test('cannot take over the session of another user', () => {
    const { ana, world } = seated(grant());
    const eve = world.client(grant({ userId: 'eve' }));
    const { resumeToken } = ana.session;
    eve.say({ kind: 'hello', client: '', userId: '', displayName: '', resumeToken });
    world.settle([eve]);
    expect(eve.told[0]).toMatchObject({ value: { userId: 'eve', resumed: false } });
    expect(ana.ends).toEqual([]);
  });
});

describe('a token that runs out', () => {
  test('is told of a minute before, once, and ends the stream then', () => {
    const { world, ana } = seated(grant({ lastsMs: 100_000 }));
    world.pass(39_750);
    world.settle([ana]);
    expect(errorsOf(ana)).toEqual([]);
    world.pass(250);
    world.settle([ana]);
    expect(errorsOf(ana)).toEqual(['token_expired']);
    ana.say({ kind: 'heartbeat', nonce: new Uint8Array(), reply: false });
    world.pass(59_750);
    world.settle([ana]);
    expect(errorsOf(ana)).toEqual(['token_expired']);
    expect(ana.ends).toEqual([]);
    ana.say({ kind: 'heartbeat', nonce: new Uint8Array(), reply: false });
    world.pass(250);
    expect(ana.ends).toMatchObject([{ reason: 'token_expired' }]);
  });

  test('and comes back with another within the grace: nobody sees it leave', () => {
    const { world, ana, witness, comeBack } = seated(grant({ lastsMs: 1000 }));
    world.pass(1000);
    expect(ana.ends).toMatchObject([{ reason: 'token_expired' }]);
    const { back } = comeBack(grant({ lastsMs: 200_000 }));
    back.say(join('red'));
    world.pass(20_000);
    world.settle([witness, back]);
    expect(back.told[0]).toMatchObject({ value: { resumed: true } });
    expect(back.ends).toEqual([]);
    expect(world.appended.map(({ kind }) => kind)).toEqual(['member_joined', 'member_joined']);
  });

  test('by the clock that does not jump', () => {
    const world = coreWorld();
    const ana = world.client(grant({ untilUtcMs: NOW_UTC_MS + 5000 }));
    ana.say(hello(''));
    world.pass(4750);
    expect(ana.ends).toEqual([]);
    world.pass(250);
    expect(ana.ends).toHaveLength(1);
  });
});

describe('a newer token that allows less', () => {
  test('ends the seats that it does not allow, as forbidden, and leaves the others', () => {
    const { world, witness, comeBack } = seated(grant(), ['red', 'blue']);
    const { back } = comeBack(grant({ mayJoin: (room) => room === 'blue' }));
    back.say(join('red'));
    back.say(join('blue'));
    world.pass(250);
    world.settle([witness, back]);
    expect(errorsOf(back)).toEqual(['room_forbidden']);
    expect(back.told).toContainEqual(
      expect.objectContaining({ $case: 'left', value: expect.objectContaining({ room: 'red', reason: 8 }) }),
    );
    expect(world.appended.at(-1)).toMatchObject({ kind: 'member_left', room: 'red', reason: 'forbidden' });
    expect(world.rooms.get('blue')?.members.has('ana')).toBe(true);
  });
});

describe('what is revoked', () => {
  const revoked = { reason: 'unauthenticated', message: 'revoked' } as const;
  const banned = { reason: 'banned', message: 'banned' } as const;

  test('a token: its stream ends, and another token of the user resumes', () => {
    const { world, ana, witness, comeBack } = seated(grant());
    world.sessions.expel(({ tokenId }) => (tokenId === 't-1' ? revoked : undefined));
    expect(ana.ends).toEqual([revoked]);
    const { back } = comeBack(grant({ tokenId: 't-2' }));
    world.settle([witness, back]);
    expect(back.told[0]).toMatchObject({ value: { resumed: true } });
    expect(witness.ends).toEqual([]);
  });

  test('a user: the stream ends and the seats at once, as kicked', () => {
    const { world, ana } = seated(grant());
    world.sessions.expel(({ userId }) => (userId === 'ana' ? banned : undefined));
    expect(ana.ends).toEqual([banned]);
    expect(world.appended.at(-1)).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'kicked' });
  });

  test('a user whose stream is gone: its seats end at once', () => {
    const { world, ana } = seated(grant());
    ana.lose();
    world.sessions.expel(() => banned);
    expect(world.appended.at(-1)).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'kicked' });
    world.pass(250);
    expect(world.sessions.size).toBe(1);
  });

  test('a user who has not said hello yet', () => {
    const world = coreWorld();
    const ana = world.client(grant());
    world.sessions.expel(() => banned);
    expect(ana.ends).toEqual([banned]);
  });
});

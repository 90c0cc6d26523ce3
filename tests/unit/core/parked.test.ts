import { describe, expect, test } from 'vitest';
import { LeaveReason } from '../../../api/gen/chat/v1/chat.ts';
import { SWEEP_EVERY_MS } from '../../../src/core/limits.ts';
import { coreWorld, hello, join } from '../../support/core-world.ts';

/** Ana's stream was gone for 14 of the 15 seconds of the grace; she is back and has joined nothing. */
function backLate() {
  const world = coreWorld();
  const ana = world.client();
  ana.say(hello('ana'));
  ana.say(join('red'));
  world.settle([ana]);
  ana.lose();
  world.pass(14_000);
  const back = world.client();
  const { resumeToken } = ana.session;
  back.say({ kind: 'hello', client: '', userId: 'ana', displayName: '', resumeToken });
  world.settle([back]);
  return { world, back };
}

/** What another session of the same user is told when it wants the seat. */
function refusalOfAnother(world: ReturnType<typeof coreWorld>) {
  const other = world.client();
  other.say(hello('ana'));
  other.say(join('red'));
  world.settle([other]);
  return other.told.at(-1)?.value;
}

describe('the grace of seats that are parked begins again at welcome', () => {
  test('and is what others are told of the seat, with the sweep that ends it', () => {
    const { world } = backLate();
    expect(refusalOfAnother(world)).toMatchObject({ reason: 'user_taken', retryAfterMs: 15_000 + SWEEP_EVERY_MS });
  });

  test('until its end the seat can be joined again, without an event', () => {
    const { world, back } = backLate();
    world.pass(14_750);
    back.say(join('red'));
    world.settle([back]);
    expect(back.told.at(-1)).toMatchObject({ $case: 'joined', value: { headSeq: 1n } });
    world.pass(60_000);
    expect(world.rooms.get('red')?.members.has('ana')).toBe(true);
  });

  test('at its end the seat is lost, its owner is told, and the session goes on', () => {
    const { world, back } = backLate();
    world.pass(15_000);
    expect(world.appended.at(-1)).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'lost' });
    expect([world.sessions.size, back.ends]).toEqual([1, []]);
    world.settle([back]);
    const left = { room: 'red', requestId: '', reason: LeaveReason.LOST, seq: 2n };
    expect(back.told.at(-1)).toEqual({ $case: 'left', value: left });
    back.say(join('red'));
    world.settle([back]);
    expect(back.told.at(-1)).toMatchObject({ $case: 'joined', value: { headSeq: 3n } });
  });
});

import { describe, expect, test, vi } from 'vitest';
import { Member_State } from '../../api/gen/chat/v1/chat.ts';
import { Program } from '../support/program.ts';
import { basicClient, fullClient } from '../support/raw-client.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike, hearsLeaveOf, leavesOf } from './support/told-alike.ts';

const GRACE_MS = 1500;
const ROOM = 'lobby';

/** A room with two witnesses, the second a basic client, and a member that is a process. */
async function roomWithAProcess(settings: Record<string, string> = {}) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await ServerProcess.start({ RESUME_GRACE: `${GRACE_MS}ms`, ...settings }));
  const witness = await LiveClient.enter(server.port, 'witness', [ROOM]);
  const basic = await basicClient(server.port, 'basic', [ROOM]);
  const member = stack.use(new Program('member', { args: [`${server.port}`, 'ana', ROOM] }));
  await member.shows('seated');
  await witness.say(ROOM, 'ana is here');
  const held = stack.move();
  return { server, witness, basic, member, [Symbol.asyncDispose]: () => held.disposeAsync() };
}

/** How the server says that ana stands in the room. */
async function stateOfAna(witness: LiveClient): Promise<number | undefined> {
  return (await witness.states(ROOM)).get('ana');
}

/** Everybody was told of exactly one leave of ana, at one seq, and the room goes on right behind it. */
async function expectOneLeave(world: Awaited<ReturnType<typeof roomWithAProcess>>, reason: string, goneAtMs: number) {
  const { witness, basic } = world;
  const leave = await hearsLeaveOf(witness, 'ana');
  expect(leave.reason).toBe(reason);
  // By the server's clock: the grace was over, and it began no sooner than this.
  expect(leave.at).toBeGreaterThanOrEqual(goneAtMs + GRACE_MS);
  const next = await witness.say(ROOM, 'she is gone');
  expect(next).toBe(leave.seq + 1);
  await witness.reaches(ROOM, next);
  await basic.hear('broadcast', ({ content }) => content === 'she is gone');
  expect(leavesOf(witness, 'ana')).toEqual([leave]);
  expect(leavesOf(basic, 'ana')).toEqual([leave]);
  expectToldAlike([witness], ROOM, next);
}

describe('a client that is lost', () => {
  test('22 by SIGKILL: its seat is kept for the grace, and then everybody is told once', async () => {
    await using world = await roomWithAProcess();
    const { server, witness, member } = world;
    const killedAtMs = Date.now();
    member.signal('SIGKILL');
    await server.hasClosed('lost');
    expect(await stateOfAna(witness)).toBe(Member_State.DETACHED);
    expect(leavesOf(witness, 'ana')).toEqual([]);

    await expectOneLeave(world, 'LOST', killedAtMs);
    expect(await stateOfAna(witness)).toBeUndefined();
  });

  test('23 by SIGSTOP: heartbeats find it out, and what wakes up later has no stream any more', async () => {
    const heartbeats = { HEARTBEAT_INTERVAL: '500ms', HEARTBEAT_TIMEOUT: '3s' };
    await using world = await roomWithAProcess(heartbeats);
    const { server, witness, member } = world;
    const frozenAtMs = Date.now();
    member.signal('SIGSTOP');
    await server.hasClosed('heartbeat_timeout');
    expect(await stateOfAna(witness)).toBe(Member_State.DETACHED);
    await expectOneLeave(world, 'LOST', frozenAtMs);

    member.signal('SIGCONT');
    await member.shows('"ended"');
    // 14 is UNAVAILABLE.
    expect(JSON.parse(member.lines.at(-1) ?? '').ended).toMatchObject({ status: 14, reason: 'heartbeat_timeout' });
    expect(JSON.parse(member.lines.at(-2) ?? '')).toMatchObject({ gaps: [], violations: [] });
    expect(server.closed).toEqual(['heartbeat_timeout']);
  });

  test('and whose member comes back in time was never gone', async () => {
    await using world = await roomWithAProcess({ RESUME_GRACE: '1h' });
    const { server, witness } = world;
    const bob = await LiveClient.enter(server.port, 'bob', [ROOM]);
    bob.destroySocket();
    await bob.ended;
    await vi.waitFor(async () => expect((await witness.states(ROOM)).get('bob')).toBe(Member_State.DETACHED), 10_000);
    const missed = await witness.say(ROOM, 'bob does not hear this now');
    const back = await bob.comeBack(server.port);
    await back.reaches(ROOM, missed);
    const head = await back.say(ROOM, 'here I am');
    for (const one of [witness, back]) await one.reaches(ROOM, head);

    expect(head).toBe(missed + 1);
    expect(back.ledger(ROOM).recovered).toEqual([false, true]);
    expectToldAlike([witness, back], ROOM, head);
    expect(leavesOf(witness, 'bob')).toEqual([]);
    back.destroySocket();
  });
});

test('what brings a session back is its id and 128 random bits', async () => {
  await using server = await ServerProcess.start();
  const welcomes = [];
  for (const userId of ['ana', 'bob']) welcomes.push((await fullClient(server.port, userId)).all('welcome')[0]);
  const secrets = welcomes.map((welcome) => welcome?.resumeToken.slice(`${welcome.sessionId}.`.length) ?? '');
  expect(welcomes.map((welcome, i) => `${welcome?.sessionId}.${secrets[i]}`)).toEqual(
    welcomes.map((welcome) => welcome?.resumeToken),
  );
  expect(secrets.map((secret) => Buffer.from(secret, 'base64url').length)).toEqual([16, 16]);
  expect(secrets[0]).not.toBe(secrets[1]);
});

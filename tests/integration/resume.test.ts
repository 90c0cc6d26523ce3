import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeaveReason, Member_State, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { comeBack, isDetached, positionOf, run, seqsOf, tokenOf } from '../support/coming-back.ts';
import { chat, heartbeat, hello, history, join, leave, members } from '../support/envelopes.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

let server: Awaited<ReturnType<typeof startServer>>;
let watcher: RawClient;
let ana: RawClient;
beforeEach(async () => {
  server = await startServer();
  watcher = await fullClient(server.port, 'watcher', ['general']);
  ana = await fullClient(server.port, 'ana', ['general', 'lobby']);
});
afterEach(() => server.stop());

/** Says so many words, and waits until the speaker has heard them itself. */
async function talk(speaker: RawClient, room: string, words: number): Promise<void> {
  const said = run(1, words).map((n) => chat(room, `word ${n}`));
  const heard = speaker.all('broadcast').length + words;
  speaker.send(...said);
  await speaker.until(() => speaker.all('broadcast').length === heard || undefined);
}

interface EndCase {
  readonly name: string;
  readonly end: (client: RawClient) => void;
}

const ENDS: readonly EndCase[] = [
  { name: 'cancelled', end: (client) => client.cancel() },
  { name: 'gone with its socket', end: (client) => client.destroySocket() },
  { name: 'half-closed', end: (client) => client.halfClose() },
  { name: 'ended for what it said', end: (client) => client.send(hello('ana')) },
];

describe('a full client whose stream was', () => {
  test.each(ENDS)('$name comes back: nobody sees a leave or a join', async ({ end }) => {
    end(ana);
    await isDetached(server, 'general', 'ana');
    const back = await comeBack(server.port, ana, ['general', 'lobby']);
    back.send(chat('general', 'I am back'));
    await watcher.hear('broadcast');
    const join = { type: ServerNotice_Type.USER_JOINED, userId: 'ana', seq: 2n };
    expect(watcher.all('notice')).toMatchObject([join]);
    expect(seqsOf(watcher, 'general')).toEqual([2, 3]);
  });

  test.each(ENDS)('$name comes back: it sees no gap and no double', async ({ end }) => {
    await talk(watcher, 'general', 3);
    end(ana);
    await isDetached(server, 'general', 'ana');
    await talk(watcher, 'general', 300);
    const { seq } = positionOf(ana, 'general');
    const back = await comeBack(server.port, ana, ['general']);
    await talk(watcher, 'general', 3);
    const head = server.rooms.get('general')?.log.head ?? 0;
    await back.until(() => seqsOf(back, 'general').at(-1) === head || undefined);
    expect(seqsOf(back, 'general')).toEqual(run(Number(seq) + 1, head));
    expect(back.all('joined')).toMatchObject([{ recovered: true, position: { seq }, memberCount: 2 }]);
    expect(back.all('gap')).toEqual([]);
  });
});

test('what is said while it comes back is neither lost nor told twice', async () => {
  ana.cancel();
  await isDetached(server, 'general', 'ana');
  const words = run(1, 300).map((n) => chat('general', `${n} ${'x'.repeat(1000)}`));
  watcher.send(...words.slice(0, 100));
  const back = new RawClient(server.port);
  back.send(hello('', { resumeToken: tokenOf(ana) }), join('general', { position: positionOf(ana, 'general') }));
  watcher.send(...words.slice(100, 200));
  await back.hear('joined');
  watcher.send(...words.slice(200));
  await back.hear('broadcast', ({ seq }) => seq === 302n);
  expect(seqsOf(back, 'general')).toEqual(run(3, 302));
});

test('the session that goes on is the same: its id, its token, its identity', async () => {
  const [first] = ana.all('welcome');
  ana.cancel();
  await isDetached(server, 'general', 'ana');
  const back = await comeBack(server.port, ana);
  expect(back.all('welcome')).toEqual([{ ...first, resumed: true }]);
});

test('a session comes back as often as its stream breaks', async () => {
  for (const word of run(1, 5)) {
    ana.cancel();
    await isDetached(server, 'general', 'ana');
    ana = await comeBack(server.port, ana, ['general', 'lobby']);
    ana.send(chat('general', `word ${word}`));
    await watcher.hear('broadcast');
  }
  expect(watcher.all('notice')).toHaveLength(1);
});

test('while its stream is gone, and until it has joined again, members shows it as detached', async () => {
  const stateOfAna = async () => {
    watcher.send(members('general'));
    const page = await watcher.hear('members');
    return page.members.find(({ userId }) => userId === 'ana')?.state;
  };
  ana.cancel();
  await isDetached(server, 'general', 'ana');
  expect(await stateOfAna()).toBe(Member_State.DETACHED);
  const back = await comeBack(server.port, ana);
  expect(await stateOfAna()).toBe(Member_State.DETACHED);
  back.send(join('general'));
  await back.hear('joined');
  expect(await stateOfAna()).toBe(Member_State.ACTIVE);
});

describe('a room of a session that came back, before it is joined again,', () => {
  let back: RawClient;
  beforeEach(async () => {
    ana.cancel();
    await isDetached(server, 'general', 'ana');
    back = await comeBack(server.port, ana);
  });

  test('takes no chat and shows no history', async () => {
    back.send(chat('general', 'too early', { requestId: 'chat' }), history('general', { requestId: 'history' }));
    const refusal = { code: status.FAILED_PRECONDITION, reason: 'not_a_member', room: 'general' };
    expect(await back.hear('error')).toMatchObject({ requestId: 'chat', ...refusal });
    expect(await back.hear('error')).toMatchObject({ requestId: 'history', ...refusal });
    expect(server.rooms.get('general')?.log.head).toBe(2);
  });

  test('is owed nothing', async () => {
    await talk(watcher, 'general', 3);
    back.send(heartbeat('behind'));
    await back.hear('heartbeat');
    expect(back.told.map(({ $case }) => $case)).toEqual(['welcome', 'heartbeat']);
  });

  test('is joined from the head when nothing is said of a position, without an event', async () => {
    await talk(watcher, 'general', 3);
    back.send(join('general', { requestId: 'r-1' }));
    expect(await back.hear('joined')).toMatchObject({
      ...{ requestId: 'r-1', position: { seq: 5n }, headSeq: 5n, memberCount: 2, recovered: false },
    });
    await talk(watcher, 'general', 1);
    await back.hear('broadcast');
    expect(seqsOf(back, 'general')).toEqual([6]);
  });

  test('is left by a leave, and the others are told', async () => {
    back.send(leave('general', { requestId: 'r-1' }));
    expect(await back.hear('left')).toMatchObject({ requestId: 'r-1', reason: LeaveReason.LEFT, seq: 3n });
    const told = { type: ServerNotice_Type.USER_LEFT, userId: 'ana', reason: LeaveReason.LEFT };
    expect(await watcher.hear('notice', ({ seq }) => seq === 3n)).toMatchObject(told);
  });

  test('is kept while the session ends and comes back again', async () => {
    back.cancel();
    const again = await comeBack(server.port, ana, ['general']);
    expect(again.all('joined')).toMatchObject([{ recovered: true }]);
    expect(server.rooms.get('general')?.log.head).toBe(2);
  });
});

interface TokenCase {
  readonly name: string;
  readonly token: () => string;
}

const BAD_TOKENS: readonly TokenCase[] = [
  { name: 'that was never given out', token: () => 'nobody.knows-this' },
  { name: 'without a session in it', token: () => 'x' },
  { name: 'of another user', token: () => tokenOf(watcher) },
  { name: 'with another end', token: () => `${tokenOf(ana).slice(0, -1)}!` },
  { name: 'cut short', token: () => tokenOf(ana).slice(0, -1) },
  { name: 'that is a session id alone', token: () => `${ana.all('welcome')[0]?.sessionId}.` },
];

describe('a token', () => {
  test.each(BAD_TOKENS)('21 $name makes a new session, and the one that is there goes on', async ({ token }) => {
    const stranger = new RawClient(server.port);
    stranger.send(hello('ana', { resumeToken: token() }), join('general'));
    const welcome = await stranger.hear('welcome');
    expect(welcome).toMatchObject({ resumed: false, userId: 'ana' });
    const sessions = [ana, watcher].map((client) => client.all('welcome')[0]?.sessionId);
    expect(sessions).not.toContain(welcome.sessionId);
    expect(await stranger.hear('error')).toMatchObject({ reason: 'user_taken', retryAfterMs: 0 });
    for (const client of [ana, watcher]) client.send(heartbeat('still there'));
    for (const client of [ana, watcher]) await client.hear('heartbeat');
  });

  test('of a session that had no seats when its stream ended makes a new session', async () => {
    const idle = await fullClient(server.port, 'idle');
    idle.halfClose();
    await idle.ended;
    const back = await comeBack(server.port, idle).catch(() => undefined);
    // The old identity is gone with the session, and this hello named none.
    expect(back).toBeUndefined();
    const named = new RawClient(server.port);
    named.send(hello('idle', { resumeToken: tokenOf(idle) }));
    expect(await named.hear('welcome')).toMatchObject({ resumed: false });
  });

  test('is a new one for each session', async () => {
    expect(new Set([tokenOf(ana), tokenOf(watcher)]).size).toBe(2);
  });
});

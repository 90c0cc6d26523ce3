import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { type ChatConnection, type ChatEvent, connect } from '../../cli/connection/index.ts';
import { run } from '../support/coming-back.ts';
import { stateOf, untilDue } from '../support/connection-states.ts';
import { chat, hello } from '../support/envelopes.ts';
import { FakeTiming } from '../support/fake-timing.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { unfinishedWriteTo } from '../support/stuck.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/** ana and bob in the lobby of a server, ana through a network that can be broken and with a clock that stands. */
async function lobby(settings: Record<string, string> = {}) {
  const server = await startServer(settings);
  const proxy = await TcpProxy.to(server.port);
  const timing = new FakeTiming();
  const bob = await server.connect('bob');
  const ana = await connect({ port: proxy.port, userId: 'ana', timing });
  await bob.join('lobby');
  const { position } = await ana.join('lobby');
  return {
    ...{ server, proxy, timing, ana, bob, position },
    /** The network breaks and is whole again; settled when ana has noticed. */
    async cut() {
      proxy.cut();
      await stateOf(ana, 'waiting');
    },
    /** ana tries again now, until she is welcomed. */
    async back() {
      while (ana.state.kind !== 'live') await untilDue(ana, timing).then(() => settled(ana));
    },
    async [Symbol.asyncDispose]() {
      await ana.close();
      await server.stop();
      await proxy[Symbol.asyncDispose]();
    },
  };
}

/** Neither connecting any more. */
function settled(chat: ChatConnection): Promise<unknown> {
  return Promise.race([stateOf(chat, 'live'), stateOf(chat, 'waiting'), stateOf(chat, 'closed')]);
}

async function say(chat: ChatConnection, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n++) await chat.post('lobby', `${n}`);
}

/** What the application is told, up to the message with this content. */
async function toldUpTo(chat: ChatConnection, content: string): Promise<ChatEvent[]> {
  const told: ChatEvent[] = [];
  for (;;) {
    const { done, value } = await chat.events.next();
    if (done) throw new Error('the iteration has ended');
    told.push(value);
    if (value.kind === 'message' && value.content === content) return told;
  }
}

/** The seqs that were told, each by its event or within a gap, in the order of telling. */
function seqsIn(told: readonly ChatEvent[]): bigint[] {
  return told.flatMap((event) => {
    if (event.kind === 'gap')
      return Array.from({ length: Number(event.toSeq - event.fromSeq) + 1 }, (_, i) => event.fromSeq + BigInt(i));
    return 'seq' in event ? [event.seq] : [];
  });
}

function countingFrom(first: bigint, count: number): bigint[] {
  return Array.from({ length: count }, (_, i) => first + BigInt(i));
}

const kindsIn = (told: readonly ChatEvent[]) => [...new Set(told.map(({ kind }) => kind))].sort();

describe('a network that breaks', () => {
  test('and heals: no gap, no double, and nobody else notices', async () => {
    await using meeting = await lobby();
    const { ana, bob, position } = meeting;
    await say(bob, 0, 5);
    await meeting.cut();
    await say(bob, 5, 15);
    await meeting.back();
    await say(bob, 15, 20);

    const told = await toldUpTo(ana, '19');
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 20));
    expect(kindsIn(told)).toEqual(['message', 'recovered']);
    const heard = await toldUpTo(bob, '19');
    expect(kindsIn(heard.slice(1))).toEqual(['message']);
    expect(heard[0]).toMatchObject({ kind: 'member_joined', userId: 'ana' });
  });

  test.each([0, 1, 9, 100, 1000, 3000])('%d bytes into what is told: the same', async (bytes) => {
    await using meeting = await lobby();
    const { ana, bob, proxy, position } = meeting;
    const broken = proxy.cutAfter(bytes);
    const said = say(bob, 0, 100);
    await broken;
    await stateOf(ana, 'waiting');
    await meeting.back();
    await said;
    const told = await toldUpTo(ana, '99');
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 100));
    expect(kindsIn(told)).toEqual(['message', 'recovered']);
  });

  test('a post whose ack was lost is said once', async () => {
    await using meeting = await lobby();
    const { ana, bob, proxy } = meeting;
    const broken = proxy.cutAfter(0);
    const posted = ana.post('lobby', 'mine');
    await broken;
    expect((await toldUpTo(bob, 'mine')).at(-1)).toMatchObject({ userId: 'ana' });
    await stateOf(ana, 'waiting');
    await meeting.back();
    expect(await posted).toMatchObject({ duplicate: true });
    await bob.post('lobby', 'end');
    for (const chat of [ana, bob]) {
      const told = await toldUpTo(chat, 'end');
      expect(told.filter((event) => event.kind === 'message' && event.content === 'mine')).toHaveLength(
        chat === ana ? 1 : 0,
      );
    }
  });

  test('what is said meanwhile goes out afterwards, in its order', async () => {
    await using meeting = await lobby();
    const { ana, bob } = meeting;
    await meeting.cut();
    const posts = ['a', 'b', 'c'].map((content) => ana.post('lobby', content));
    await meeting.back();
    const seqs = (await Promise.all(posts)).map(({ seq }) => seq);
    expect(seqs).toEqual(countingFrom(seqs[0] ?? 0n, 3));
    await toldUpTo(bob, 'c');
  });

  test('what is said meanwhile and after keeps its order and to the rate of the server', async () => {
    await using server = await startServer({ CHAT_GRPC_RATE_LIMIT: '100', CHAT_GRPC_RATE_BURST: '5' });
    await using proxy = await TcpProxy.to(server.port);
    const ana = await connect({ port: proxy.port, userId: 'ana' });
    await ana.join('lobby');
    proxy.sever();
    await stateOf(ana, 'waiting');
    const posts = Array.from({ length: 30 }, (_, i) => ana.post('lobby', `${i}`));
    proxy.heal();
    await stateOf(ana, 'live');
    posts.push(ana.post('lobby', 'later'));
    const seqs = (await Promise.all(posts)).map(({ seq }) => seq);
    expect(seqs).toEqual(countingFrom(seqs[0] ?? 0n, 31));
    await ana.close();
  });

  test('for longer than the grace: others see ana go and come, and she misses nothing', async () => {
    await using meeting = await lobby({ CHAT_GRPC_RESUME_GRACE: '0ms' });
    const { ana, bob, position } = meeting;
    await meeting.cut();
    expect(await bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    expect(await bob.next()).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'lost' });
    await say(bob, 0, 5);
    await meeting.back();
    await ana.post('lobby', 'here again');
    const told = await toldUpTo(ana, 'here again');
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 8));
    expect(kindsIn(told)).toEqual(['member_joined', 'member_left', 'message', 'recovered']);
    expect(kindsIn(await toldUpTo(bob, 'here again'))).toEqual(['member_joined', 'message']);
  });

  test('for longer than the log reaches: the numbers that are gone are named', async () => {
    await using meeting = await lobby({ CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB' });
    const { ana, bob, position } = meeting;
    await meeting.cut();
    await say(bob, 0, 300);
    await meeting.back();
    await say(bob, 300, 310);
    const told = await toldUpTo(ana, '309');
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 310));
    expect(told.filter(({ kind }) => kind === 'gap')).toHaveLength(1);
    expect(told[0]).toMatchObject({ kind: 'gap', fromSeq: position.seq + 1n });
  });

  test('leave meanwhile: the seat is given up when she is back', async () => {
    await using meeting = await lobby();
    const { ana, bob } = meeting;
    await meeting.cut();
    const left = ana.leave('lobby');
    await meeting.back();
    await left;
    expect(await bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    expect(await bob.next()).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'left' });
  });

  test('a network that swallows everything is noticed by the silence', async () => {
    await using meeting = await lobby({ CHAT_GRPC_HEARTBEAT_INTERVAL: '25s' });
    const { ana, bob, proxy, timing, position } = meeting;
    proxy.stall();
    await say(bob, 0, 5);
    timing.advance(34_999);
    expect(ana.state.kind).toBe('live');
    timing.advance(1);
    expect(ana.state).toMatchObject({ kind: 'waiting', because: { reason: 'lost' } });
    proxy.flow();
    await meeting.back();
    await say(bob, 5, 10);
    const told = await toldUpTo(ana, '9');
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 10));
  });
});

describe('a server that', () => {
  test('began anew: restarted, and what was not acked is said there', async () => {
    await using meeting = await lobby();
    const { ana, proxy } = meeting;
    await using second = await startServer();
    const carol = await second.connect('carol');
    const { position } = await carol.join('lobby');
    proxy.sever();
    await stateOf(ana, 'waiting');
    const posted = ana.post('lobby', 'still here');
    proxy.target = second.port;
    proxy.heal();
    await meeting.back();

    expect(await posted).toMatchObject({ seq: position.seq + 2n, duplicate: false });
    const told = await toldUpTo(ana, 'still here');
    expect(told[0]).toEqual({ kind: 'restarted', room: 'lobby', epoch: position.epoch });
    expect(seqsIn(told)).toEqual(countingFrom(1n, 3));
    expect(kindsIn(told)).toEqual(['member_joined', 'message', 'recovered', 'restarted']);
  });

  test('began anew, and has forgotten that beginning: it is told as a gap', async () => {
    await using meeting = await lobby();
    const { ana, proxy } = meeting;
    await using second = await startServer({ CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB' });
    const carol = await second.connect('carol');
    const { position } = await carol.join('lobby');
    await say(carol, 0, 300);
    proxy.sever();
    await stateOf(ana, 'waiting');
    proxy.target = second.port;
    proxy.heal();
    await meeting.back();
    await say(carol, 300, 301);

    const [restarted, ...told] = await toldUpTo(ana, '300');
    expect(restarted).toEqual({ kind: 'restarted', room: 'lobby', epoch: position.epoch });
    expect(told[0]).toMatchObject({ kind: 'gap', fromSeq: 1n });
    // carol's join, what she said, and ana's join.
    expect(seqsIn(told)).toEqual(countingFrom(1n, 303));
  });

  test('goes away: the delay that it told is obeyed', async () => {
    await using meeting = await lobby();
    const { ana, proxy, timing, server } = meeting;
    await using second = await startServer();
    const stopped = server.stop();
    const { until, because } = await stateOf(ana, 'waiting');
    await stopped;
    proxy.target = second.port;
    const told = await ana.events.next();
    expect(told.value).toEqual({ kind: 'draining', reconnectAfterMs: because.retryAfterMs });
    expect(because).toMatchObject({ reason: 'draining', retryAfterMs: expect.any(Number) });
    expect(until.getTime() - timing.utcMs()).toBe(because.retryAfterMs);
    await meeting.back();
    expect((await ana.events.next()).value).toMatchObject({ kind: 'restarted' });
  });

  test('has this session on a newer stream: closed, for good', async () => {
    await using meeting = await lobby();
    const { ana, server } = meeting;
    // bob's came first.
    const connection = [...server.grpc.connections].at(-1);
    const thief = new RawClient(server.port);
    thief.send(hello('ana', { resumeToken: connection?.session.resumeToken ?? '' }));
    expect(await thief.hear('welcome')).toMatchObject({ resumed: true });
    expect((await stateOf(ana, 'closed')).why).toMatchObject({ reason: 'replaced', code: 10 });
    await ana.close();
    thief.destroySocket();
  });

  test('has it there while she does not read, and cannot tell her: she comes back once, and the newer one ends', async () => {
    await using meeting = await lobby();
    const { ana, server, position } = meeting;
    // bob's came first.
    const connection = [...server.grpc.connections].at(-1);
    const carol = await fullClient(server.port, 'carol', ['lobby']);
    const lastSeq = Number(position.seq) + 1 + 2000;
    // More events than she lets wait, and then more bytes than the network takes.
    carol.send(...run(1, 1100).map((n) => chat('lobby', `${n}`)));
    carol.send(...run(1101, 2000).map((n) => chat('lobby', `${n}`.padEnd(4000))));
    await carol.hear('broadcast', ({ seq }) => seq === BigInt(lastSeq));
    await unfinishedWriteTo(server, 'lobby', 'ana');
    const thief = new RawClient(server.port);
    thief.send(hello('ana', { resumeToken: connection?.session.resumeToken ?? '' }));
    expect(await thief.hear('welcome')).toMatchObject({ resumed: true });
    for (const _ of run(1, 2)) server.grpc.sweep();

    expect(await stateOf(ana, 'waiting')).toMatchObject({ because: { reason: 'lost', code: 8 } });
    const told = await toldUpTo(ana, '1000');
    await meeting.back();
    expect((await thief.ended).trailers['chat-reason']).toBe('replaced');
    carol.send(chat('lobby', 'end'));
    told.push(...(await toldUpTo(ana, 'end')));
    expect(seqsIn(told)).toEqual(countingFrom(position.seq + 1n, 2002));
    carol.destroySocket();
  });

  test('holds the name for a session that is gone: its end is waited for', async () => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '200ms' });
    const crash = new AbortController();
    const before = await connect({ port: server.port, userId: 'ana', signal: crash.signal });
    await before.join('lobby');
    const first = [...server.grpc.connections];
    crash.abort();
    await Promise.all(first.map(({ over }) => over));
    const ana = await connect({ port: server.port, userId: 'ana' });
    const joined = ana.join('lobby');
    expect((await ana.events.next()).value).toMatchObject({
      kind: 'join_delayed',
      room: 'lobby',
      because: { reason: 'user_taken', retryAfterMs: expect.any(Number) },
    });
    expect(await joined).toMatchObject({ memberCount: 1 });
    await ana.close();
  });
});

describe('close', () => {
  test('leaves the rooms: nobody waits for a grace', async () => {
    await using meeting = await lobby();
    await meeting.ana.close();
    expect(await meeting.bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    expect(await meeting.bob.next()).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'left' });
  });

  test.each([
    { when: 'live', cut: false },
    { when: 'waiting to come back', cut: true },
  ])('of a process that is $when: nothing keeps it from ending', async ({ cut }) => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    const library = new URL('../../cli/connection/index.ts', import.meta.url).href;
    const script = `
      import { connect } from ${JSON.stringify(library)};
      const chat = await connect({ port: ${proxy.port}, userId: 'ana' });
      await chat.join('lobby');
      console.log('joined');
      if (${cut}) await new Promise((resolve) => chat.onState((state) => state.kind === 'waiting' && state.attempt > 2 && resolve()));
      await chat.close();
      console.log(process.getActiveResourcesInfo().filter((name) => name === 'Timeout'));`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        said += text;
        if (said === 'joined\n' && cut) proxy.sever();
      });
    }
    try {
      const [code] = await once(child, 'close');
      expect({ code, said }).toEqual({ code: 0, said: 'joined\n[]\n' });
    } finally {
      child.kill('SIGKILL');
    }
  });
});

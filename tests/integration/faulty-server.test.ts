import { describe, expect, test } from 'vitest';
import { chat, heartbeat, join, leave, members } from '../support/envelopes.ts';
import { type FaultyServer, type ServerFault, startFaultyServer } from '../support/faulty-server.ts';
import { basicClient, fullClient, type RawClient } from '../support/raw-client.ts';

/** Both are seated, so the first message has the seq 3. */
async function anaAndBob({ port }: FaultyServer) {
  return { ana: await fullClient(port, 'ana', ['lobby']), bob: await fullClient(port, 'bob', ['lobby']) };
}

function say(client: RawClient, from: number, to: number): void {
  for (let n = from; n <= to; n++) client.send(chat('lobby', `${n}`, { messageId: `m-${n}`, requestId: `r-${n}` }));
}

/** All that a stream was sent before this question was answered: answers come behind what is owed. */
async function settled(client: RawClient) {
  client.send(members('lobby', { requestId: 'settled' }));
  await client.hear('members', ({ requestId }) => requestId === 'settled');
  return {
    seqs: client.all('broadcast').map(({ seq }) => Number(seq)),
    acks: client.all('ack').map(({ requestId, seq }) => `${requestId}:${seq}`),
  };
}

describe('without a fault', () => {
  test('two members see all in one order, and each post is acked with its seq', async () => {
    using server = await startFaultyServer({ fault: 'none', every: 1 });
    const { ana, bob } = await anaAndBob(server);
    say(ana, 1, 3);
    const { seqs, acks } = await settled(ana);
    say(bob, 4, 6);
    await settled(bob);
    expect({ seqs, acks }).toEqual({ seqs: [3, 4, 5], acks: ['r-1:3', 'r-2:4', 'r-3:5'] });
    expect((await settled(ana)).seqs).toEqual([3, 4, 5, 6, 7, 8]);
    expect(await settled(bob)).toEqual({ seqs: [3, 4, 5, 6, 7, 8], acks: ['r-4:6', 'r-5:7', 'r-6:8'] });
    expect(ana.all('broadcast')).toEqual(bob.all('broadcast'));
    expect(server.injected).toEqual([]);
  });

  test('joins and leaves take a seq and are told to the others alone', async () => {
    using server = await startFaultyServer({ fault: 'none' });
    const { ana, bob } = await anaAndBob(server);
    expect(bob.all('joined')).toMatchObject([{ headSeq: 2n, memberCount: 2, position: { seq: 2n } }]);
    bob.send(leave('lobby', { requestId: 'bye' }));
    expect(await bob.hear('left')).toMatchObject({ requestId: 'bye', seq: 3n });
    bob.send(join('lobby'));
    expect(await bob.hear('joined')).toMatchObject({ headSeq: 4n, memberCount: 2 });
    bob.halfClose();
    expect(await bob.ended).toMatchObject({ status: 0 });
    await settled(ana);
    expect(ana.all('notice').map(({ userId, type, seq }) => `${userId} ${type} ${seq}`)).toEqual([
      'bob 1 2',
      'bob 2 3',
      'bob 1 4',
      'bob 2 5',
    ]);
    expect(bob.all('notice')).toEqual([]);
    expect(ana.all('members').at(-1)).toMatchObject({ headSeq: 5n, memberCount: 1, members: [{ userId: 'ana' }] });
  });

  test('a heartbeat is answered, and a post without a seat refused', async () => {
    using server = await startFaultyServer({ fault: 'none' });
    const ana = await fullClient(server.port, 'ana');
    ana.send(heartbeat('n-1'), chat('lobby', 'hello?', { requestId: 'r-1' }));
    expect(await ana.hear('heartbeat')).toEqual({ nonce: Buffer.from('n-1'), reply: true });
    expect(await ana.hear('error')).toMatchObject({ requestId: 'r-1', reason: 'not_a_member' });
  });
});

describe('a basic client', () => {
  test.each([
    { withoutSeqs: false, joined: 1n, notice: 2n, broadcast: 3n },
    { withoutSeqs: true, joined: 0n, notice: 0n, broadcast: 0n },
  ])(
    'is sent no arm of a full one, and with withoutSeqs=$withoutSeqs a broadcast has the seq $broadcast',
    async (c) => {
      using server = await startFaultyServer({ fault: 'none', withoutSeqs: c.withoutSeqs });
      const ana = await basicClient(server.port, 'ana', ['lobby']);
      const bob = await fullClient(server.port, 'bob', ['lobby']);
      ana.send(chat('lobby', 'hello', { requestId: 'r-1' }), leave('lobby'));
      expect(await ana.ended).toMatchObject({ status: 0 });
      expect(ana.told).toMatchObject([
        { $case: 'joined', value: { userId: 'ana', headSeq: c.joined } },
        { $case: 'notice', value: { userId: 'bob', seq: c.notice } },
        { $case: 'broadcast', value: { userId: 'ana', content: 'hello', seq: c.broadcast } },
      ]);
      expect(await bob.hear('broadcast')).toMatchObject({ displayName: 'ana', seq: 3n });
    },
  );
});

interface Case {
  readonly fault: ServerFault;
  readonly every: number;
  /** What came to each, after ana has said six things: seqs 3 to 8. */
  readonly ana?: readonly number[];
  readonly bob?: readonly number[];
  readonly acks?: readonly string[];
  readonly injected: readonly string[];
}

const ALL = [3, 4, 5, 6, 7, 8];
const ACKS = ['r-1:3', 'r-2:4', 'r-3:5', 'r-4:6', 'r-5:7', 'r-6:8'];
const cases: readonly Case[] = [
  { fault: 'drop', every: 5, ana: [3, 4, 6, 7, 8], bob: [3, 4, 5, 6, 8], injected: ['ana 5', 'bob 7'] },
  { fault: 'double', every: 5, ana: [3, 4, 5, 5, 6, 7, 8], bob: [3, 4, 5, 6, 7, 7, 8], injected: ['ana 5', 'bob 7'] },
  { fault: 'swap', every: 5, ana: [3, 4, 6, 5, 7, 8], bob: [3, 4, 5, 6, 8, 7], injected: ['ana 5', 'bob 7'] },
  { fault: 'forget-member', every: 4, bob: [3], injected: ['bob 4'] },
  { fault: 'lose-last', every: 1, bob: [3, 4, 5, 6, 7], injected: ['bob 8'] },
  { fault: 'ack-undelivered', every: 4, ana: [3, 4, 5, 7, 8], injected: ['ana 6'] },
  {
    fault: 'delay-ack',
    every: 2,
    acks: ['r-1:3', 'r-3:5', 'r-4:6', 'r-5:7', 'r-2:4'],
    injected: ['ana 4', 'ana 8'],
  },
  { fault: 'mute-ack', every: 4, acks: ['r-1:3', 'r-2:4', 'r-3:5', 'r-5:7', 'r-6:8'], injected: ['ana 6'] },
  {
    fault: 'wrong-ack-seq',
    every: 4,
    acks: ['r-1:3', 'r-2:4', 'r-3:5', 'r-4:7', 'r-5:7', 'r-6:8'],
    injected: ['ana 6'],
  },
];

describe('a fault', () => {
  test.each(cases)('$fault does what its book says, and nothing else', async ({ fault, every, injected, ...sent }) => {
    using server = await startFaultyServer({ fault, every });
    const { ana, bob } = await anaAndBob(server);
    say(ana, 1, 6);
    expect(await settled(ana)).toEqual({ seqs: sent.ana ?? ALL, acks: sent.acks ?? ACKS });
    expect(await settled(bob)).toEqual({ seqs: sent.bob ?? ALL, acks: [] });
    expect(server.injected.map(({ client, seq }) => `${client} ${seq}`)).toEqual(injected);
    for (const one of server.injected) expect(one).toMatchObject({ fault, room: 'lobby' });
  });

  test('is not injected into joins, leaves and the answers to them', async () => {
    using server = await startFaultyServer({ fault: 'drop', every: 1 });
    const { ana, bob } = await anaAndBob(server);
    bob.send(leave('lobby'));
    await bob.hear('left');
    await settled(ana);
    expect(ana.all('notice')).toHaveLength(2);
    expect(server.injected).toEqual([]);
  });

  test('lose-last keeps from its member what comes behind the message too, for good once it has left', async () => {
    using server = await startFaultyServer({ fault: 'lose-last' });
    const { ana, bob } = await anaAndBob(server);
    say(ana, 1, 2);
    await settled(ana);
    ana.send(leave('lobby'));
    await ana.hear('left');
    expect((await settled(bob)).seqs).toEqual([3]);
    expect(bob.all('notice')).toEqual([]);
    bob.send(leave('lobby'));
    await bob.hear('left');
    expect(server.injected).toEqual([{ fault: 'lose-last', room: 'lobby', client: 'bob', seq: 4 }]);
  });

  test('forget-member keeps its member among those who are counted', async () => {
    using server = await startFaultyServer({ fault: 'forget-member', every: 2 });
    const { ana, bob } = await anaAndBob(server);
    say(ana, 1, 1);
    await settled(ana);
    await fullClient(server.port, 'cyd', ['lobby']);
    await settled(bob);
    expect(bob.all('notice')).toEqual([]);
    expect(bob.all('members').at(-1)).toMatchObject({ memberCount: 3, headSeq: 4n });
  });
});

import { expect, test, vi } from 'vitest';
import { Diary, type Stay } from '../support/diary.ts';
import { startServer } from '../support/server.ts';
import { BasicTalker, FullTalker, type Talker } from '../support/talkers.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

/**
 * 200 clients of both kinds talk in 10 rooms at once; in the middle of it some
 * vanish, some go, and some come back. Whatever the interleaving, each room must
 * have had one order, and everyone must have been told exactly its part of it.
 */

const CLIENTS = 200;
const ROOMS = 10;
/** Words of a client in each of its rooms, half of them before its fate. */
const WORDS = 8;

const FATES = ['cancel', 'sever', 'half-close', 'rejoin', 'stay', 'stay', 'stay', 'stay', 'stay', 'stay'] as const;

/** For conditions that come when the machine gets to them. */
const PATIENCE = { timeout: 30_000, interval: 10 };

type Fate = (typeof FATES)[number];

interface Client {
  readonly talker: Talker;
  readonly fate: Fate;
  readonly rooms: readonly string[];
  readonly sever: () => void;
}

type Server = Awaited<ReturnType<typeof startServer>>;

async function client(server: Server, number: number, wrote: () => void): Promise<Client> {
  const fate = FATES[number % FATES.length] ?? 'stay';
  const isFull = Math.floor(number / FATES.length) % 2 === 0;
  // Those who leave a room to come back have another, in which a basic client's stream lives on.
  const seats = fate === 'rejoin' || number % 3 === 0 ? 3 : 1;
  const rooms = Array.from(
    { length: seats },
    (_, i) => `room ${(number + 3 * i + Math.floor(number / ROOMS)) % ROOMS}`,
  );
  const proxy = fate === 'sever' ? await TcpProxy.to(server.port) : undefined;
  const port = proxy?.port ?? server.port;
  const diary = new Diary(`user ${number}`, wrote);
  const talker = isFull ? await FullTalker.connect(port, diary) : new BasicTalker(port, diary);
  return { talker, fate, rooms, sever: () => void proxy?.[Symbol.asyncDispose]() };
}

/** One client's life up to the end of its words. */
async function live({ talker, fate, rooms, sever }: Client): Promise<void> {
  const { userId } = talker.diary;
  const talk = async (from: number, to: number) => {
    for (let n = from; n < to; n++) {
      await Promise.all(rooms.map((room) => talker.say(room, `word ${n} of ${userId} in ${room}`)));
    }
  };
  await Promise.all(rooms.map((room) => talker.join(room)));
  await talk(0, WORDS / 2);
  const [first = ''] = rooms;
  switch (fate) {
    case 'cancel':
    case 'sever': {
      // In the middle of its words.
      talk(WORDS / 2, WORDS).catch(() => {});
      if (fate === 'cancel') talker.cancel();
      else sever();
      return talker.over;
    }
    case 'half-close':
      return talker.halfClose();
    case 'rejoin':
      talker.leave(first);
      await talker.join(first);
      return talk(WORDS / 2, WORDS);
    case 'stay':
      return talk(WORDS / 2, WORDS);
  }
}

/** What the server lost sight of: 0 at every moment. */
function unaccounted({ deliveries, grpc }: Server): number {
  const { owed, written, skipped, abandoned } = deliveries;
  const behind = [...grpc.connections].reduce((sum, { session }) => sum + session.outbox.behind, 0);
  return owed - written - skipped - abandoned - behind;
}

/** The one order of a room, from what everybody was told; fails where two were told different things. */
function orderOf(stays: readonly Stay[]): string[] {
  const order = new Map<bigint, string>();
  for (const { userId, entries } of stays) {
    for (const { seq, what } of entries) {
      const known = order.get(seq) ?? what;
      if (known !== what) throw new Error(`seq ${seq} is "${what}" for ${userId} and "${known}" for others`);
      order.set(seq, what);
    }
  }
  return [...order].sort(([a], [b]) => Number(a - b)).map(([, what]) => what);
}

/** That the room's members were told one order, each its part of it. */
function expectOneOrder(room: string, head: bigint, clients: readonly Client[]): void {
  const here = clients.filter(({ rooms }) => rooms.includes(room));
  const staysOf = ({ talker }: Client) => talker.diary.stays.filter((stay) => stay.room === room);
  const order = orderOf(here.flatMap(staysOf));

  for (const one of here) {
    const { userId } = one.talker.diary;
    const { leaves, ends } = ENDS[one.fate](one.rooms[0] === room);
    expect(order.filter((what) => what.startsWith(`${userId} left`))).toEqual(leaves.map((why) => `${userId} ${why}`));

    const words = order.filter((what) => what.startsWith(`${userId} said`));
    const all = Array.from({ length: WORDS }, (_, n) => `${userId} said word ${n} of ${userId} in ${room}`);
    expect(words).toEqual(all.slice(0, words.length));
    expect(words.length).toBeGreaterThanOrEqual(WORDS / 2);
    if (isStaying(one)) expect(words).toHaveLength(WORDS);

    const stays = staysOf(one);
    expect(stays).toHaveLength(ends.length);
    for (const [i, { position, entries }] of stays.entries()) {
      const seqs = entries.map(({ seq }) => seq);
      const run = seqs.map((_, n) => position + BigInt(n + 1));
      expect(seqs, `what ${userId} was told in ${room} after ${position}`).toEqual(run);
      const last = position + BigInt(entries.length);
      if (ends[i] === 'head') expect(last).toBe(head);
      if (ends[i] === 'own leave') expect(entryAfter(last, here.flatMap(staysOf))).toBe(`${userId} left: left`);
    }
  }
}

/** Seats that a client gives up in a room before the end, how, and up to where it is told in each of its stays. */
const ENDS: Record<Fate, (isFirstRoom: boolean) => { leaves: string[]; ends: ('anywhere' | 'own leave' | 'head')[] }> =
  {
    cancel: () => ({ leaves: ['left: lost'], ends: ['anywhere'] }),
    sever: () => ({ leaves: ['left: lost'], ends: ['anywhere'] }),
    'half-close': () => ({ leaves: ['left: left'], ends: ['own leave'] }),
    rejoin: (isFirstRoom) =>
      isFirstRoom ? { leaves: ['left: left'], ends: ['own leave', 'head'] } : { leaves: [], ends: ['head'] },
    stay: () => ({ leaves: [], ends: ['head'] }),
  };

function entryAfter(seq: bigint, stays: readonly Stay[]): string | undefined {
  for (const { entries } of stays) {
    const found = entries.find((entry) => entry.seq === seq + 1n);
    if (found !== undefined) return found.what;
  }
  return undefined;
}

function isStaying({ fate }: Client): boolean {
  return fate === 'stay' || fate === 'rejoin';
}

test('a crowd that comes and goes is told one order, and leaves nothing behind', async () => {
  // Every coming and going is told by itself, and the lost are not waited for.
  await using server = await startServer({ CHAT_GRPC_FOLD_ABOVE: '1000000', CHAT_GRPC_RESUME_GRACE: '10ms' });
  let written = 0;
  const unaccountedAt: number[] = [];
  const sample = () => {
    written += 1;
    if (written % 100 === 0 && unaccounted(server) !== 0) unaccountedAt.push(written);
  };
  const clients = await Promise.all(Array.from({ length: CLIENTS }, (_, i) => client(server, i, sample)));
  await Promise.all(clients.map(live));

  const staying = clients.filter(isStaying);
  await vi.waitFor(() => expect(server.sessions.size).toBe(staying.length), PATIENCE);
  const heads = [...server.rooms.all()].map(({ name, log }) => ({ room: name, head: BigInt(log.head) }));
  expect(heads).toHaveLength(ROOMS);
  await vi.waitFor(() => {
    for (const { room, head } of heads) {
      const here = staying.filter(({ rooms }) => rooms.includes(room));
      for (const { talker } of here) expect(talker.diary.lastSeq(room)).toBe(head);
    }
  }, PATIENCE);
  for (const { room, head } of heads) expectOneOrder(room, head, clients);

  await Promise.all(staying.map(({ talker }) => talker.halfClose()));
  await vi.waitFor(() => expect([server.sessions.size, server.grpc.connections.size]).toEqual([0, 0]), PATIENCE);
  for (const room of server.rooms.all()) expect(room.members.size).toBe(0);
  expect(unaccounted(server)).toBe(0);
  expect(unaccountedAt).toEqual([]);
  expect(written).toBeGreaterThan(10_000);
  expect(server.faults).toEqual([]);
});

import { MESSAGE_IDS_KEPT } from '../../../src/core/limits.ts';
import { Guest } from './guest.ts';

/** Rooms that are there before anybody is counted. */
const ROOMS = 100;
/** Rooms of one client, where rooms are counted. */
const ROOMS_A_HOST = 100;
/** Who comes at the same time. */
const AT_ONCE = 50;
/** Who comes and goes before anything is counted, so that what is made once is there. */
const FIRST = 200;

/**
 * Brings about so many of something, and then of something else on top: yields the
 * name of one of them whenever they are there. What is there at the first yield is not counted.
 */
export type Scenario = (port: number, count: number) => AsyncGenerator<string, void, undefined>;

/** Full clients, and what they hold. */
export async function* fullClients(port: number, count: number): ReturnType<Scenario> {
  const rooms = await furnished(port);
  await warmUp(port, rooms);
  yield 'nobody';
  const guests = await inGroups(count, async (i) => {
    const guest = await Guest.full(port, `guest-${i}`);
    await guest.join([roomOf(rooms, i)]);
    return guest;
  });
  yield 'an idle full client in one room';
  for (const [i, guest] of guests.entries()) await guest.join([roomOf(rooms, i + 1)]);
  yield 'a further seat of a client';
}

/** Basic clients: those that do not say hello. */
export async function* basicClients(port: number, count: number): ReturnType<Scenario> {
  const rooms = await furnished(port);
  await warmUp(port, rooms);
  yield 'nobody';
  await inGroups(count, (i) => Guest.basic(port, `guest-${i}`, roomOf(rooms, i)));
  yield 'an idle basic client in one room';
}

/** Rooms, and who sits in them. */
export async function* rooms(port: number, count: number): ReturnType<Scenario> {
  const names = Array.from({ length: count }, (_, i) => `room-${i}`);
  await warmUp(port, await furnished(port));
  const [hosts, others] = [await hostsOf(port, 'host', names), await hostsOf(port, 'other', names)];
  yield 'nobody';
  await inGroups(hosts.length, async (i) => {
    const { guest, rooms } = hosts[i] as Host;
    await guest.join(rooms);
    await guest.leave(rooms);
  });
  yield 'an empty room that is remembered';
  for (const { guest, rooms } of hosts) await guest.join(rooms);
  yield 'the first member of a room';
  for (const { guest, rooms } of others) await guest.join(rooms);
  yield 'the second member of a room';
}

/** Members of rooms of their own, who speak. */
export async function* speakers(port: number, count: number): ReturnType<Scenario> {
  const names = Array.from({ length: count }, (_, i) => `room-${i}`);
  await warmUp(port, await furnished(port));
  const hosts = await hostsOf(port, 'host', names);
  for (const { guest, rooms } of hosts) await guest.join(rooms);
  yield 'nobody';
  // More than are kept: the table of a Map that gives up old ones is larger than that of one that grows.
  const contents = Array<string>(2 * MESSAGE_IDS_KEPT).fill('x');
  await inGroups(hosts.length, async (i) => {
    const { guest, rooms } = hosts[i] as Host;
    for (const room of rooms) await guest.sayUnderIds(room, contents);
  });
  yield `${contents.length} messages of a member in the log, and the ids of the last ${MESSAGE_IDS_KEPT}`;
}

interface Host {
  readonly guest: Guest;
  readonly rooms: readonly string[];
}

/** Clients that are to sit in these rooms, each in some of them. */
export function hostsOf(port: number, name: string, rooms: readonly string[]): Promise<Host[]> {
  return inGroups(Math.ceil(rooms.length / ROOMS_A_HOST), async (i) => {
    const guest = await Guest.full(port, `${name}-${i}`);
    return { guest, rooms: rooms.slice(i * ROOMS_A_HOST, (i + 1) * ROOMS_A_HOST) };
  });
}

/** Does it so many times, some at the same time; what came of it, in order. */
export async function inGroups<T>(count: number, act: (i: number) => Promise<T>): Promise<T[]> {
  const done: T[] = [];
  while (done.length < count) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - done.length) }, (_, i) => act(done.length + i));
    done.push(...(await Promise.all(some)));
  }
  return done;
}

/** Rooms with a member each. */
async function furnished(port: number): Promise<string[]> {
  const rooms = Array.from({ length: ROOMS }, (_, i) => `furnished-${i}`);
  const guest = await Guest.full(port, 'caretaker');
  await guest.join(rooms);
  return rooms;
}

async function warmUp(port: number, rooms: readonly string[]): Promise<void> {
  const guests = await inGroups(FIRST, async (i) => {
    const guest = await Guest.full(port, `first-${i}`);
    await guest.join([roomOf(rooms, i)]);
    return guest;
  });
  for (const [i, guest] of guests.entries()) {
    await guest.leave([roomOf(rooms, i)]);
    guest.end();
  }
}

function roomOf(rooms: readonly string[], i: number): string {
  return rooms[i % rooms.length] ?? '';
}

/**
 * The load of one run, in a process of its own, so that it neither takes the
 * server's CPU nor hides behind it: seats everybody, sends, counts and checks
 * what comes. Told what to do by one argument; answers with one line. See
 * scenario.ts for both.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { busySecondsOf, cpuSecondsOf } from './cpu-time.ts';
import { DeliveryCheck } from './delivery-check.ts';
import { Latencies } from './latencies.ts';
import { LoadClient } from './load-client.ts';
import { type Pace, paceOf } from './pace.ts';
import type { Assignment, Measurement } from './scenario.ts';
import { Sender } from './sender.ts';
import { MAX_SENDERS } from './stamp.ts';
import { Tally } from './tally.ts';

const SEATED_AT_ONCE = 50;
const WARM_UP_MS = 1000;
/** Nothing has come for so long: nothing will come any more. */
const QUIET_MS = 1000;
const LOOK_EVERY_MS = 50;
/** How long a server that is behind may go on delivering. */
const PATIENCE_MS = 20_000;

const assignment: Assignment = JSON.parse(process.argv[2] ?? '');
const { scenario } = assignment;
const senderCount = scenario.rooms * scenario.sendersPerRoom;
if (senderCount > MAX_SENDERS) fail(`at most ${MAX_SENDERS} senders can be told apart`);

const tally = new Tally();
const senders: Sender[] = [];
const checks: DeliveryCheck[] = [];
let pace: Pace | undefined;

await seatEverybody();
// The others were told of each join.
await quiet();
pace = paceOf(scenario.load, senders);
pace.start();
await sleep(WARM_UP_MS);
const measured = await measure();
pace.stop();
await quiet();
if (measured.deliveriesPerSecond === 0) fail('nothing was delivered');

const { lost, repeatedOrLate, refusals } = tally;
const measurement: Measurement = { ...measured, lost, repeatedOrLate, refusals, missingAtTheEnd: missing() };
process.stdout.write(`${JSON.stringify(measurement)}\n`, () => process.exit(0));

/** Client i sits in room i mod rooms; the first ones of each room are its senders. */
async function seatEverybody(): Promise<void> {
  const { port, clientKind } = assignment;
  for (let first = 0; first < scenario.clients; first += SEATED_AT_ONCE) {
    const clients: LoadClient[] = [];
    for (let i = first; i < Math.min(first + SEATED_AT_ONCE, scenario.clients); i++) {
      const room = roomOf(i);
      const sender = i < senderCount ? i : undefined;
      const check = new DeliveryCheck(senderCount, tally);
      const answered = (index: number) => {
        const self = senders[index];
        if (self !== undefined) pace?.answered(self);
      };
      const place = { port, kind: clientKind, userId: `user-${i}`, room };
      const client = new LoadClient({ ...place, sender, check, tally, answered, broke: fail });
      checks.push(check);
      clients.push(client);
      if (sender !== undefined) senders.push(new Sender(sender, client, { room, contentBytes: scenario.contentBytes }));
    }
    await Promise.all(clients.map((client) => client.seated));
  }
}

async function measure() {
  const latencies = new Latencies();
  tally.latencies = latencies;
  const begin = figures();
  await sleep(assignment.seconds * 1000);
  const end = figures();
  tally.latencies = undefined;
  const seconds = end.seconds - begin.seconds;
  const deliveries = end.deliveries - begin.deliveries;
  const [p50Ms = Number.NaN, p99Ms = Number.NaN] = latencies.percentilesMs([0.5, 0.99]);
  const known = { p50Ms, p99Ms, deliveriesPerSecond: deliveries / seconds };
  const driverCores = (end.driverCpuSeconds - begin.driverCpuSeconds) / seconds;
  if (begin.serverCpuSeconds === undefined || end.serverCpuSeconds === undefined) return { ...known, driverCores };
  const serverCpuSeconds = end.serverCpuSeconds - begin.serverCpuSeconds;
  const serverCores = serverCpuSeconds / seconds;
  const otherCores = (end.busySeconds - begin.busySeconds) / seconds - serverCores - driverCores;
  const serverCpuMicrosPerDelivery = (serverCpuSeconds / deliveries) * 1e6;
  return { ...known, driverCores, serverCores, otherCores: Math.max(0, otherCores), serverCpuMicrosPerDelivery };
}

function figures() {
  const { user, system } = process.cpuUsage();
  return {
    seconds: performance.now() / 1000,
    deliveries: tally.deliveries,
    driverCpuSeconds: (user + system) / 1e6,
    serverCpuSeconds: cpuSecondsOf(assignment.serverPid),
    busySeconds: busySecondsOf(assignment.cores),
  };
}

/** Waits until nothing has come for a while, or the patience is over. */
async function quiet(): Promise<void> {
  const givenUpMs = performance.now() + PATIENCE_MS;
  let seen = tally.receivedBytes;
  let sinceMs = performance.now();
  while (performance.now() < givenUpMs && performance.now() - sinceMs < QUIET_MS) {
    await sleep(LOOK_EVERY_MS);
    if (tally.receivedBytes === seen) continue;
    seen = tally.receivedBytes;
    sinceMs = performance.now();
  }
}

/** Over all clients and the senders of their rooms. */
function missing(): number {
  let sum = 0;
  for (const [i, check] of checks.entries()) {
    for (const [index, { sent }] of senders.entries()) {
      if (roomOf(index) === roomOf(i)) sum += check.missing(index, sent);
    }
  }
  return sum;
}

function roomOf(client: number): string {
  return `room-${client % scenario.rooms}`;
}

function fail(why: string): never {
  process.stderr.write(`${why}\n`);
  process.exit(1);
}

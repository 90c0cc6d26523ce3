/**
 * The siege: 50 good clients chat in a few rooms for SECONDS (default 120), half of
 * them undisturbed and half under a mixed attack, in turns: `make siege`. Prints the
 * good ones' p50 and p99 of each, the rates that the attack reached, what the server
 * took of a core, and its memory; fails when a good one missed something or was cut
 * off, when memory does not come back, or when their p99 is more than FACTOR
 * (default 2) times what it was, by the medians of ROUNDS (default 5). ONLY picks attacks by a part of their name. The last
 * line is the verdict; 1 is the exit code of a run that failed.
 */
import { spawnSync } from 'node:child_process';
import { findPinning } from '../../bench/pinning.ts';
import { MeasuredServer } from '../soak/measured.ts';
import type { Measured } from '../soak/measured-server.ts';
import { numberFrom } from '../soak/number-from.ts';
import { Processes } from '../soak/processes.ts';
import type { SiegeReport, SiegeTask } from './attackers.ts';
import { GoodClient } from './good-client.ts';

const CLIENTS = 50;
const ROOMS = ['north', 'east', 'south', 'west'];
/** Of each turn; not measured. */
const WARM_UP_MS = 2000;
const PROGRESS_EVERY_MS = 5000;
const PATIENCE_MS = 60_000;
const MEBIBYTE = 2 ** 20;
/** Of heap and external bytes: rooms of the attack that are remembered, and code that had not run before. */
const MOST_LEFT_BYTES = 24 * MEBIBYTE;
/** So short that everything that is meant to happen happens. */
const SETTINGS = {
  CHAT_GRPC_STUCK_WRITE_TIMEOUT: '3s',
  CHAT_GRPC_RESUME_GRACE: '2s',
  CHAT_GRPC_HANDSHAKE_TIMEOUT: '5s',
  CHAT_GRPC_ROOM_HISTORY_AGE: '5s',
  CHAT_GRPC_ROOM_HISTORY_BYTES: '256KiB',
};

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const seconds = numberFrom('SECONDS', 120);
const factor = numberFrom('FACTOR', 2);
/** In turns, so that what else the machine does falls on both; the medians count. */
const rounds = numberFrom('ROUNDS', 5);
const failures = new Set<string>();
const processes = new Processes();
const overtime = setTimeout(
  () => {
    console.log('siege FAILED: it did not come to its end');
    process.exit(1);
  },
  seconds * 1000 + 4 * PATIENCE_MS,
);
const { cores, words } = findPinning();
const server = await MeasuredServer.start(processes, SETTINGS);
let isEnding = false;
void server.exit.then((how) => {
  if (!isEnding) fail(`the server ended with ${how}: ${server.said.slice(-1000)}`);
});
for (const [i, pid] of [server.pid, process.pid].entries()) {
  if (cores[i] !== undefined) spawnSync('taskset', ['-a', '-p', '-c', `${cores[i]}`, `${pid}`]);
}
console.log(words);
const clients = await Promise.all(
  Array.from({ length: CLIENTS }, (_, i) => GoodClient.enter(server.port, `good-${i}`, ROOMS[i % ROOMS.length] ?? '')),
);

const before = await measured();
const task = { port: server.port, rooms: ROOMS, only: process.env['ONLY'] ?? '' };
const p99s: { calm: number; attacked: number }[] = [];
for (let round = 1; round <= rounds && failures.size === 0; round++) {
  const calm = await chatFor(`round ${round}, undisturbed`);
  // What is started here is pinned where this is.
  const attackers = processes.start('../siege/attackers.ts', {
    env: { SIEGE: JSON.stringify({ ...task, round } satisfies SiegeTask) },
  });
  let report: SiegeReport = {};
  attackers.process.on('message', (told: SiegeReport) => {
    report = told;
  });
  const attacked = await chatFor(`round ${round}, attacked`);
  attackers.process.kill('SIGKILL');
  await attackers.exit;
  p99s.push({ calm, attacked });
  if (Object.keys(report).length === 0) fail(`nobody attacked: ${attackers.said.text.slice(-1000)}`);
  for (const [what, { done, begun, forMs }] of Object.entries(report)) {
    const perSecond = (count: number) => ((count / forMs) * 1000).toFixed(count < forMs / 100 ? 1 : 0);
    if (round === rounds) console.log(`  ${what}: ${perSecond(done)} a second, begun ${perSecond(begun)} a second`);
    if (done === 0) fail(`nothing was done of: ${what}`);
  }
}

await Promise.all(clients.map((client) => client.silence()));
for (const room of ROOMS) await settled(clients.filter((client) => client.room === room));
for (const { violations } of clients) for (const how of violations) fail(how);
const after = await cameBack();
console.log(
  `heap + external ${mebibytes(held(before))} MiB before the attacks, ${mebibytes(held(after))} MiB after; RSS ${mebibytes(before.rss)}, ${mebibytes(after.rss)} MiB`,
);
if (held(after) - held(before) > MOST_LEFT_BYTES) fail('memory did not come back');
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >>> 1] ?? 0;
const [calm, attacked] = [median(p99s.map((round) => round.calm)), median(p99s.map((round) => round.attacked))];
const ratio = attacked / calm;
if (ratio > factor) fail(`their p99 is more than ${factor} times what it was: run it where nothing else runs`);
isEnding = true;
await Promise.all(clients.map((client) => client.leave()));
server.stop();
if ((await server.exit) !== 0) fail(`the server did not end well: ${server.said}`);
clearTimeout(overtime);
for (const how of failures) console.log(`  ${how}`);
const words99 = `p99 ${calm.toFixed(1)} ms undisturbed, ${attacked.toFixed(1)} ms attacked, ${ratio.toFixed(2)} times (medians of ${rounds})`;
console.log(
  failures.size === 0
    ? `siege passed: every good one was told everything once and in order; ${words99}`
    : `siege FAILED: ${words99}`,
);
process.exit(failures.size === 0 ? 0 : 1);

/** Lets the good ones chat for their share of the time; the p99 of how long their messages took. */
async function chatFor(name: string): Promise<number> {
  const { cpuMs } = await measured();
  // That the collection, and the start of a process beside them, hold everybody up is not what is measured.
  await pause(WARM_UP_MS);
  for (const client of clients) client.latenciesMs = [];
  const sinceMs = performance.now();
  const untilMs = sinceMs + (seconds * 1000) / rounds / 2;
  while (performance.now() < untilMs && failures.size === 0) {
    await pause(Math.min(PROGRESS_EVERY_MS, untilMs - performance.now()));
    console.log(`${name}: ${figures()}`);
  }
  const p99Ms = percentile(0.99);
  const share = ((await measured()).cpuMs - cpuMs) / (performance.now() - sinceMs + WARM_UP_MS);
  console.log(`${name}: the server took ${(100 * share).toFixed(0)} % of a core`);
  return p99Ms;
}

function figures(): string {
  const count = clients.reduce((sum, { latenciesMs }) => sum + latenciesMs.length, 0);
  const at = (fraction: number) => `${percentile(fraction).toFixed(1)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, max ${at(1 - Number.EPSILON)}, ${count} deliveries`;
}

function percentile(fraction: number): number {
  const all = clients.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  return all[Math.floor(all.length * fraction)] ?? 0;
}

/** Settled when all of a room stand at the same seq, which is then the head. */
async function settled(members: readonly GoodClient[]): Promise<void> {
  const untilMs = performance.now() + PATIENCE_MS;
  for (let head = -1; performance.now() < untilMs; await pause(200)) {
    const standing = new Set(members.map(({ at }) => at));
    const [at = -1] = standing;
    if (standing.size === 1 && at === head) return;
    head = at;
  }
  fail(`in ${members[0]?.room} they stand at ${members.map(({ at }) => at)}`);
}

async function measured(): Promise<Measured> {
  const measured = await server.measure(0);
  if (measured === undefined) throw new Error(`the server is gone: ${server.said}`);
  return measured;
}

/** What is held as soon as memory is back, or when patience is over. */
async function cameBack(): Promise<Measured> {
  const untilMs = performance.now() + PATIENCE_MS / 2;
  for (;;) {
    const now = await measured();
    if (held(now) - held(before) <= MOST_LEFT_BYTES || performance.now() > untilMs) return now;
    await pause(1000);
  }
}

function held({ heapUsed, external }: Measured): number {
  return heapUsed + external;
}

function mebibytes(bytes: number): string {
  return (bytes / MEBIBYTE).toFixed(1);
}

function fail(how: string): void {
  if (failures.size < 20) failures.add(how);
}

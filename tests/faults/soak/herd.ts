/**
 * The reconnect herd: CLIENTS (default 10,000) sit in ROOMS (default 100), and the server is restarted under them,
 * first by SIGTERM, which tells each when to come back, spread over SECONDS (default 10), then by SIGKILL, after which
 * their back-off alone spreads them: `make herd`. It fails when not everybody is in its room again within FACTOR
 * (default 2) times SECONDS of the signal, or was not told truthfully that the room began anew. The last line is the
 * verdict; 1 is the exit code of a run that failed.
 */
import { DriverLoad } from './driver-load.ts';
import { HerdClient, LASTING_MS } from './herd-client.ts';
import { lastingPort } from './lasting-port.ts';
import { MeasuredServer } from './measured.ts';
import { numberFrom } from './number-from.ts';
import { percentiles } from './percentiles.ts';
import { Processes } from './processes.ts';
import { StormClient } from './storm-client.ts';
import { Talker } from './talker.ts';

/** So many come in at the same time before the first restart, that it is the restart that makes a herd of them. */
const MOST_COMING = 100;
const SAY_EVERY_MS = 60;
const LOOK_EVERY_MS = 20;
const PROGRESS_EVERY_MS = 2000;
const PATIENCE_MS = 180_000;
const MEBIBYTE = 2 ** 20;

const count = Math.ceil(numberFrom('CLIENTS', 10_000));
const roomCount = Math.ceil(numberFrom('ROOMS', 100));
const spreadMs = numberFrom('SECONDS', 10) * 1000;
const factor = numberFrom('FACTOR', 2);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const failures = new Set<string>();
/** What anybody was told of each seq, by epoch, which no two rooms share. */
const whats = new Map<string, string[]>();
/** Attempts to come in that were in vain, by what they ended with. */
const inVain = new Map<string, number>();
const processes = new Processes();
const overtime = setTimeout(() => {
  console.log(`herd FAILED: it did not come to its end in ${PATIENCE_MS / 1000} s`);
  process.exit(1);
}, PATIENCE_MS);
const settings = { CHAT_GRPC_PORT: `${await lastingPort()}`, CHAT_GRPC_SHUTDOWN_GRACE: `${spreadMs}ms` };
let server = await MeasuredServer.start(processes, settings);
const { port } = server;

const rooms: HerdClient[][] = Array.from({ length: roomCount }, () => []);
const everybody = (holds: (client: HerdClient) => boolean) => rooms.every((members) => members.every(holds));
for (let n = 0; n < count; ) {
  const coming = rooms.flat().filter(({ isSeated }) => !isSeated).length;
  for (const most = Math.min(count, n + MOST_COMING - coming); n < most; n++) {
    const nth = n % roomCount;
    rooms[nth]?.push(new HerdClient({ port, userId: `user-${n}`, room: `room-${nth}`, noted, failed }));
  }
  await pause(LOOK_EVERY_MS);
}
await until('seated at first', () => everybody(({ isSeated }) => isSeated));

await restart('SIGTERM');
// A server that stays up for a while, or the back-off of the first time would go on.
await pause(LASTING_MS);
await restart('SIGKILL');

for (const client of rooms.flat()) client.end();
server.stop();
if ((await server.exit) !== 0) fail(`the server did not end well: ${server.said}`);
clearTimeout(overtime);
end();

/** Ends the server and starts another in its place, and sees everybody come back. */
async function restart(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  const epochs = rooms.map(([first]) => first?.ledger.epoch);
  inVain.clear();
  const heldBefore = await held();
  const driver = new DriverLoad();
  const sinceMs = performance.now();
  server.stop(signal);
  await server.exit;
  server = await MeasuredServer.start(processes, settings);
  const awayMs = performance.now() - sinceMs;
  const bystander = await StormClient.enter(port, 'bystander', 'corner', () => {});
  const talker = new Talker(bystander, SAY_EVERY_MS);
  const isBack = (client: HerdClient) => client.isSeated && client.seatedAtMs > sinceMs;
  await until(`back after ${signal}`, () => everybody(isBack));
  const load = driver.words;
  await talker.stop();
  // Each knows of all members when it was told of all that happened since the beginning of its room.
  await until('told of everybody', () => rooms.every((all) => all.every(({ members }) => members === all.length)));

  const clients = rooms.flat();
  const tookMs = Math.max(...clients.map(({ seatedAtMs }) => seatedAtMs)) - sinceMs;
  if (tookMs > factor * spreadMs) fail(`${signal}: not everybody was back within ${factor} times the spread`);
  for (const [i, members] of rooms.entries()) check(members, epochs[i], signal);
  const mebibytes = [heldBefore, await held()].map((bytes) => (bytes / MEBIBYTE).toFixed(0));
  console.log(
    `${signal}: another server after ${seconds(awayMs)}, the last of ${count} back after ${seconds(tookMs)} (spread ${seconds(spreadMs)})`,
  );
  console.log(`  out of its room: ${percentiles(clients.map(({ seatedAtMs, lostAtMs }) => seatedAtMs - lostAtMs))}`);
  console.log(`  a message in another room meanwhile: ${percentiles(talker.latenciesMs)}`);
  console.log(`  attempts in vain: ${attemptsInVain()}`);
  console.log(`  heap + external ${mebibytes[0]} MiB before, ${mebibytes[1]} MiB after; ${load}`);
  bystander.depart('vanishes');
}

/** What the members of a room were told, when all are back: a beginning that is new, and all since. */
function check(members: readonly HerdClient[], epochBefore: string | undefined, signal: string): void {
  const heads = new Set(members.map(({ ledger: { epoch, at } }) => `${at} of ${epoch}`));
  if (heads.size !== 1) fail(`${members[0]?.ledger.room} stands at ${[...heads].join(' and ')}`);
  for (const { name, ledger, isForewarned } of members) {
    if (ledger.epoch === epochBefore) fail(`${name} was not told of another epoch`);
    if (ledger.recovered.at(-1) !== false) fail(`${name} was told that nothing is missing`);
    if (!isForewarned && signal === 'SIGTERM') fail(`${name} was not told that the server goes away`);
    for (const how of [...ledger.violations, ...ledger.gaps.map(({ from, to }) => `gap ${from} to ${to}`)]) {
      fail(`${name}: ${how}`);
    }
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  const tell = () => {
    const seated = rooms.flat().filter(({ isSeated }) => isSeated);
    console.log(`${what}: ${seated.length} of ${count} are seated; attempts in vain: ${attemptsInVain()}`);
  };
  const progress = setInterval(tell, PROGRESS_EVERY_MS);
  while (!holds()) {
    await pause(LOOK_EVERY_MS);
    // Whoever was refused for good never comes.
    const refused = rooms.flat().find(({ ledger }) => ledger.violations.length > 0);
    if (refused === undefined) continue;
    fail(`${refused.name}: ${refused.ledger.violations.join(', ')}`);
    end();
  }
  clearInterval(progress);
}

/** With the verdict. */
function end(): never {
  for (const how of failures) console.log(`  ${how}`);
  const verdict = 'herd passed: everybody was back in time and told that its room began anew';
  console.log(failures.size === 0 ? verdict : 'herd FAILED');
  process.exit(failures.size === 0 ? 0 : 1);
}

/** Heap and external bytes of the server after a collection. */
async function held(): Promise<number> {
  const { heapUsed = 0, external = 0 } = (await server.measure(0)) ?? {};
  return heapUsed + external;
}

function noted(seq: number, what: string, epoch: string): void {
  const known = whats.get(epoch) ?? [];
  whats.set(epoch, known);
  known[seq] ??= what;
  if (known[seq] !== what) fail(`${seq} of ${epoch} is both "${known[seq]}" and "${what}"`);
}

function failed(reason: string): void {
  inVain.set(reason, (inVain.get(reason) ?? 0) + 1);
}

function attemptsInVain(): string {
  return [...inVain].map(([reason, times]) => `${times} ${reason}`).join(', ') || 'none';
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function fail(how: string): void {
  if (failures.size < 20) failures.add(how);
}

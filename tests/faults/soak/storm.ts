/**
 * A join storm: CLIENTS (default 10,000) come into one room within SECONDS
 * (default 10) and go again within as many, half of them without a word, while one
 * of them talks, and somebody in another room: `make storm`. Every stream is checked
 * by seq; it fails too when the last one was announced later than FACTOR (default 2)
 * times SECONDS after the first came. The last line is the verdict; 1 is the exit
 * code of a run that failed.
 */
import { DriverLoad } from './driver-load.ts';
import { MeasuredServer } from './measured.ts';
import { numberFrom } from './number-from.ts';
import { percentiles } from './percentiles.ts';
import { Processes } from './processes.ts';
import { StormClient } from './storm-client.ts';
import { Talker } from './talker.ts';

const ROOM = 'square';
const OTHER_ROOM = 'corner';
/** In a room of ten thousand each message is ten thousand more deliveries. */
const SAY_EVERY_MS = 200;
const SAY_ELSEWHERE_EVERY_MS = 60;
const PROGRESS_EVERY_MS = 2000;
const PATIENCE_MS = 300_000;
const SETTINGS = { CHAT_GRPC_RESUME_GRACE: '3s' };

const count = Math.ceil(numberFrom('CLIENTS', 10_000));
const spreadMs = numberFrom('SECONDS', 10) * 1000;
const factor = numberFrom('FACTOR', 2);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const failures = new Set<string>();
/** What anybody was told of each seq. */
const whats: string[] = [];
const processes = new Processes();
const overtime = setTimeout(() => {
  console.log(`storm FAILED: it did not come to its end in ${PATIENCE_MS / 1000} s`);
  process.exit(1);
}, PATIENCE_MS);
const server = await MeasuredServer.start(processes, SETTINGS);
void server.exit.then((how) => {
  if (!isEnding) fail(`the server ended with ${how}: ${server.said.slice(-1000)}`);
});
let isEnding = false;

const watcher = await enter(0);
const bystander = await StormClient.enter(server.port, 'bystander', OTHER_ROOM, () => {});
const talkers = [new Talker(watcher, SAY_EVERY_MS), new Talker(bystander, SAY_ELSEWHERE_EVERY_MS)];

const clients = [watcher];
const tookMs = await report('in', async () => {
  await spread(count - 1, async (i) => {
    clients.push(await enter(i + 1));
  });
  await watcher.until(() => watcher.members === count);
});
if (tookMs > factor * spreadMs) fail(`not everybody was announced within ${factor} times the spread`);
const headIn = watcher.ledger.at;
await Promise.all(clients.map((client) => client.until(() => client.ledger.at >= headIn)));
for (const { userId, members, ledger } of clients) {
  if (ledger.at === headIn && members !== count) fail(`${userId} counts ${members} members at ${ledger.at}`);
}

await report('out', async () => {
  await spread(count - 1, async (i) => {
    await clients[i + 1]?.depart(i % 2 === 0 ? 'leaves' : 'vanishes');
  });
  await watcher.until(() => watcher.members === 1);
});
await Promise.all(talkers.map((talker) => talker.stop()));

for (const { ledger } of [...clients, bystander])
  for (const how of [...ledger.violations, ...ledger.gaps.map(String)]) fail(how);
const head = watcher.ledger.at;
const notices = whats.filter((what) => !what.includes(' said '));
const folds = notices.filter((what) => what.endsWith(' left'));
if (folds.length === 0) fail('nothing was folded');
isEnding = true;
server.stop();
if ((await server.exit) !== 0) fail(`the server did not end well: ${server.said}`);
clearTimeout(overtime);
console.log(
  `${2 * (count - 1)} joins and leaves took ${notices.length} seqs, ${folds.length} of them folds; head ${head}`,
);
for (const how of failures) console.log(`  ${how}`);
console.log(failures.size === 0 ? 'storm passed: the numbering is whole for everyone' : 'storm FAILED');
process.exit(failures.size === 0 ? 0 : 1);

function enter(n: number): Promise<StormClient> {
  return StormClient.enter(server.port, `user-${n}`, ROOM, noted);
}

function noted(seq: number, what: string): void {
  whats[seq] ??= what;
  if (whats[seq] !== what) fail(`${seq} is both "${whats[seq]}" and "${what}"`);
}

/** Does `count` things on an even schedule over the time, without waiting for each other; settled when all are done. */
async function spread(count: number, act: (i: number) => Promise<void>): Promise<void> {
  const beganAtMs = performance.now();
  const acts: Promise<void>[] = [];
  while (acts.length < count) {
    const due = Math.min(count, Math.ceil(((performance.now() - beganAtMs) / spreadMs) * count));
    while (acts.length < due) acts.push(act(acts.length));
    await pause(1);
  }
  await Promise.all(acts);
}

/** Tells how it went, and returns how long it took. */
async function report(what: string, act: () => Promise<void>): Promise<number> {
  for (const { latenciesMs } of talkers) latenciesMs.length = 0;
  const driver = new DriverLoad();
  const sinceMs = performance.now();
  const seconds = () => ((performance.now() - sinceMs) / 1000).toFixed(1);
  const progress = setInterval(
    () => console.log(`${what}: ${seconds()} s, ${watcher.members} members told`),
    PROGRESS_EVERY_MS,
  );
  await act();
  clearInterval(progress);
  const tookMs = performance.now() - sinceMs;
  const [inRoom = '', elsewhere = ''] = talkers.map(({ latenciesMs }) => percentiles(latenciesMs));
  const load = driver.words;
  const memory = await server.measure(0);
  const held = (((memory?.heapUsed ?? 0) + (memory?.external ?? 0)) / 2 ** 20).toFixed(0);
  console.log(`${what}: ${count - 1} in ${(tookMs / 1000).toFixed(1)} s (offered in ${spreadMs / 1000} s)`);
  console.log(`  a message meanwhile: ${inRoom}; in another room: ${elsewhere}`);
  console.log(`  heap + external ${held} MiB; ${load}`);
  return tookMs;
}

function fail(how: string): void {
  if (failures.size < 20) failures.add(how);
}

/**
 * The soak: clients post and come back for MINUTES (default 60) while they are
 * cut, frozen and killed, and everything that each of them is told is checked by
 * seq: `make soak`. CLIENTS (default 200) is how many. The last line is the
 * verdict; 1 is the exit code of a run that failed.
 */
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { MeasuredServer } from './measured.ts';
import { MISCHIEFS, MischiefMaker, type Victim } from './mischief.ts';
import { numberFrom } from './number-from.ts';
import { Populace } from './populace.ts';
import { Processes } from './processes.ts';

const ROOMS = ['north', 'east', 'south', 'west'];
const MOST_CLIENTS_A_CROWD = 25;
const PROGRESS_EVERY_MS = 10_000;
const MEASURE_EVERY_MS = 5_000;
const SETTLE_PATIENCE_MS = 60_000;
/** Beyond the minutes: to start, to settle and to end. */
const MOST_OVERTIME_MS = 180_000;
/** Times so short, and a log so small, that all of it happens: resumes, ended sessions, slow readers, gaps. */
const SETTINGS = {
  CHAT_GRPC_RESUME_GRACE: '4s',
  CHAT_GRPC_HEARTBEAT_INTERVAL: '2s',
  CHAT_GRPC_HEARTBEAT_TIMEOUT: '2s',
  CHAT_GRPC_STUCK_WRITE_TIMEOUT: '3s',
  CHAT_GRPC_ROOM_HISTORY_BYTES: '64KiB',
  // Each join and leave is told, so that they can be counted.
  CHAT_GRPC_FOLD_ABOVE: '100000',
  CHAT_GRPC_LOG_LEVEL: 'info',
};

const minutes = numberFrom('MINUTES', 60);
const clients = Math.ceil(numberFrom('CLIENTS', 200));
const totalMs = minutes * 60_000;
const processes = new Processes();
const overtime = setTimeout(() => {
  console.log('soak FAILED: it did not come to its end');
  process.exit(1);
}, totalMs + MOST_OVERTIME_MS);
const server = await MeasuredServer.start(processes, SETTINGS);
const populace = new Populace(ROOMS, processes);
let isEnding = false;
void server.exit.then((how) => {
  if (!isEnding) populace.violated(`the server ended with ${how}: ${server.said.slice(-1000)}`);
});

const observers = { name: 'observer', port: 0, rooms: ROOMS, clients: ROOMS.length, posts: false };
await populace.add(observers, await TcpProxy.to(server.port));
const crowds = Math.max(2, Math.ceil(clients / MOST_CLIENTS_A_CROWD));
const victims: Promise<Victim>[] = [];
for (let i = 0; i < crowds; i++) {
  const size = Math.floor((clients * (i + 1)) / crowds) - Math.floor((clients * i) / crowds);
  const task = { name: `c${i}`, port: 0, rooms: ROOMS, clients: size, posts: true };
  victims.push(populace.add(task, await TcpProxy.to(server.port)));
}
const mischief = new MischiefMaker(await Promise.all(victims), Math.min(15_000, totalMs / 3));

const beganAtMs = performance.now();
const elapsedMs = () => performance.now() - beganAtMs;
let memory = '';
const measuring = setInterval(async () => {
  const measured = await server.measure(elapsedMs());
  if (measured === undefined) return;
  const { heapUsed, external, rss } = measured;
  memory = `heap + external ${mebibytes(heapUsed + external)}, RSS ${mebibytes(rss)} MiB`;
}, MEASURE_EVERY_MS);
const progress = setInterval(() => console.log(line()), PROGRESS_EVERY_MS);
while (elapsedMs() < totalMs && populace.totals.violations === 0)
  await new Promise((resolve) => setTimeout(resolve, 100));
mischief.end();
clearInterval(measuring);
await populace.settle(SETTLE_PATIENCE_MS);
clearInterval(progress);

isEnding = true;
server.stop();
const exit = await server.exit;
if (exit !== 0) populace.violated(`the server ended with ${exit} on SIGTERM: ${server.said.slice(-1000)}`);
const missing = MISCHIEFS.filter((kind) => mischief.done.get(kind) === 0);
if (missing.length > 0) populace.violated(`the run was too short: nobody was ${missing.join(', ')}`);
if (populace.totals.resumed === 0) populace.violated('nobody came back to its session');
const growth = server.growth(totalMs);
if (growth?.isTooMuch) populace.violated(`memory grew to ${growth.factor.toFixed(3)} of what it was in minute 5`);
clearTimeout(overtime);

console.log(line());
console.log(
  growth === undefined
    ? 'memory: too short a run to judge (6 minutes)'
    : `memory: ${growth.factor.toFixed(3)} of what it was in minute 5`,
);
for (const how of populace.violations) console.log(`  ${how}`);
const { deliveries, violations } = populace.totals;
console.log(
  violations === 0
    ? `soak passed: ${deliveries} deliveries, no unexplained hole, no double, one order, every acked post present`
    : `soak FAILED: ${violations} violations in ${deliveries} deliveries; the first of them are above`,
);
process.exit(violations === 0 ? 0 : 1);

function line(): string {
  const { deliveries, acked, resumed, restarted, gaps, skipped, violations } = populace.totals;
  const seconds = Math.floor(elapsedMs() / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const done = [...mischief.done].map(([kind, count]) => `${kind} ${count}`).join(', ');
  const back = `came back ${resumed} resumed, ${restarted} anew`;
  return `${clock}  ${deliveries} deliveries, ${acked} acked; ${done}; ${back}; ${gaps} gaps of ${skipped}; ${memory}; ${violations} violations`;
}

function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(1);
}

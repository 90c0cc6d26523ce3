/**
 * `make memory`: what an idle stream, a room and a member take, by heap snapshots that
 * are read; what ROOMS (default 100,000) rooms take and cost; and whether memory comes
 * back after a burst. COUNT (default 10,000) of each are weighed, fewer are taken apart.
 * Fails only when something broke. docs/performance.md tells how to read what it prints.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { machine } from '../../../cli/load/run/machine.ts';
import { MeasuredServer } from '../../faults/soak/measured.ts';
import { numberFrom } from '../../faults/soak/number-from.ts';
import { Processes } from '../../faults/soak/processes.ts';
import { burst } from './burst.ts';
import { HeapGraph } from './heap-graph.ts';
import { growthOf, type Holding, holdingsOf } from './holdings.ts';
import { basicClients, fullClients, rooms, type Scenario, speakers } from './idle.ts';
import { manyRooms } from './many-rooms.ts';
import { composition, figure } from './report.ts';
import { eachOf, memoryOf } from './weight.ts';

/** A snapshot has hundreds of objects for each of these. */
const MOST_TAKEN_APART = 2000;
/** Each of whom says some hundred messages. */
const MOST_SPEAKERS = 500;
/** Until what is under way has come to its end. */
const REST_MS = 2000;
const SETTINGS = {
  CHAT_GRPC_RATE_LIMIT: '0',
  CHAT_GRPC_FOLD_ABOVE: '1000000',
  CHAT_GRPC_HEARTBEAT_INTERVAL: '1h',
  CHAT_GRPC_MAX_ROOMS_PER_SESSION: '1000',
  CHAT_GRPC_MAX_EVENT_LOOP_DELAY: '0ms',
  CHAT_GRPC_ROOM_HISTORY_AGE: '1h',
  CHAT_GRPC_RESUME_GRACE: '1s',
  CHAT_GRPC_SHUTDOWN_GRACE: '1s',
};

const count = Math.ceil(numberFrom('COUNT', 10_000));
const roomCount = Math.ceil(numberFrom('ROOMS', 100_000));
const processes = new Processes();
const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-memory-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

console.log(
  `${machine()}; ${figure(count)} of each weighed, ${figure(MOST_TAKEN_APART)} at most taken apart; ${figure(MOST_SPEAKERS)} speakers at most\n`,
);
try {
  await tell('full clients', fullClients);
  await tell('basic clients', basicClients);
  await tell('rooms', rooms);
  await tell('speakers', speakers, Math.min(count, MOST_SPEAKERS));
  await withServer({ CHAT_GRPC_MAX_ROOMS: `${2 * roomCount}` }, async (server) => {
    console.log('many rooms …');
    console.log(`${await manyRooms(server, roomCount)}\n`);
  });
  await withServer({ CHAT_GRPC_ROOM_HISTORY_AGE: '1s' }, async (server) => {
    console.log('a burst …');
    console.log(`${await burst(server)}\n`);
  });
} catch (error) {
  process.stderr.write(`memory: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}
console.log(`Again: make memory COUNT=${count} ROOMS=${roomCount}   How to read this: docs/performance.md`);
process.exit(0);

/** What one of each weighs in the process, and what it consists of. */
async function tell(words: string, scenario: Scenario, weighed = count): Promise<void> {
  const takenApart = Math.min(weighed, MOST_TAKEN_APART);
  process.stdout.write(`${words}: weighing … `);
  const weights = await looks(scenario, weighed, memoryOf);
  process.stdout.write('taking apart … ');
  const parts = await looks(scenario, takenApart, partsOf);
  console.log('there\n');
  for (const [i, { name, seen }] of weights.entries()) {
    const [before, then, now] = [weights[i - 1], parts[i - 1], parts[i]];
    if (before === undefined || then === undefined || now === undefined) continue;
    console.log(`${name}: ${eachOf(before.seen, seen, weighed)}`);
    console.log(`${composition(growthOf(then.seen, now.seen, takenApart))}\n`);
  }
}

/** A look at a server of its own whenever the scenario has brought something about. */
async function looks<T>(scenario: Scenario, count: number, look: (server: MeasuredServer) => Promise<T>) {
  const all: { readonly name: string; readonly seen: T }[] = [];
  await withServer({}, async (server) => {
    for await (const name of scenario(server.port, count)) {
      await wait(REST_MS);
      all.push({ name, seen: await look(server) });
    }
  });
  return all;
}

async function partsOf(server: MeasuredServer): Promise<readonly Holding[]> {
  const path = join(folder, 'server.heapsnapshot');
  await server.snapshot(path);
  return holdingsOf(new HeapGraph(JSON.parse(readFileSync(path, 'utf8'))));
}

async function withServer(settings: Readonly<Record<string, string>>, use: (server: MeasuredServer) => Promise<void>) {
  const server = await MeasuredServer.start(processes, { ...SETTINGS, ...settings });
  await use(server);
  server.stop();
  await server.exit;
}

/**
 * `make fairness`: what a quiet room feels of a loud one. Two clients of the library talk in a room of their own, in
 * turns alone and beside a room of a thousand in which so much is said that the server's core is full. SECONDS (default 5) of
 * each turn. Fails only when something broke, never because of a figure.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { type ChatConnection, connect } from '../../cli/connection/index.ts';
import type { Report } from '../../cli/load/report/report.ts';
import { machine } from '../../cli/load/run/machine.ts';
import { programFile } from '../support/program.ts';
import { Children } from './children.ts';
import { environment } from './contenders.ts';
import { medianOf } from './median.ts';
import { findPinning } from './pinning.ts';
import { inColumns } from './table.ts';

const ROUNDS = 3;
/** Not a divisor of anything that the server does on a schedule. */
const SAY_EVERY_MS = 17;
/** Of the loud room: a thousand, ten of whom say so much that the server's core is full, and that of the load is not. */
const LOUD = ['--clients', '1000', '--rooms', '1', '--senders', '10', '--rate', '20', '--workers', '1'];
const PATIENCE_MS = 120_000;
const FOLDER = fileURLToPath(new URL('../../bench-results/', import.meta.url));

const seconds = Number(process.env['SECONDS'] || '5');
if (!(seconds >= 1 && seconds <= 60)) {
  process.stderr.write('fairness: takes SECONDS from 1 to 60, such as: make fairness SECONDS=3\n');
  process.exit(2);
}

/** Milliseconds, each ascending. */
interface Turn {
  /** From when a message was due until the other one had it. */
  readonly tookMs: readonly number[];
  /** From when it was said, which may be late: without this program's own part, as far as that comes before. */
  readonly sinceSaidMs: readonly number[];
}

const children = new Children();
const pinning = findPinning();
const server = children.start([...pinning.server, process.execPath, '--max-semi-space-size=8', programFile('server')], {
  ...environment,
  CHAT_GRPC_PORT: '0',
  CHAT_GRPC_LOG_LEVEL: 'info',
  CHAT_GRPC_RATE_LIMIT: '0',
});
const address = /"address":"[^"]+:(\d+)"/;
await server.says((stdout) => address.test(stdout), PATIENCE_MS);
const port = Number(address.exec(server.said.stdout)?.[1]);
const where = `${machine()}; ${pinning.words}, and the quiet room with it`;
const [, toolCore] = pinning.cores;
if (toolCore !== undefined) spawnSync('taskset', ['-a', '-p', '-c', `${toolCore}`, `${process.pid}`]);
mkdirSync(FOLDER, { recursive: true });
console.log(`${where}; ${ROUNDS} rounds of ${seconds} s each\n`);

const [speaker, hearer] = await Promise.all(['ana', 'bob'].map((userId) => connect({ port, userId })));
if (speaker === undefined || hearer === undefined) throw new Error('nobody is there');
for (const chat of [speaker, hearer]) await chat.join('quiet');
const heard = new Map<string, (atMs: number) => void>();
void drain(speaker, () => {});
void drain(hearer, (content) => heard.get(content)?.(performance.now()));

const turns: { alone: Turn; beside: Turn; report: Report }[] = [];
const limits = new Set<string>();
for (let round = 1; round <= ROUNDS; round++) {
  process.stdout.write(`round ${round} of ${ROUNDS}: alone … `);
  const alone = await talk();
  process.stdout.write('beside … ');
  const { beside, report } = await talkBeside();
  console.log(`p99 ${at(alone.tookMs, 0.99)} and ${at(beside.tookMs, 0.99)} ms`);
  turns.push({ alone, beside, report });
  if (report.lag.toolWasLimit !== undefined) limits.add(report.lag.toolWasLimit);
}

const row = (name: string, of: (turn: (typeof turns)[number]) => Turn) => {
  const median = (figure: (turn: Turn) => string) => medianOf(turns.map((turn) => Number(figure(of(turn)))));
  const tookMs = [0.5, 0.99, 1 - Number.EPSILON].map((part) => median((turn) => at(turn.tookMs, part)).toFixed(1));
  return [name, ...tookMs, median(({ sinceSaidMs }) => at(sinceSaidMs, 0.99)).toFixed(1)];
};
const head = ['the quiet room', 'p50 ms', 'p99 ms', 'most ms', 'p99 ms from when it was said'];
const rows = [row('alone', ({ alone }) => alone), row('beside the loud one', ({ beside }) => beside)];
console.log(`\nMedians of ${ROUNDS} rounds.\n\n${inColumns([head, ...rows])}\n`);
const loud = Math.round(medianOf(turns.map(({ report }) => report.counts.deliveriesPerSecond)));
const cores = medianOf(turns.map(({ report }) => report.serverProcess?.cores ?? Number.NaN));
console.log(
  `The loud room: ${loud.toLocaleString('en-US')} deliveries/s, with the server at ${Math.round(cores * 100)} % of a core`,
);
for (const why of limits) console.log(`The load tester was the limit. ${why}`);
console.log('Again: make fairness');
await Promise.all([speaker.close(), hearer.close()]);
process.exit(0);

/** Speaks on a schedule for a turn; settled when all that was said was heard. */
async function talk(): Promise<Turn> {
  const tooks: Promise<number>[] = [];
  const sinceSaidMs: number[] = [];
  const sinceMs = performance.now();
  for (let dueMs = sinceMs; dueMs < sinceMs + seconds * 1000; dueMs += SAY_EVERY_MS) {
    await wait(Math.max(0, dueMs - performance.now()));
    const content = `${dueMs}`;
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    heard.set(content, (atMs) => resolve(atMs - dueMs));
    const lateMs = performance.now() - dueMs;
    const told = promise.finally(() => heard.delete(content));
    tooks.push(told);
    void told.then(
      (tookMs) => sinceSaidMs.push(tookMs - lateMs),
      () => {},
    );
    speaker?.post('quiet', content).catch(reject);
  }
  const tookMs = await Promise.all(tooks);
  return { tookMs: tookMs.sort((a, b) => a - b), sinceSaidMs: sinceSaidMs.sort((a, b) => a - b) };
}

/** Speaks while the loud room is at its loudest. */
async function talkBeside(): Promise<{ readonly beside: Turn; readonly report: Report }> {
  const path = `${FOLDER}fairness.json`;
  // It goes on a little longer than the turn.
  const told = ['--server-pid', `${server.pid}`, '--json', path];
  const flags = [...LOUD, ...told, '--port', `${port}`, '--duration', `${seconds + 2}s`, '--warmup', '1s'];
  const words = [...pinning.tool, process.execPath, programFile('client'), 'load', ...flags];
  const tool = children.start(words, environment);
  await tool.says((stdout) => stdout.includes('measuring'), PATIENCE_MS);
  const beside = await talk();
  await tool.ends(PATIENCE_MS);
  return { beside, report: JSON.parse(readFileSync(path, 'utf8')) };
}

async function drain(chat: ChatConnection, said: (content: string) => void): Promise<void> {
  for await (const event of chat.events) if (event.kind === 'message') said(event.content);
}

/** @param sorted ascending. */
function at(sorted: readonly number[], part: number): string {
  return (sorted[Math.floor(sorted.length * part)] ?? Number.NaN).toFixed(1);
}

/**
 * What readers that do not read cost: 100 of them in a room with 10 MB/s of
 * traffic, three times over: `make stuck-readers`. Prints memory of the server and
 * the others' latency before, meanwhile and after; fails when somebody missed
 * something, when memory does not come back, or when the others had to wait.
 */
import { spawnSync } from 'node:child_process';
import { findPinning } from '../../bench/pinning.ts';
import { envelope, hello } from '../../support/envelopes.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { MeasuredServer } from './measured.ts';
import type { Measured } from './measured-server.ts';
import { Processes } from './processes.ts';
import { SteadyReader } from './steady-reader.ts';

const ROOM = 'busy';
const STUCK = 100;
const READERS = 20;
/** Said by one of the readers, told to all: 20 × 512 KB/s. */
const SAID_BYTES = 1024;
const SAID_A_SECOND = 500;
const TICK_MS = 10;
const PHASE_MS = 10_000;
const ROUNDS = 3;
const WINDOW_BYTES = 4096;
const SETTINGS = {
  CHAT_GRPC_RATE_LIMIT: '0',
  CHAT_GRPC_HEARTBEAT_INTERVAL: '1h',
  CHAT_GRPC_STUCK_WRITE_TIMEOUT: '15s',
  CHAT_GRPC_RESUME_GRACE: '500ms',
  CHAT_GRPC_FOLD_ABOVE: '100000',
};
/** The server's own bound for each: one write. What a socket and a session cost comes on top. */
const MOST_BYTES_A_STUCK_READER = 64 * 1024 + 64 * 1024;
/** What the stuck ones may do to the others' p99. */
const MOST_P99 = 1.2;
const MEBIBYTE = 2 ** 20;

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const processes = new Processes();
const server = await MeasuredServer.start(processes, SETTINGS);
const { cores, words } = findPinning();
for (const [i, pid] of [server.pid, process.pid].entries()) {
  if (cores[i] !== undefined) spawnSync('taskset', ['-a', '-p', '-c', `${cores[i]}`, `${pid}`]);
}
console.log(words);
const readers = Array.from({ length: READERS }, (_, i) => new SteadyReader(server.port, `reader-${i}`, ROOM));
await Promise.all(readers.map(({ seated }) => seated));
const [speaker] = readers;
let isSpeaking = true;
let owed = 0;
let tickedAtMs = performance.now();
setInterval(() => {
  const nowMs = performance.now();
  if (isSpeaking) owed += ((nowMs - tickedAtMs) / 1000) * SAID_A_SECOND;
  tickedAtMs = nowMs;
  for (; owed >= 1; owed--) speaker?.say(ROOM, SAID_BYTES);
}, TICK_MS);
await pause(3000);

const failures: string[] = [];
const rssAfter: number[] = [];
const p99s: { before: number; meanwhile: number }[] = [];
for (let round = 1; round <= ROUNDS; round++) {
  const before = await phase(`round ${round}: nobody stuck`);
  const stuck = await Promise.all(Array.from({ length: STUCK }, (_, i) => stop(`stuck-${round}-${i}`)));
  await Promise.all(stuck.map((one) => one.until(() => (one.read >= WINDOW_BYTES ? true : undefined))));
  // That they came in is not what is measured.
  await pause(1000);
  const meanwhile = await phase(`round ${round}: ${STUCK} stuck`);
  if (stuck.some(({ resetCode }) => resetCode !== undefined))
    failures.push('some were cut too soon for what was measured');
  await Promise.all(stuck.map((one) => one.until(() => one.resetCode)));
  for (const one of stuck) one.end();
  await pause(2000);
  const after = await phase(`round ${round}: cut`);
  p99s.push({ before: before.p99Ms, meanwhile: meanwhile.p99Ms });
  const held = (held: Measured) => held.heapUsed + held.external;
  if (held(meanwhile.memory) - held(before.memory) > STUCK * MOST_BYTES_A_STUCK_READER) {
    failures.push(`round ${round}: more than ${MOST_BYTES_A_STUCK_READER} bytes a stuck reader`);
  }
  if (held(after.memory) > 1.1 * held(before.memory)) failures.push(`round ${round}: memory is not back after the cut`);
  rssAfter.push(after.memory.rss);
}
isSpeaking = false;
// The first round warms the process up; what the others add stays.
if ((rssAfter.at(-1) ?? 0) > 1.1 * (rssAfter[0] ?? 0)) failures.push('RSS grows from round to round');
await pause(1000);
for (const { ledger } of readers) {
  if (ledger.violations.length + ledger.gaps.length > 0)
    failures.push(`a reader missed something: ${ledger.violations}`);
  if (ledger.at !== speaker?.ledger.at) failures.push(`a reader is at ${ledger.at} of ${speaker?.ledger.at}`);
}
for (const reader of readers) reader.end();
server.stop();
if ((await server.exit) !== 0) failures.push(`the server did not end well: ${server.said}`);
const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >>> 1] ?? 0;
const ratio = median(p99s.map(({ meanwhile }) => meanwhile)) / median(p99s.map(({ before }) => before));
console.log(`the others' p99 meanwhile is ${ratio.toFixed(2)} times what it was before (medians of ${ROUNDS})`);
if (ratio > MOST_P99)
  failures.push(`the others' p99 is more than ${MOST_P99} times what it was: run it where nothing else runs`);
for (const failure of failures) console.log(`  ${failure}`);
console.log(failures.length === 0 ? 'stuck readers: passed' : 'stuck readers: FAILED');
process.exit(failures.length === 0 ? 0 : 1);

/** Somebody who takes a seat and then reads nothing any more, but answers PINGs. */
async function stop(userId: string): Promise<ByteReader> {
  const reader = await ByteReader.open(server.port, WINDOW_BYTES);
  reader.send(hello(userId), envelope(1, { 2: ROOM }));
  return reader;
}

async function phase(name: string): Promise<{ memory: Measured; p99Ms: number }> {
  for (const reader of readers) {
    reader.latenciesMs = [];
    reader.readBytes = 0;
  }
  const sinceMs = performance.now();
  await pause(PHASE_MS);
  const all = readers.flatMap(({ latenciesMs }) => latenciesMs).sort((a, b) => a - b);
  const p99Ms = all[Math.floor(all.length * 0.99)] ?? 0;
  const megabytes = readers.reduce((sum, { readBytes }) => sum + readBytes, 0) / 1e6;
  const rate = megabytes / ((performance.now() - sinceMs) / 1000);
  // What is under way just now is not what anybody holds.
  isSpeaking = false;
  await pause(500);
  const memory = await server.measure(0);
  isSpeaking = true;
  if (memory === undefined) throw new Error(`the server is gone: ${server.said}`);
  const { heapUsed, external, rss } = memory;
  const [heap, out, resident] = [heapUsed, external, rss].map((bytes) => (bytes / MEBIBYTE).toFixed(1));
  console.log(
    `${name}: heap ${heap}, external ${out}, RSS ${resident} MiB; ${rate.toFixed(1)} MB/s; p99 ${p99Ms.toFixed(1)} ms`,
  );
  return { memory, p99Ms };
}

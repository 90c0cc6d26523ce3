/**
 * `make bench-screen`: what a person at the terminal client feels. Keys are typed
 * into the real program on a pseudo terminal, first in a room where nobody speaks,
 * then in one where others say 200 messages a second. docs/performance.md has a run.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { connect } from '../../cli/connection/index.ts';
import { machine } from '../../cli/load/run/machine.ts';
import { cpuSecondsOf } from '../../cli/load/run/process-usage.ts';
import { programFile } from '../support/program.ts';
import { PseudoTerminal } from '../support/pseudo-terminal.ts';
import { Children } from './children.ts';
import { findPinning } from './pinning.ts';

const MESSAGES_PER_SECOND = 200;
/** So many speak that none of them is too fast for the server. */
const SPEAKERS = 20;
const SECONDS = 20;
/** A quick typist; not a divisor of the frames. */
const KEY_EVERY_MS = 87;
const WORDS = 'a message of middling length, 你好 and all, that now and then wraps into a second row'.split(' ');

const pinning = findPinning();
const children = new Children();
const server = children.start([...pinning.server, process.execPath, programFile('server')], {
  ...process.env,
  CHAT_GRPC_PORT: '0',
  CHAT_GRPC_LOG_LEVEL: 'info',
});
await server.says((stdout) => /"address":"[^"]+:\d+"/.test(stdout), 30_000);
const port = Number(/"address":"[^"]+:(\d+)"/.exec(server.said.stdout)?.[1]);

console.log(`${machine()}; ${pinning.words.replace('driver', 'terminal client')}`);
const keys = await typist(port);
const quiet = await measured('quiet', 0);
const busy = await measured(`${MESSAGES_PER_SECOND} messages a second`, MESSAGES_PER_SECOND);
console.log(
  '\n| room of the screen, 80×24 | key to echo p50 ms | p99 ms | most ms | client, share of a core | KB/s to the terminal |',
);
console.log('|---|---|---|---|---|---|');
for (const { name, echoes, share, kilobytes } of [quiet, busy]) {
  const at = (part: number) => (echoes[Math.min(echoes.length - 1, Math.floor(echoes.length * part))] ?? 0).toFixed(1);
  console.log(
    `| ${name} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${(share * 100).toFixed(0)} % | ${kilobytes.toFixed(1)} |`,
  );
}
console.log('\nAgain: make bench-screen');
keys.end();
process.exit(0);

interface Measured {
  readonly name: string;
  /** Milliseconds, ascending. */
  readonly echoes: readonly number[];
  readonly share: number;
  readonly kilobytes: number;
}

async function measured(name: string, rate: number): Promise<Measured> {
  process.stdout.write(`${name}, ${SECONDS} s … `);
  const hush = new AbortController();
  const speaking = rate === 0 ? undefined : speak(rate, hush.signal);
  await wait(2_000);
  const before = { cpu: cpuSecondsOf(keys.pid) ?? 0, bytes: keys.bytes(), ms: performance.now() };
  const echoes: number[] = [];
  while (performance.now() - before.ms < SECONDS * 1000) {
    echoes.push(await keys.press());
    await wait(KEY_EVERY_MS);
  }
  const seconds = (performance.now() - before.ms) / 1000;
  const share = ((cpuSecondsOf(keys.pid) ?? 0) - before.cpu) / seconds;
  const kilobytes = (keys.bytes() - before.bytes) / 1024 / seconds;
  hush.abort();
  await speaking;
  console.log(`${echoes.length} keys`);
  return { name, echoes: echoes.toSorted((a, b) => a - b), share, kilobytes };
}

/** The terminal client, and somebody who types into it. */
async function typist(port: number) {
  const [file = '', ...args] = [
    ...pinning.tool,
    ...[process.execPath, programFile('client'), 'join', '--name', 'typist', '--room', 'general', '--port', `${port}`],
  ];
  let bytes = 0;
  let seen: (text: string) => void = () => {};
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '/',
    TERM: 'xterm-256color',
    LANG: 'C.UTF-8',
  };
  const onOutput = (text: string) => {
    bytes += Buffer.byteLength(text);
    seen(text);
  };
  const terminal = new PseudoTerminal({ file, args, columns: 80, rows: 24, env, onOutput });
  const shows = (word: string) =>
    new Promise<void>((resolve) => {
      seen = (text) => {
        if (text.includes(word)) resolve();
      };
    });
  await shows('connected');
  let presses = 0;
  return {
    pid: terminal.pid,
    bytes: () => bytes,
    end: () => terminal.kill(),
    /** A letter that nobody says; milliseconds until it is drawn. A row that is full is erased. */
    async press(): Promise<number> {
      presses += 1;
      if (presses % 60 === 0) {
        terminal.write('\u0015');
        await wait(KEY_EVERY_MS);
      }
      const letter = String.fromCodePoint(0x0410 + (presses % 32));
      const drawn = shows(letter);
      const pressedMs = performance.now();
      terminal.write(letter);
      await drawn;
      return performance.now() - pressedMs;
    },
  };
}

/** Until told to stop. */
async function speak(rate: number, hush: AbortSignal): Promise<void> {
  const chats = await Promise.all(Array.from({ length: SPEAKERS }, (_, i) => connect({ port, userId: `speaker${i}` })));
  for (const chat of chats) {
    void drain(chat.events);
    await chat.join('general');
  }
  const startMs = performance.now();
  for (let sent = 0; !hush.aborted; await wait(5)) {
    const due = ((performance.now() - startMs) / 1000) * rate;
    for (; sent < due; sent += 1) {
      const words = WORDS.slice(0, 3 + (sent % WORDS.length)).join(' ');
      chats[sent % SPEAKERS]?.post('general', `${sent} ${words}`).catch(() => {});
    }
  }
  await Promise.all(chats.map((chat) => chat.close()));
}

async function drain(events: AsyncIterable<unknown>): Promise<void> {
  try {
    for await (const _ of events);
  } catch {}
}

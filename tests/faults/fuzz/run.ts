/**
 * The fuzz: COUNT envelopes (default 1,000,000) that went wrong, from a SEED that is
 * printed, on many streams at once: `make fuzz`. Each stream must end as the
 * contract says, two others chat on and miss nothing, memory stays flat. ONLY=number
 * sends that batch alone. The last line is the verdict; 1 is the exit code of a run
 * that failed.
 */
import { GoodPair } from '../hostile/support/good-pair.ts';
import { MeasuredServer } from '../soak/measured.ts';
import { numberFrom } from '../soak/number-from.ts';
import { Processes } from '../soak/processes.ts';
import { Barrage } from './barrage.ts';
import { type Batch, batchOf, MAX_ENVELOPE_BYTES } from './batch.ts';

const TRANSPORTS = 4;
const STREAMS_A_TRANSPORT = 32;
const PROGRESS_EVERY_MS = 5000;
const MOST_VIOLATIONS = 10;
const LONGEST_MS = 3_600_000;
/** Before that part of the envelopes everything fills up that is meant to be filled. */
const WARM_UP = 0.1;
const MOST_GROWTH_BYTES = 8 * 2 ** 20;
const SETTLE_PATIENCE_MS = 15_000;
const SETTINGS = {
  CHAT_GRPC_LOG_LEVEL: 'info',
  CHAT_GRPC_MAX_RECV_MSG_SIZE: `${MAX_ENVELOPE_BYTES}`,
  CHAT_GRPC_MAX_STREAMS_PER_CONNECTION: '10000',
  CHAT_GRPC_MAX_EVENT_LOOP_DELAY: '0s',
  CHAT_GRPC_RATE_LIMIT: '0',
  // Nothing stays behind a stream, so that memory can be compared.
  CHAT_GRPC_RESUME_GRACE: '0s',
  CHAT_GRPC_ROOM_HISTORY_AGE: '1s',
  CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB',
};

const count = numberFrom('COUNT', 1_000_000);
const seed = numberFrom('SEED', 1 + Math.floor(Math.random() * 2 ** 31));
const only = process.env['ONLY'];
console.log(`fuzz: SEED=${seed} COUNT=${count}`);
const overtime = setTimeout(() => {
  console.log('fuzz FAILED: it did not come to its end');
  process.exit(1);
}, LONGEST_MS);

const violations: string[] = [];
const ends = new Map<string, number>();
/** Batches whose streams are not over. */
const flying = new Map<number, Batch>();
let envelopes = 0;
let streams = 0;
let isEnding = false;

const server = await MeasuredServer.start(new Processes(), SETTINGS);
void server.exit.then((how) => {
  if (isEnding) return;
  violated(`the server ended with ${how}: ${server.said}`);
  for (const [number, batch] of flying) console.log(`  ${told(number, batch)}`);
  finish();
});
const pair = await GoodPair.enter(server.port);
const beganAtMs = performance.now();
const progress = setInterval(() => console.log(line()), PROGRESS_EVERY_MS);
let nextNumber = 0;
try {
  await fuzz();
} catch (error) {
  // The others' own stream ended, or they were told something wrong.
  violated(error instanceof Error ? error.message : String(error));
}
clearInterval(progress);
finish();

async function fuzz(): Promise<void> {
  await pair.exchange();
  pair.talk();
  if (only === undefined) await sendUntil(count * WARM_UP);
  else await sendOnly(Number(only));
  const warm = await held();
  if (only === undefined) await sendUntil(count);
  const rate = Math.round(envelopes / ((performance.now() - beganAtMs) / 1000));
  await pair.silence();
  await pair.exchange();
  pair.expectNothingMissed();
  lookForFaults();
  let growth = (await held()) - warm;
  const untilMs = performance.now() + SETTLE_PATIENCE_MS;
  while (growth > MOST_GROWTH_BYTES && performance.now() < untilMs) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    growth = (await held()) - warm;
  }
  const grown = `${(growth / 2 ** 20).toFixed(1)} MiB beyond what it was after a tenth`;
  if (growth > MOST_GROWTH_BYTES) violated(`memory is ${grown}`);
  console.log(line());
  console.log(`memory: ${grown}; ${rate} envelopes a second`);
}

/** Sends batches, many at once, until so many envelopes were sent or something is wrong. */
async function sendUntil(most: number): Promise<void> {
  const barrages = Array.from({ length: TRANSPORTS }, () => new Barrage(server.port));
  const lanes = barrages.flatMap((barrage) =>
    Array.from({ length: STREAMS_A_TRANSPORT }, async () => {
      while (envelopes < most && violations.length < MOST_VIOLATIONS) await send(barrage, nextNumber++);
    }),
  );
  await Promise.all(lanes);
  for (const barrage of barrages) barrage.end();
}

async function sendOnly(number: number): Promise<void> {
  console.log(told(number, batchOf(seed, number)));
  const barrage = new Barrage(server.port);
  await send(barrage, number);
  barrage.end();
}

async function send(barrage: Barrage, number: number): Promise<void> {
  const batch = batchOf(seed, number);
  flying.set(number, batch);
  envelopes += batch.envelopes;
  streams += 1;
  const { reason, violation } = await barrage.send(batch);
  flying.delete(number);
  ends.set(reason, (ends.get(reason) ?? 0) + 1);
  if (violation !== undefined) violated(`${violation}: ${told(number, batch)}`);
  if (streams % 100 === 0) lookForFaults();
}

/** Once is enough: the rest of the log is as the first. */
function lookForFaults(): void {
  const fault = server.said.split('\n').find((said) => said.includes('internal fault'));
  if (fault !== undefined && violations.length === 0) violated(`the server's log tells of a fault: ${fault}`);
}

async function held(): Promise<number> {
  const measured = await server.measure(performance.now() - beganAtMs);
  return measured === undefined ? 0 : measured.heapUsed + measured.external;
}

function violated(how: string): void {
  violations.push(how);
  if (violations.length <= MOST_VIOLATIONS) console.log(`  violation: ${how}`);
}

function told(number: number, { kind, bytes }: Batch): string {
  return `batch ${number} (${kind}), again: make fuzz SEED=${seed} ONLY=${number}; its bytes: ${bytes.toString('hex')}`;
}

function line(): string {
  const seconds = Math.floor((performance.now() - beganAtMs) / 1000);
  const clock = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  const by = [...ends].sort(([, a], [, b]) => b - a).map(([reason, times]) => `${reason} ${times}`);
  return `${clock}  ${envelopes} envelopes on ${streams} streams; ended ${by.join(', ')}; the others heard ${pair.heard}; ${violations.length} violations`;
}

function finish(): never {
  isEnding = true;
  clearTimeout(overtime);
  const isGood = violations.length === 0;
  console.log(
    isGood
      ? `fuzz passed: ${envelopes} envelopes, each stream ended as the contract says, the others missed nothing (SEED=${seed})`
      : `fuzz FAILED: ${violations.length} violations; the first of them are above (SEED=${seed})`,
  );
  process.exit(isGood ? 0 : 1);
}

/**
 * `make bench`: this server and a plain grpc-js server under the same load, in
 * turn. Fails only when something broke, never because of a figure.
 * docs/performance.md tells how to read what it prints.
 */
import { parseArgs } from 'node:util';
import { Children } from './children.ts';
import { CONTENDERS } from './contenders.ts';
import { findPinning } from './pinning.ts';
import { type Line, machine, reportOf } from './report.ts';
import { type Measurement, SCENARIOS } from './scenario.ts';
import { summaryOf } from './summary.ts';
import { trial } from './trial.ts';

const ROUNDS = 3;
const DEFAULT_SECONDS = '5';
/** A plain server that cannot keep up queues what it owes; the driver must see the end of that in its patience. */
const MOST_SECONDS = 15;

const seconds = secondsToMeasure();
const children = new Children();
const pinning = findPinning();
const rounds = new Map<string, Measurement[]>();

console.log(`${machine()}; ${pinning.words}`);
console.log(`${ROUNDS} rounds, ${seconds} s measured each after 1 s of warm-up\n`);

try {
  for (let round = 1; round <= ROUNDS; round++) {
    for (const scenario of SCENARIOS) {
      for (const contender of CONTENDERS) {
        const key = `${scenario.name}, ${contender.name}`;
        process.stdout.write(`round ${round} of ${ROUNDS}, ${key} … `);
        const measurement = await trial(contender, scenario, { children, pinning, seconds });
        rounds.set(key, [...(rounds.get(key) ?? []), measurement]);
        console.log(`${Math.round(measurement.deliveriesPerSecond).toLocaleString('en-US')} deliveries/s`);
      }
    }
  }
} catch (error) {
  console.log('broke');
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

console.log(
  `\nMedians of ${ROUNDS} rounds. CPU is in shares of one core; others: what other processes took of the cores.\n`,
);
for (const scenario of SCENARIOS) {
  const lines: Line[] = CONTENDERS.map((contender) => {
    return { contender, summary: summaryOf(rounds.get(`${scenario.name}, ${contender.name}`) ?? []) };
  });
  console.log(reportOf(scenario, lines));
}
console.log(`${machine()}; ${pinning.words}`);
console.log(`Again: make bench SECONDS=${seconds}   How to read this: docs/performance.md`);

/** From the command line, else from the environment. */
function secondsToMeasure(): number {
  try {
    const { values } = parseArgs({ options: { seconds: { type: 'string' } } });
    const given = Number(values.seconds ?? (process.env['SECONDS'] || DEFAULT_SECONDS));
    if (given >= 1 && given <= MOST_SECONDS) return given;
  } catch {
    // An option that there is not: told how it is done, like one who gave a wrong number.
  }
  process.stderr.write(`bench: takes --seconds, from 1 to ${MOST_SECONDS}, such as: make bench SECONDS=3\n`);
  process.exit(2);
}

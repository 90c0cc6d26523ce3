/**
 * `make bench`: this server and a plain grpc-js server under the shipped scenarios of
 * the load tester, in turn. Fails only when something broke, never because of a figure.
 * docs/performance.md tells how to read what it prints.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Report } from '../../cli/load/report/report.ts';
import { machine } from '../../cli/load/run/machine.ts';
import { readScenarioFile } from '../../cli/load/scenario-file.ts';
import { shippedScenarios } from '../../cli/load/shipped-scenarios.ts';
import { Children } from './children.ts';
import { type Contender, scenarioContenders } from './contenders.ts';
import { type Chapter, pageOf } from './page.ts';
import { findPinning } from './pinning.ts';
import { summaryOf } from './summary.ts';
import { cellsOf, HEAD, inColumns, notesOn } from './table.ts';
import { trial } from './trial.ts';

const ROUNDS = 3;
const DEFAULT_SECONDS = '5';
/** A plain server that cannot keep up queues what it owes; the load tester must see the end of that in its patience. */
const MOST_SECONDS = 15;
const FOLDER = fileURLToPath(new URL('../../bench-results/', import.meta.url));

const { seconds, scenarios } = asked();
const contenders = scenarioContenders();
const children = new Children();
const pinning = findPinning();
const rounds = new Map<string, Report[]>();
const keyOf = (scenario: string, { name }: Contender) => `${scenario}, ${name}`;
const fileOf = (scenario: string, { name }: Contender, round: number) =>
  `${keyOf(scenario, { name } as Contender).replaceAll(/[^a-z]+/g, '-')}-${round}`;

const title = `${machine()}; ${pinning.words}; ${ROUNDS} rounds, ${seconds} s measured each after 1 s of warm-up`;
console.log(`${title}\n`);
rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER);

try {
  for (let round = 1; round <= ROUNDS; round++) {
    for (const scenario of scenarios) {
      for (const contender of contenders) {
        const key = keyOf(scenario, contender);
        process.stdout.write(`round ${round} of ${ROUNDS}, ${key} … `);
        const path = `${FOLDER}${fileOf(scenario, contender, round)}`;
        const report = await trial(contender, [scenario, '--html', `${path}.html`], {
          ...{ children, pinning, seconds },
          json: `${path}.json`,
        });
        rounds.set(key, [...(rounds.get(key) ?? []), report]);
        console.log(`${Math.round(report.counts.deliveriesPerSecond).toLocaleString('en-US')} deliveries/s`);
      }
    }
  }
} catch (error) {
  console.log('broke');
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exit(1);
}

const chapters = scenarios.map((scenario): Chapter => {
  const entries = contenders.map((contender) => {
    return { contender, summary: summaryOf(rounds.get(keyOf(scenario, contender)) ?? []) };
  });
  const pagesOf: Chapter['pagesOf'] = ({ contender }) =>
    Array.from({ length: ROUNDS }, (_, round) => `${fileOf(scenario, contender, round + 1)}.html`);
  return { scenario, words: readScenarioFile(scenario).description, entries, pagesOf };
});
console.log(`\nMedians of ${ROUNDS} rounds. CPU of the server a delivery; server and tool in shares of one core.\n`);
for (const { scenario, words, entries } of chapters) {
  console.log(
    [`${scenario}: ${words}`, '', inColumns([HEAD, ...entries.map(cellsOf)]), ...notesOn(entries), ''].join('\n'),
  );
}
writeFileSync(`${FOLDER}index.html`, pageOf(title, chapters));
console.log(`With charts: bench-results/index.html`);
const only = scenarios.length === 1 ? ` ONLY=${scenarios[0]}` : '';
console.log(`Again: make bench SECONDS=${seconds}${only}   How to read this: docs/performance.md`);

/** From the environment, where make puts what stands on its command line. */
function asked(): { readonly seconds: number; readonly scenarios: readonly string[] } {
  const seconds = Number(process.env['SECONDS'] || DEFAULT_SECONDS);
  const only = process.env['ONLY'] || undefined;
  const all = shippedScenarios();
  const scenarios = only === undefined ? all : all.filter((name) => name === only);
  if (seconds >= 1 && seconds <= MOST_SECONDS && scenarios.length > 0) return { seconds, scenarios };
  const known = `SECONDS from 1 to ${MOST_SECONDS}, and ONLY one of ${all.join(', ')}`;
  process.stderr.write(`bench: takes ${known}, such as: make bench SECONDS=3 ONLY=${all[0]}\n`);
  process.exit(2);
}

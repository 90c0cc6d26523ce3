import {
  allExpectations,
  type CountName,
  countsByName,
  type Expectation,
  holds,
  parseExpectation,
} from '../expectation.ts';
import { countText, latencyText } from '../report/figures.ts';
import type { Verdict } from '../report/report.ts';
import type { Ledger } from './ledger.ts';

/** Whether the run held what it was held to. A latency without anything measured holds nothing. */
export function verdictOf(expectations: readonly string[], ledger: Ledger, unseated: number): Verdict {
  const counts = { ...countsOf(ledger), unseated };
  const judged = allExpectations(expectations.map(parseExpectation)).map((expectation) => {
    const actual = actualOf(expectation, ledger, counts);
    if (actual === undefined) return { text: expectation.text, actual: 'nothing was measured', holds: false };
    const text = expectation.metric.kind === 'count' ? countText(actual) : latencyText(actual);
    return { text: expectation.text, actual: text, holds: holds(expectation, actual) };
  });
  const nothing = { text: 'measured', actual: 'nothing was measured', holds: false };
  const all = ledger.measuredMs > 0 ? judged : [...judged, nothing];
  return { holds: all.every((one) => one.holds), expectations: all };
}

function actualOf(
  { metric }: Expectation,
  ledger: Ledger,
  counts: Readonly<Record<CountName, number>>,
): number | undefined {
  if (metric.kind === 'count') return counts[metric.name];
  const figures =
    metric.latency === 'lag' ? ledger.lag() : ledger.latencies().find(({ name }) => name === metric.latency);
  if (figures === undefined || figures.count === 0) return undefined;
  return metric.kind === 'mean' ? figures.mean : ledger.latencyAt(metric.latency, metric.percentile);
}

function countsOf(ledger: Ledger): Omit<Record<CountName, number>, 'unseated'> {
  const faults = ledger.faults();
  const of = (kind: string) => faults.find((one) => one.kind === kind)?.count ?? 0;
  return {
    ...countsByName(ledger.counts()),
    lost: of('lost'),
    doubled: of('doubled'),
    disordered: of('disordered'),
    behind: of('behind'),
    undelivered: of('undelivered'),
    unacked: of('unacked'),
    overtaken: of('overtaken'),
    misnumbered: of('misnumbered'),
    contradicted: of('contradicted'),
    faults: faults.reduce((sum, { count }) => sum + count, 0),
    errors: ledger.errors().reduce((sum, { count }) => sum + count, 0),
  };
}

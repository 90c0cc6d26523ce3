import { countText, latencyText } from '../figures.ts';
import { LATENCY_WORDS, type Latency, type Percentiles, type Report } from '../report.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';
import { NONE } from './words.ts';

const ROWS: readonly { readonly name: string; readonly key: Exclude<keyof Percentiles, 'count'> }[] = [
  { name: 'p50', key: 'p50' },
  { name: 'p90', key: 'p90' },
  { name: 'p99', key: 'p99' },
  { name: 'p99.9', key: 'p999' },
  { name: 'p99.99', key: 'p9999' },
  { name: 'max', key: 'max' },
  { name: 'mean', key: 'mean' },
];

/** A column for each latency: rows for them would not fit on a phone. */
export function latencyTables({ latencies }: Report): string {
  const rows = ROWS.map(({ name, key }) => [
    name,
    ...latencies.map((one) => (one.count === 0 ? NONE : latencyText(one[key]))),
  ]);
  const slowest = latencies.flatMap(slowestRow);
  return `<section aria-labelledby="latencies"><h2 id="latencies">Latencies</h2>
${table({
  head: ['', ...latencies.map(({ name }) => LATENCY_WORDS[name])],
  rows: [...rows, ['count', ...latencies.map((one) => countText(one.count))]],
  numbersFrom: 1,
})}
${slowest.length === 0 ? '' : `<h3>The slowest</h3>\n${table({ head: ['', 'took', 'room', 'client', 'seq'], rows: slowest })}`}</section>`;
}

function slowestRow({ name, max, slowest }: Latency): string[][] {
  if (slowest === undefined) return [];
  const { room, client, seq } = slowest;
  return [[LATENCY_WORDS[name], latencyText(max), escaped(room), escaped(client), seq === undefined ? NONE : `${seq}`]];
}

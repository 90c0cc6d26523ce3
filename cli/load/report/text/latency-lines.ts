import { type Line, piece } from '../../../terminal/line.ts';
import { countText, latencyText } from '../figures.ts';
import { LATENCY_WORDS, type Latency, type Percentiles } from '../report.ts';

const NAME_CELLS = 18;
const COUNT_CELLS = 14;
const VALUE_CELLS = 10;

type Column = Exclude<keyof Percentiles, 'count'>;

export const COLUMN_WORDS: Readonly<Record<Column, string>> = {
  p50: 'p50',
  p90: 'p90',
  p99: 'p99',
  p999: 'p99.9',
  p9999: 'p99.99',
  max: 'max',
  mean: 'mean',
};

const COLUMNS: readonly Column[] = ['p50', 'p90', 'p99', 'p999', 'p9999', 'max'];

/** The figure, or a dash where nothing was measured: a 0 would look like a fast one. */
export function latencyCell(of: Percentiles, column: Column): string {
  return of.count === 0 ? '–' : latencyText(of[column]);
}

/** A row for each, and under them the slowest ones by name. */
export function latencyLines(latencies: readonly Latency[]): Line[] {
  const heads = COLUMNS.map((column) => COLUMN_WORDS[column].padStart(VALUE_CELLS)).join('');
  return [
    [piece('Latencies'.padEnd(NAME_CELLS), 'strong'), piece(`${'count'.padStart(COUNT_CELLS)}${heads}`, 'faint')],
    ...latencies.map(latencyLine),
    ...latencies.flatMap(slowestLine),
  ];
}

function latencyLine(latency: Latency): Line {
  const values = COLUMNS.map((column) => latencyCell(latency, column).padStart(VALUE_CELLS)).join('');
  const count = countText(latency.count).padStart(COUNT_CELLS);
  return [piece(LATENCY_WORDS[latency.name].padEnd(NAME_CELLS)), piece(`${count}${values}`)];
}

function slowestLine({ name, count, max, slowest }: Latency): Line[] {
  if (slowest === undefined || count === 0) return [];
  const { room, client, seq } = slowest;
  const where = `room ${room}, client ${client}${seq === undefined ? '' : `, seq ${seq}`}`;
  return [[piece(`slowest ${name}`.padEnd(NAME_CELLS), 'faint'), piece(`${latencyText(max)}: ${where}`)]];
}

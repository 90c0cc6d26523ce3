import { cellsOf } from '../terminal/cells.ts';
import { type Line, piece } from '../terminal/line.ts';
import { attributeText } from './attribute-text.ts';
import type { MetricRow } from './metric-table.ts';
import { clockTime, quantity } from './quantities.ts';

/** What a row says, column by column. */
interface Cells {
  readonly service: string;
  readonly name: string;
  readonly attributes: string;
  readonly value: string;
  readonly more: string;
}

/** One row as a line that stands alone. */
export function metricLine(row: MetricRow, unixNano: bigint): Line {
  const { service, name, attributes, value, more } = cellsOfRow(row, row.service);
  const words = ['metric', service, name, value, more, attributes].filter((word) => word !== '');
  return [piece(`${clockTime(unixNano)} ${words.join('  ')}`)];
}

/**
 * The rows as a table of so many lines at most, a head among them. What does not fit
 * is counted: first what is zero goes, then the last.
 */
export function tableLines(rows: readonly MetricRow[], mostLines: number): Line[] {
  if (rows.length === 0 || mostLines < 3) return [];
  const shown = mostTelling(rows, mostLines - 1);
  const hidden = rows.length - shown.length;
  const table = shown.map((row) => cellsOfRow(row, serviceOf(row, rows)));
  const width = (column: keyof Cells) => Math.max(...table.map((cells) => cellsOf(cells[column])));
  const widths = {
    service: new Set(rows.map(({ service, instance }) => `${service} ${instance}`)).size > 1 ? width('service') : 0,
    name: width('name'),
    attributes: width('attributes'),
    value: width('value'),
  };
  const head = `metrics${hidden > 0 ? `, ${hidden} more do not fit` : ''}`;
  return [
    [piece(`── ${head} ──`, 'faint')],
    ...table.map(({ service, name, attributes, value, more }) => [
      piece(widths.service > 0 ? `${padded(service, widths.service)}  ` : '', 'faint'),
      piece(`${padded(name, widths.name)}  `),
      piece(widths.attributes > 0 ? `${padded(attributes, widths.attributes)}  ` : '', 'faint'),
      piece(`${' '.repeat(widths.value - cellsOf(value))}${value}`, 'strong'),
      piece(more === '' ? '' : `  ${more}`, 'faint'),
    ]),
  ];
}

function mostTelling(rows: readonly MetricRow[], most: number): readonly MetricRow[] {
  if (rows.length <= most) return rows;
  const isZero = (row: MetricRow) => Number((row.kind === 'histogram' ? row.count : row.value) === 0);
  const chosen = new Set(rows.toSorted((a, b) => isZero(a) - isZero(b)).slice(0, most));
  return rows.filter((row) => chosen.has(row));
}

/** With the beginning of the instance where the service alone would not tell two processes apart. */
function serviceOf({ service, instance }: MetricRow, rows: readonly MetricRow[]): string {
  const isAmbiguous = rows.some((other) => other.service === service && other.instance !== instance);
  return isAmbiguous ? `${service} ${instance.slice(0, 6)}` : service;
}

function cellsOfRow(row: MetricRow, service: string): Cells {
  const { name, unit, attributes } = row;
  const rate = row.perSecond === undefined ? '' : `${quantity(row.perSecond, rateUnit(row))}/s`;
  const common = { service, name, attributes: attributeText(attributes) };
  if (row.kind !== 'histogram') return { ...common, value: quantity(row.value, unit), more: rate };
  const { count, mean, p50, p99 } = row;
  const statistics = Object.entries({ mean, p50, p99 }).flatMap(([label, value]) =>
    value === undefined ? [] : [`${label} ${quantity(value, unit)}`],
  );
  return { ...common, value: `${count} times`, more: [...statistics, rate].filter((word) => word !== '').join('  ') };
}

/** Bytes a second are bytes; whatever is counted is a number. */
function rateUnit({ kind, unit }: MetricRow): string {
  return kind !== 'histogram' && unit === 'By' ? 'By' : '';
}

function padded(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}

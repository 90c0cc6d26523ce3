import { fittedLine, type Line, piece } from '../../terminal/line.ts';
import { latencyText } from '../report/figures.ts';
import { workerPart } from '../report/text/count-lines.ts';
import { labelled } from '../report/text/labelled.ts';
import { headRows } from './head-rows.ts';
import { latencyChart } from './latency-chart.ts';
import { latencyTable } from './latency-table.ts';
import type { Progress } from './progress.ts';
import { errorRows, faultRows } from './trouble-rows.ts';

interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** With its title; with fewer, a chart shows nothing. */
const LEAST_CHART_ROWS = 4;
const GOOD_CHART_ROWS = 7;
const MOST_CHART_ROWS = 17;
/** Between the parts. */
const BLANK_ROWS = 3;
/** One for faults, one for errors. */
const LEAST_TROUBLE_ROWS = 2;

/**
 * The picture of a run: never more rows than there are, none wider than there are columns. Where rows are few, the
 * chart gives way first, then the latencies; where there are more, parts come apart, and the chart grows.
 */
export function liveRows(progress: Progress, size: Size): Line[] {
  const { columns, rows } = size;
  const head = headRows(progress, columns);
  const foot = footRows(progress, columns);
  const rest = rows - head.length - foot.length;
  const table = latencyTable(progress.latencies, columns).slice(0, Math.max(0, rest - LEAST_TROUBLE_ROWS));
  const left = rest - table.length;
  const troubles = troubleRows(progress, { columns, rows: Math.max(LEAST_TROUBLE_ROWS, left - GOOD_CHART_ROWS) });
  const chart = chartRows(progress, { columns, rows: left - troubles.length });
  const above = spaced([head, chart, table, troubles], rows - foot.length);
  return [...above, ...foot].slice(-Math.max(1, rows));
}

/** At least a row of each. */
function troubleRows({ faults, errors }: Progress, { columns, rows }: Size): Line[] {
  const named = faultRows(faults, { columns, rows: rows - 1 });
  return [...named, ...errorRows(errors, { columns, rows: Math.max(1, rows - named.length) })];
}

function chartRows({ points }: Progress, { columns, rows }: Size): Line[] {
  const height = Math.min(MOST_CHART_ROWS, rows, Math.max(GOOD_CHART_ROWS, rows - BLANK_ROWS));
  return height < LEAST_CHART_ROWS ? [] : latencyChart(points, { columns, rows: height });
}

function footRows({ lagMax, busiestWorker }: Progress, columns: number): Line[] {
  const tool = [workerPart(busiestWorker), [piece(`lag ${latencyText(lagMax)}`)]];
  return [
    labelled('this tool', tool, { columns })[0] ?? [],
    fittedLine([piece('Ctrl+C ends the run early with a full report', 'faint')], columns),
  ];
}

/** So many rows: cut at the end, or with blank ones, between the parts first. */
function spaced(parts: readonly Line[][], rows: number): Line[] {
  const count = parts.reduce((sum, part) => sum + part.length, 0);
  let blanks = Math.max(0, rows - count);
  const spread = parts.flatMap((part, index) => {
    if (index === 0 || part.length === 0 || blanks === 0) return part;
    blanks -= 1;
    return [[], ...part];
  });
  const below = Array.from({ length: blanks }, (): Line => []);
  return [...spread, ...below].slice(0, Math.max(0, rows));
}

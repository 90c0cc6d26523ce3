import { fittedLine, type Line, piece } from '../../terminal/line.ts';
import { countText } from '../report/figures.ts';
import type { Latency } from '../report/report.ts';
import { LABEL_CELLS, labelPiece } from '../report/text/labelled.ts';
import { COLUMN_WORDS, latencyCell } from '../report/text/latency-lines.ts';

const COLUMNS = ['p50', 'p90', 'p99', 'p9999', 'max'] as const;
const FEW_COLUMNS = ['p50', 'p99', 'max'] as const;
/** "9.99 ms" and what keeps it from its neighbour. */
const LEAST_CELLS = 9;
const MOST_CELLS = 11;
const COUNT_CELLS = 14;

/** What was measured so far: a row for each latency below the head. The counts are there where there is room. */
export function latencyTable(latencies: readonly Latency[], columns: number): Line[] {
  const hasRoom = columns >= LABEL_CELLS + COLUMNS.length * LEAST_CELLS;
  const shown = hasRoom ? COLUMNS : FEW_COLUMNS;
  const cells = Math.max(LEAST_CELLS, Math.min(MOST_CELLS, Math.floor((columns - LABEL_CELLS) / shown.length)));
  const hasCounts = columns >= LABEL_CELLS + shown.length * cells + COUNT_CELLS;
  const row = (texts: readonly string[], count: string) =>
    texts.map((text) => text.padStart(cells)).join('') + (hasCounts ? count.padStart(COUNT_CELLS) : '');
  const heads = shown.map((column) => COLUMN_WORDS[column]);
  return [
    [labelPiece('latency'), piece(row(heads, 'count'), 'faint')],
    ...latencies.map((latency): Line => {
      const figures = shown.map((column) => latencyCell(latency, column));
      return [piece(latency.name.padEnd(LABEL_CELLS)), piece(row(figures, countText(latency.count)))];
    }),
  ].map((line) => fittedLine(line, columns));
}

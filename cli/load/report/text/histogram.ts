import { type Line, piece } from '../../../terminal/line.ts';
import { countText, percentText, roundLatencyText } from '../figures.ts';
import type { Bucket } from '../report.ts';

const MOST_ROWS = 12;
const BAR_CELLS = 46;
const EDGE_CELLS = 8;
const COUNT_CELLS = 13;
const PERCENT_CELLS = 9;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** Where a decade is cut, the finest first: all about equally far apart on a scale of logarithms. */
const CUTS: readonly (readonly number[])[] = [
  [1, 1.2, 1.5, 1.8, 2.2, 2.7, 3.3, 3.9, 4.7, 5.6, 6.8, 8.2],
  [1, 1.5, 2, 3, 5, 7],
  [1, 2, 5],
  [1, 3],
  [1],
];

/** How many deliveries took how long: as fine as a dozen rows can be. Nothing without deliveries. */
export function histogramLines(buckets: readonly Bucket[]): Line[] {
  const rows = gathered(buckets);
  const all = rows.reduce((sum, { count }) => sum + count, 0);
  if (all === 0) return [];
  const most = rows.reduce((most, { count }) => Math.max(most, count), 0);
  return [
    [piece('Deliveries by latency', 'strong'), piece('  on a logarithmic scale', 'faint')],
    ...rows.map(({ from, to, count }): Line => {
      const edges = `${roundLatencyText(from).padStart(EDGE_CELLS)} –${roundLatencyText(to).padStart(EDGE_CELLS)}`;
      const bar = barText(count, most).padEnd(BAR_CELLS);
      const share = percentText(count / all).padStart(PERCENT_CELLS);
      return [piece(`${edges}  `, 'faint'), piece(bar), piece(`${countText(count).padStart(COUNT_CELLS)}${share}`)];
    }),
  ];
}

/** The empty ones between the first and the last are there, too. */
function gathered(buckets: readonly Bucket[]): Bucket[] {
  const first = buckets[0];
  const last = buckets.at(-1);
  if (first === undefined || last === undefined) return [];
  const edges = edgesOver(Math.max(1, first.from), Math.max(1, last.from));
  const counts = edges.map(() => 0);
  for (const { from, count } of buckets) {
    const at = Math.max(
      0,
      edges.findLastIndex((edge) => edge <= from),
    );
    counts[at] = (counts[at] ?? 0) + count;
  }
  return edges.slice(0, -1).map((from, index) => ({ from, to: edges[index + 1] ?? from, count: counts[index] ?? 0 }));
}

/** From at or below the lowest to above the highest. */
function edgesOver(lowest: number, highest: number): number[] {
  for (const cuts of CUTS) {
    const edges = edgesBy(cuts, lowest, highest);
    if (edges.length <= MOST_ROWS + 1) return edges;
  }
  return edgesBy([1], lowest, highest);
}

function edgesBy(cuts: readonly number[], lowest: number, highest: number): number[] {
  const edges: number[] = [];
  for (let decade = 1; edges.length === 0 || (edges.at(-1) ?? 0) <= highest; decade *= 10) {
    for (const cut of cuts) {
      if ((edges.at(-1) ?? 0) > highest) break;
      // What is at or below the lowest is one row's lower edge: the last such one.
      if (cut * decade <= lowest) edges.length = 0;
      edges.push(cut * decade);
    }
  }
  return edges;
}

/** Something is to be seen wherever there is something. */
function barText(count: number, most: number): string {
  const eighths = count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR_CELLS * 8));
  return '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
}

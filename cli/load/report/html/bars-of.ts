import type { Bucket } from '../report.ts';

const BARS = 60;
/** A histogram of one value has a width, too. */
const LEAST_RANGE = 10;
/** The finest that is told; towards 0 a logarithm leads nowhere. */
const LOWEST = 1;

/**
 * The buckets as bars that are equally wide on a log scale, their counts all in all unchanged. Buckets are fine, but at
 * the low end, where a microsecond is the finest, wider than a bar: such a one is spread evenly over the bars that it covers.
 */
export function barsOf(buckets: readonly Bucket[]): Bucket[] {
  const lowest = Math.max(LOWEST, buckets[0]?.from ?? 0);
  const highest = Math.max(buckets.at(-1)?.to ?? 0, lowest * LEAST_RANGE);
  const step = (highest / lowest) ** (1 / BARS);
  const edge = (index: number) => (index === BARS ? highest : lowest * step ** index);
  const counts = new Array<number>(BARS).fill(0);
  for (const { from, to, count } of buckets) {
    const [start, end] = [Math.max(from, lowest), Math.max(to, lowest * step)];
    const first = Math.max(0, Math.floor(Math.log(start / lowest) / Math.log(step)) - 1);
    for (let index = first; index < BARS && edge(index) < end; index++) {
      const covered = Math.min(end, edge(index + 1)) - Math.max(start, edge(index));
      if (covered > 0) counts[index] = (counts[index] ?? 0) + (count * covered) / (end - start);
    }
  }
  return counts.map((count, index) => ({ from: edge(index), to: edge(index + 1), count }));
}

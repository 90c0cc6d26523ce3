import type { Buckets } from './received.ts';

/**
 * About the value that this share (0 to 1) of what was recorded does not exceed, as
 * if it lay evenly within its bucket. Undefined when nothing was recorded.
 */
export function percentile({ bounds, bucketCounts, min, max }: Buckets, share: number): number | undefined {
  const total = bucketCounts.reduce((sum, count) => sum + count, 0);
  if (!(total > 0)) return undefined;
  let rank = share * total;
  const bucket = bucketCounts.findIndex((count) => {
    if (rank <= count && count > 0) return true;
    rank -= count;
    return false;
  });
  const count = bucketCounts[bucket] ?? 0;
  const low = bounds[bucket - 1] ?? min ?? Math.min(0, bounds[0] ?? 0);
  // Nothing bounds the last one but the largest that was seen.
  const high = bounds[bucket] ?? max ?? low;
  const value = count > 0 ? low + ((high - low) * rank) / count : high;
  return Math.min(Math.max(value, min ?? value), max ?? value);
}

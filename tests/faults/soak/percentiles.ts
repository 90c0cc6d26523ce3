/** How long things took, in words; of milliseconds. */
export function percentiles(tookMs: readonly number[]): string {
  const sorted = tookMs.toSorted((a, b) => a - b);
  const at = (fraction: number) => `${(sorted[Math.floor(sorted.length * fraction)] ?? 0).toFixed(1)} ms`;
  return `p50 ${at(0.5)}, p99 ${at(0.99)}, most ${at(1 - Number.EPSILON)}`;
}

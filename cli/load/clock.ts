/** The clock of a run, in microseconds since its beginning; the same in every thread. */
export interface Clock {
  now(): number;
}

/** Of the operating system, in milliseconds; threads have it in common, which `performance.now` alone is not. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** @param originMs when the run began, by `monotonicMs`. */
export function clockFrom(originMs: number): Clock {
  // Cheaper by far than asking for a bigint each time.
  const shiftMs = monotonicMs() - performance.now() - originMs;
  return { now: () => (performance.now() + shiftMs) * 1000 };
}

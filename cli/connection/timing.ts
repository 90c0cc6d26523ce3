/** What a connection knows of time and chance, so that a test can hold both still. */
export interface Timing {
  /** Never goes back; for durations. */
  monotonicMs(): number;
  /** Since 1970; for people. */
  utcMs(): number;
  /** Runs the task once, `ms` from now. Returns what takes it back; calling that later does nothing. */
  after(ms: number, task: () => void): () => void;
  /** From 0 to below 1. */
  random(): number;
}

/** Node runs a timer of more than this at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

export const realTiming: Timing = {
  monotonicMs: () => performance.now(),
  utcMs: () => Date.now(),
  after(ms, task) {
    const timer = setTimeout(task, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

import type { FaultTally } from '../fault.ts';
import type { ErrorTally, Latency, Phase, Point } from '../report/report.ts';
import type { Scenario } from '../scenario.ts';

/** How a run stands, told once a second. */
export interface Progress {
  readonly scenario: Scenario;
  /** host:port */
  readonly server: string;
  readonly phase: Phase;
  /** Of the whole run. */
  readonly elapsedMs: number;
  /** Until the end of what is measured, as far as that can be known; undefined while they join. */
  readonly leftMs: number | undefined;
  /** Of the whole run so far, ascending; the last one is the second that just ended. */
  readonly points: readonly Point[];
  /** What was measured so far. */
  readonly latencies: readonly Latency[];
  readonly faults: readonly FaultTally[];
  readonly errors: readonly ErrorTally[];
  /** In microseconds, and the busiest worker from 0 to 1; since the last time. */
  readonly lagMax: number;
  readonly busiestWorker: number;
}

import type { Latencies } from './latencies.ts';

/** What all clients of a run count together. */
export class Tally {
  receivedBytes = 0;
  deliveries = 0;
  lost = 0;
  repeatedOrLate = 0;
  refusals = 0;
  /** Only while it is measured. */
  latencies: Latencies | undefined;
}

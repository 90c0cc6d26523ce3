import { BUSY_LIMIT } from '../report/busy-limit.ts';
import { latencyText, percentText } from '../report/figures.ts';
import type { Percentiles } from '../report/report.ts';

/** Below, a lag is that of timers, which come a millisecond late. */
const LEAST_LAG_MICROS = 5_000;
const LAG_LIMIT = 0.5;
/** From here on it stood still, rather than being late. */
const STANDSTILL_MICROS = 200_000;

export interface ToolFigures {
  /** Of the event loop of the busiest worker, from 0 to 1. */
  readonly busiestWorker: number;
  /** In microseconds; 0 where nothing was measured. */
  readonly lag: Pick<Percentiles, 'p99' | 'max'>;
  readonly delivery: Pick<Percentiles, 'p99' | 'max'>;
}

/** Why a run says more about the tool than about the server; undefined where it does not. Whole sentences. */
export function toolLimit({ busiestWorker, lag, delivery }: ToolFigures): string | undefined {
  if (busiestWorker >= BUSY_LIMIT) {
    return `Its busiest worker was at work ${percentText(busiestWorker)} of the time: rates are a lower bound, and latencies are partly its own. Give it more --workers or cores of its own, or lower the load.`;
  }
  if (lag.p99 >= LEAST_LAG_MICROS && lag.p99 >= delivery.p99 * LAG_LIMIT) {
    return `It was late itself by ${latencyText(lag.p99)} (p99), which is in a delivery p99 of ${latencyText(delivery.p99)}. Give it cores of its own, or lower the load.`;
  }
  if (delivery.max > 0 && lag.max >= STANDSTILL_MICROS && lag.max >= delivery.max * LAG_LIMIT) {
    return `It stood still itself for up to ${latencyText(lag.max)}, which is in the largest latencies. Give it cores of its own, or lower the load.`;
  }
  return undefined;
}

import { BUSY_LIMIT } from '../report/busy-limit.ts';
import { latencyText, percentText } from '../report/figures.ts';

/** Below, a lag is that of timers, which come a millisecond late. */
const LEAST_LAG_MICROS = 5_000;
const LAG_LIMIT = 0.5;

export interface ToolFigures {
  /** Of the event loop of the busiest worker, from 0 to 1. */
  readonly busiestWorker: number;
  /** In microseconds, the 99th percentiles of lag and delivery; 0 where nothing was measured. */
  readonly lagP99: number;
  readonly deliveryP99: number;
}

/** Why a run says more about the tool than about the server; undefined where it does not. Whole sentences. */
export function toolLimit({ busiestWorker, lagP99, deliveryP99 }: ToolFigures): string | undefined {
  if (busiestWorker >= BUSY_LIMIT) {
    return `Its busiest worker was at work ${percentText(busiestWorker)} of the time: rates are a lower bound, and latencies are partly its own. Give it more --workers or cores of its own, or lower the load.`;
  }
  if (lagP99 >= LEAST_LAG_MICROS && lagP99 >= deliveryP99 * LAG_LIMIT) {
    return `It was late itself by ${latencyText(lagP99)} (p99), which is in a delivery p99 of ${latencyText(deliveryP99)}. Give it cores of its own, or lower the load.`;
  }
  return undefined;
}

import { clockText, countText, latencyText, rateText } from '../report/figures.ts';
import { PHASES } from '../report/report.ts';
import { faultCount } from '../report/text/fault-lines.ts';
import { latencyCell } from '../report/text/latency-lines.ts';
import type { Progress } from './progress.ts';
import { timeLeft } from './time-left.ts';

const PHASE_CELLS = Math.max(...PHASES.map(({ length }) => length));
const RATE_CELLS = 7;
const LATENCY_CELLS = 7;

/** How the run stands, in one line: the rates and latencies are those of the second that just ended. */
export function progressLine(progress: Progress): string {
  const { scenario, phase, elapsedMs, points, faults, errors, lagMax } = progress;
  const now = points.at(-1);
  const left = timeLeft(progress);
  const seated = countText(now?.states.seated ?? 0).padStart(countText(scenario.clients).length);
  const rate = (perSecond = 0) => rateText(perSecond).padStart(RATE_CELLS);
  const latency = (column: 'p50' | 'p99') =>
    (now === undefined ? '–' : latencyCell(now.delivery, column)).padStart(LATENCY_CELLS);
  return [
    `${clockText(elapsedMs)} ${phase.padEnd(PHASE_CELLS)}`,
    `${seated} seated`,
    `${rate(now?.posts)} posts/s`,
    `${rate(now?.deliveries)} deliveries/s`,
    `p50 ${latency('p50')}`,
    `p99 ${latency('p99')}`,
    `lag ${latencyText(lagMax).padStart(LATENCY_CELLS)}`,
    `faults ${countText(faultCount(faults))}`,
    `errors ${countText(errors.reduce((sum, { count }) => sum + count, 0))}`,
    ...(left === undefined ? [] : [left]),
  ].join('  ');
}

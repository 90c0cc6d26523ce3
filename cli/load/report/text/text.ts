import type { Line } from '../../../terminal/line.ts';
import type { Report } from '../report.ts';
import { countLines, errorLines, processLines } from './count-lines.ts';
import { faultLines } from './fault-lines.ts';
import { histogramLines } from './histogram.ts';
import { latencyLines } from './latency-lines.ts';
import { scenarioLines } from './scenario-lines.ts';
import { bannerLines, verdictLines } from './verdict-lines.ts';

/** What does not break, as a name or a command, may be wider. */
const COLUMNS = 100;

/** The whole report for a terminal, a blank row between its parts. The verdict is last. */
export function reportLines(report: Report): Line[] {
  const { counts, latencies, deliveryBuckets, lag, serverProcess, errors, faults, verdict } = report;
  const parts: readonly Line[][] = [
    scenarioLines(report, COLUMNS),
    bannerLines(report, COLUMNS),
    [...countLines(counts, COLUMNS), ...processLines(lag, serverProcess, COLUMNS)],
    latencyLines(latencies),
    histogramLines(deliveryBuckets),
    errorLines(errors, COLUMNS),
    faultLines(faults),
    verdictLines(verdict, faults),
  ];
  return parts.filter((lines) => lines.length > 0).flatMap((lines, index) => (index === 0 ? lines : [[], ...lines]));
}

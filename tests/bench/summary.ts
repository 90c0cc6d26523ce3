import type { Report } from '../../cli/load/report/report.ts';
import { medianOf } from './median.ts';

/** The rounds of one contender under one scenario: medians of what varies, sums of what must be none. */
export interface Summary {
  readonly deliveriesPerSecond: Spread;
  /** Undefined where the system does not tell the CPU time of a process, or nothing was delivered. */
  readonly serverCpuMicrosPerDelivery: number | undefined;
  /** 1 being one core. */
  readonly serverCores: number | undefined;
  readonly bytesPerClient: number | undefined;
  readonly toolCores: number;
  /** Rounds in which the load tester was the limit. */
  readonly toolLimited: number;
  /** In microseconds; undefined where nothing was measured. */
  readonly p50: number | undefined;
  readonly p99: number | undefined;
  readonly joinP99: number | undefined;
  readonly faults: number;
  readonly errors: number;
}

export interface Spread {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

/** @param rounds at least one. */
export function summaryOf(rounds: readonly Report[]): Summary {
  const deliveries = rounds.map(({ counts }) => counts.deliveriesPerSecond);
  const median = (figure: (round: Report) => number | undefined) => {
    const figures = rounds.map(figure).filter((one) => one !== undefined);
    return figures.length === rounds.length ? medianOf(figures) : undefined;
  };
  const latency = (name: string, of: 'p50' | 'p99') =>
    median(({ latencies }) => {
      const found = latencies.find((one) => one.name === name);
      return found === undefined || found.count === 0 ? undefined : found[of];
    });
  return {
    deliveriesPerSecond: {
      median: medianOf(deliveries),
      least: Math.min(...deliveries),
      most: Math.max(...deliveries),
    },
    serverCpuMicrosPerDelivery: median(({ serverProcess }) => serverProcess?.cpuMicrosPerDelivery || undefined),
    serverCores: median(({ serverProcess }) => serverProcess?.cores),
    bytesPerClient: median(({ serverProcess }) => serverProcess?.bytesPerClient),
    toolCores: medianOf(rounds.map(({ lag }) => lag.cores)),
    toolLimited: rounds.filter(({ lag }) => lag.toolWasLimit !== undefined).length,
    p50: latency('delivery', 'p50'),
    p99: latency('delivery', 'p99'),
    joinP99: latency('join', 'p99'),
    faults: sum(rounds, ({ faults }) => sum(faults, ({ count }) => count)),
    errors: sum(rounds, ({ errors }) => sum(errors, ({ count }) => count)),
  };
}

function sum<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((total, one) => total + of(one), 0);
}

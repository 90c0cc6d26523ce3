import type { Measurement } from './scenario.ts';

/** The rounds of one contender in one scenario: medians of what varies, sums of what must be none. */
export interface Summary extends Measurement {
  readonly leastDeliveriesPerSecond: number;
  readonly mostDeliveriesPerSecond: number;
}

/** @param rounds at least one. */
export function summaryOf(rounds: readonly Measurement[]): Summary {
  const median = (figure: (round: Measurement) => number) => medianOf(rounds.map(figure));
  const sum = (figure: (round: Measurement) => number) => rounds.reduce((total, round) => total + figure(round), 0);
  const deliveries = rounds.map((round) => round.deliveriesPerSecond);
  const summary = {
    deliveriesPerSecond: medianOf(deliveries),
    leastDeliveriesPerSecond: Math.min(...deliveries),
    mostDeliveriesPerSecond: Math.max(...deliveries),
    driverCores: median((round) => round.driverCores),
    p50Ms: median((round) => round.p50Ms),
    p99Ms: median((round) => round.p99Ms),
    lost: sum((round) => round.lost),
    repeatedOrLate: sum((round) => round.repeatedOrLate),
    missingAtTheEnd: sum((round) => round.missingAtTheEnd),
    refusals: sum((round) => round.refusals),
  };
  if (rounds.some((round) => round.serverCpuMicrosPerDelivery === undefined)) return summary;
  return {
    ...summary,
    serverCpuMicrosPerDelivery: median((round) => round.serverCpuMicrosPerDelivery ?? Number.NaN),
    serverCores: median((round) => round.serverCores ?? Number.NaN),
    otherCores: median((round) => round.otherCores ?? Number.NaN),
  };
}

function medianOf(figures: readonly number[]): number {
  const sorted = [...figures].sort((a, b) => a - b);
  const upper = Math.floor(sorted.length / 2);
  const at = (i: number) => sorted[i] ?? Number.NaN;
  return sorted.length % 2 === 1 ? at(upper) : (at(upper - 1) + at(upper)) / 2;
}

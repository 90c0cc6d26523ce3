import { FAULT_KINDS } from './fault.ts';
import { type Counts, LATENCY_NAMES, type LatencyName } from './report/report.ts';

/** What a run is held to. */
export interface Expectation {
  readonly metric: Metric;
  readonly operator: Operator;
  /** Microseconds where the metric is a time. */
  readonly value: number;
  /** As it was written. */
  readonly text: string;
}

export type Metric =
  | { readonly kind: 'percentile'; readonly latency: LatencyName | 'lag'; readonly percentile: number }
  | { readonly kind: 'mean'; readonly latency: LatencyName | 'lag' }
  | { readonly kind: 'count'; readonly name: CountName };

type Operator = '<' | '<=' | '>' | '>=' | '==';

const COUNTS = [
  ...FAULT_KINDS,
  'faults',
  'errors',
  'unseated',
  'seated',
  'posts',
  'posts/s',
  'deliveries',
  'deliveries/s',
  'acked',
  'gaps',
  'resumed',
  'anew',
] as const;
export type CountName = (typeof COUNTS)[number];

/** What a run is held to that nobody had to ask for; an expectation of the same metric takes its place. */
const UNSPOKEN: readonly CountName[] = [...FAULT_KINDS, 'errors', 'unseated'];

const MICROS_OF: Readonly<Record<string, number>> = { us: 1, µs: 1, ms: 1_000, s: 1_000_000 };

export const EXPECTATION_HELP = `p50, p99.9, max or mean of the delivery, or of another by its name (${[...LATENCY_NAMES, 'lag'].join(', ')}): ack.p99<20ms;
or a count: ${COUNTS.join(', ')}`;

/** @throws a line for people. */
export function parseExpectation(text: string): Expectation {
  const [, name = '', operator, number = '', unit = ''] =
    /^\s*([^\s<>=]+)\s*(<=|>=|==|<|>)\s*(\d[\d_]*(?:\.\d+)?)\s*(\S*)\s*$/.exec(text) ?? [];
  const metric = metricOf(name);
  const value = Number(number.replaceAll('_', ''));
  const isTime = metric !== undefined && metric.kind !== 'count';
  const factor = isTime ? MICROS_OF[unit] : unit === '' ? 1 : undefined;
  if (operator === undefined) {
    throw new Error(`--expect '${text}': must be like p99<50ms or lost==0`);
  }
  if (metric === undefined) throw new Error(`--expect '${text}': there is no ${name}; there is ${EXPECTATION_HELP}`);
  if (factor === undefined) throw new Error(`--expect '${text}': ${isTime ? 'needs us, ms or s' : 'takes no unit'}`);
  return { metric, operator: operator as Operator, value: value * factor, text: text.trim() };
}

/** What was written, and what goes without saying. */
export function allExpectations(written: readonly Expectation[]): Expectation[] {
  const named = new Set(written.map(({ metric }) => (metric.kind === 'count' ? metric.name : undefined)));
  const unspoken = UNSPOKEN.filter((name) => !named.has(name) && !(named.has('faults') && isFault(name)));
  return [...written, ...unspoken.map((name) => parseExpectation(`${name}==0`))];
}

export function holds({ operator, value }: Expectation, actual: number): boolean {
  switch (operator) {
    case '<':
      return actual < value;
    case '<=':
      return actual <= value;
    case '>':
      return actual > value;
    case '>=':
      return actual >= value;
    case '==':
      return actual === value;
  }
}

/** Counts of the report by their names here. */
export function countsByName(counts: Counts): Pick<Record<CountName, number>, Exclude<CountName, Unreported>> {
  const { seated, posts, postsPerSecond, deliveries, deliveriesPerSecond, acked, gapsTold, resumed, begunAnew } =
    counts;
  const rates = { 'posts/s': postsPerSecond, 'deliveries/s': deliveriesPerSecond };
  return { seated, posts, deliveries, ...rates, acked, gaps: gapsTold, resumed, anew: begunAnew };
}
type Unreported = (typeof FAULT_KINDS)[number] | 'faults' | 'errors' | 'unseated';

function metricOf(name: string): Metric | undefined {
  const [first = '', ...rest] = name.split('.');
  const isNamed = first === 'lag' || LATENCY_NAMES.some((one) => one === first);
  const latency = isNamed ? (first as LatencyName | 'lag') : 'delivery';
  const of = isNamed ? rest.join('.') : name;
  if (of === 'max') return { kind: 'percentile', latency, percentile: 100 };
  if (of === 'mean') return { kind: 'mean', latency };
  const [, percent] = /^p(\d{1,2}(?:\.\d+)?)$/.exec(of) ?? [];
  if (percent !== undefined) return { kind: 'percentile', latency, percentile: Number(percent) };
  const count = COUNTS.find((one) => one === name);
  return count && { kind: 'count', name: count };
}

function isFault(name: CountName): boolean {
  return FAULT_KINDS.some((kind) => kind === name);
}

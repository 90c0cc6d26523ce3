import { percentile } from './percentile.ts';
import type { Attributes, HistogramPoint, MetricPoint, NumberPoint } from './received.ts';

/** Series beyond these are not shown: a stranger's attributes must not fill the memory. */
const MOST_SERIES = 1000;
/** A process that exports no more is gone; exporters may take a minute from one time to the next. */
const STALE_AFTER_MS = 150_000;

interface RowOrigin {
  readonly service: string;
  readonly instance: string;
  readonly name: string;
  readonly unit: string;
  readonly attributes: Attributes;
}

export interface NumberRow extends RowOrigin {
  readonly kind: NumberPoint['kind'];
  readonly value: number;
  /** Of a counter, between its last two points. */
  readonly perSecond: number | undefined;
}

export interface HistogramRow extends RowOrigin {
  readonly kind: 'histogram';
  readonly count: number;
  readonly perSecond: number | undefined;
  /** Of all that was recorded; undefined when nothing was. */
  readonly mean: number | undefined;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

export type MetricRow = NumberRow | HistogramRow;

interface Series {
  /** The last point, and in it everything that the series has counted. */
  readonly total: MetricPoint;
  readonly perSecond: number | undefined;
  readonly atMs: number;
}

/** How each series of the metrics that arrive stands. */
export class MetricTable {
  readonly #series = new Map<string, Series>();
  #leftOut = 0;

  /** Returns the row of the point; undefined when there is no place for it. */
  add(point: MetricPoint, nowMs: number): MetricRow | undefined {
    const key = keyOf(point);
    const before = this.#series.get(key);
    if (before === undefined && this.#series.size >= MOST_SERIES) {
      this.#leftOut += 1;
      return undefined;
    }
    const series = { total: totalOf(point, before?.total), perSecond: rateOf(point, before), atMs: nowMs };
    this.#series.set(key, series);
    return rowOf(series);
  }

  /** Gives up what no program exports any more. */
  forget(nowMs: number): void {
    for (const [key, { atMs }] of this.#series) if (nowMs - atMs > STALE_AFTER_MS) this.#series.delete(key);
  }

  /** Our own metrics first, then by name. */
  rows(): MetricRow[] {
    return [...this.#series]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, series]) => rowOf(series))
      .sort((a, b) => Number(isOurs(b)) - Number(isOurs(a)));
  }

  /** How many points there was no place for, since this was last asked. */
  takeLeftOut(): number {
    const count = this.#leftOut;
    this.#leftOut = 0;
    return count;
  }
}

function isOurs({ name }: { readonly name: string }): boolean {
  return name.startsWith('chat.');
}

/** By name first, because rows are sorted by it. */
function keyOf({ name, attributes, service, instance, kind }: MetricPoint): string {
  const sorted = Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([name, sorted, service, instance, kind]);
}

/** A cumulative point is the total; one that counts from the point before is added to it. */
function totalOf(point: MetricPoint, before: MetricPoint | undefined): MetricPoint {
  if (!point.isDelta || before === undefined) return point;
  if (point.kind === 'histogram') return before.kind === 'histogram' ? merged(point, before) : point;
  return before.kind === 'histogram' ? point : { ...point, value: before.value + point.value };
}

function merged(point: HistogramPoint, before: HistogramPoint): HistogramPoint {
  if (point.bounds.join() !== before.bounds.join()) return point;
  return {
    ...point,
    count: before.count + point.count,
    sum: before.sum + point.sum,
    bucketCounts: point.bucketCounts.map((count, index) => count + (before.bucketCounts[index] ?? 0)),
    min: extreme(Math.min, point.min, before.min),
    max: extreme(Math.max, point.max, before.max),
  };
}

function extreme(choose: (a: number, b: number) => number, a: number | undefined, b: number | undefined) {
  return a === undefined || b === undefined ? undefined : choose(a, b);
}

/** Undefined until there are two points, and when a counter began anew. */
function rateOf(point: MetricPoint, before: Series | undefined): number | undefined {
  if (point.kind === 'gauge' || point.kind === 'up_down_counter') return undefined;
  if (point.isDelta) return perSecond(countOf(point), point.timeUnixNano - point.startUnixNano);
  if (before === undefined) return undefined;
  if (point.timeUnixNano === before.total.timeUnixNano) return before.perSecond;
  return perSecond(countOf(point) - countOf(before.total), point.timeUnixNano - before.total.timeUnixNano);
}

function perSecond(growth: number, nanoseconds: bigint): number | undefined {
  return growth >= 0 && nanoseconds > 0n ? (growth / Number(nanoseconds)) * 1e9 : undefined;
}

function countOf(point: MetricPoint): number {
  return point.kind === 'histogram' ? point.count : point.value;
}

function rowOf({ total, perSecond }: Series): MetricRow {
  const { service, instance, name, unit, attributes } = total;
  const origin = { service, instance, name, unit, attributes, perSecond };
  return total.kind === 'histogram'
    ? { ...origin, kind: total.kind, ...statisticsOf(total) }
    : { ...origin, kind: total.kind, value: total.value };
}

function statisticsOf(histogram: HistogramPoint) {
  const { count, sum } = histogram;
  return {
    count,
    mean: count > 0 ? sum / count : undefined,
    p50: percentile(histogram, 0.5),
    p99: percentile(histogram, 0.99),
  };
}

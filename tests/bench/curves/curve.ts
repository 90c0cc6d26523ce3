import type { Contender } from '../contenders.ts';
import type { Summary } from '../summary.ts';
import type { Shape } from './shapes.ts';

/** All that was measured of a shape: what its file of results holds. */
export interface Curves {
  readonly shape: Shape;
  /** Where and how: processor, cores, who is pinned to which. */
  readonly words: string;
  /** Measured of each round. */
  readonly seconds: number;
  readonly rounds: number;
  readonly curves: readonly Curve[];
}

/** One contender, from its lowest load to the last that it was driven at. */
export interface Curve extends Pick<Contender, 'name' | 'server'> {
  readonly points: readonly Point[];
}

export interface Point {
  /** Deliveries a second. */
  readonly offered: number;
  readonly summary: Summary;
}

/** Of what was offered, so much has to come for it to be reached. */
const REACHED_PART = 0.95;
/** So little that more of it would only tell how long the run was. */
const FAR_BEYOND_PART = 0.5;
const FAR_BEYOND_MICROS = 1e6;
/** Beyond, a talk is felt to be slow. */
export const SWIFT_MICROS = 100_000;

export function isReached({ offered, summary }: Point): boolean {
  return summary.deliveriesPerSecond.median >= offered * REACHED_PART;
}

/** Reached, and nearly everybody got it without feeling a delay. */
export function isSwift(point: Point): boolean {
  const { p99 } = point.summary;
  return isReached(point) && p99 !== undefined && p99 < SWIFT_MICROS;
}

/** Whether a higher load would tell nothing more. */
export function isFarBeyond({ offered, summary }: Point): boolean {
  const { deliveriesPerSecond, p99 = 0 } = summary;
  return deliveriesPerSecond.median < offered * FAR_BEYOND_PART || p99 > FAR_BEYOND_MICROS;
}

/** Whether the load tester was the limit, in a round or more. */
export function isToolLimited({ summary }: Point): boolean {
  return summary.toolLimited > 0;
}

/** The highest load that all of them reach; undefined where there is none. */
export function commonLoad(curves: readonly Curve[]): number | undefined {
  const [first, ...others] = curves.map(({ points }) => points.filter(isReached).map(({ offered }) => offered));
  return first?.findLast((offered) => others.every((loads) => loads.includes(offered)));
}

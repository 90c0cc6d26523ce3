import type { Phase, Point, Report } from '../report.ts';

/** More than a chart has pixels to tell apart. */
const MOST_MOMENTS = 600;

/** What is drawn of one second, or of some that follow each other within a phase. */
export interface Moment {
  /** Seconds since the start of the run. */
  readonly from: number;
  readonly to: number;
  readonly phase: Phase;
  /** Means. */
  readonly postsPerSecond: number;
  readonly deliveriesPerSecond: number;
  /** The highest of the seconds, so that no peak is lost; undefined where nothing was delivered. */
  readonly delivery: Highest | undefined;
  /** As they were in the end. */
  readonly states: Point['states'];
  /** Sums. */
  readonly errors: number;
  readonly faults: number;
  /** The highest. */
  readonly lagMax: number;
}

type Highest = Readonly<Record<'p50' | 'p90' | 'p99' | 'max', number>>;

/** The time that a phase took. */
export interface Band {
  readonly phase: Phase;
  readonly from: number;
  readonly to: number;
}

/** A run along its time. */
export interface Course {
  readonly moments: readonly Moment[];
  readonly bands: readonly Band[];
  /** Of a moment, at most. */
  readonly seconds: number;
  readonly end: number;
}

export function courseOf({ points }: Report): Course {
  const seconds = Math.max(1, Math.ceil(points.length / MOST_MOMENTS));
  const moments: Moment[] = [];
  const bands: Band[] = [];
  let end = 0;
  for (const run of phaseRuns(points)) {
    const from = end;
    for (let at = 0; at < run.length; at += seconds) {
      const moment = momentOf(run.slice(at, at + seconds), end);
      if (moment === undefined) continue;
      moments.push(moment);
      end = moment.to;
    }
    for (const { phase } of run.slice(0, 1)) bands.push({ phase, from, to: end });
  }
  return { moments, bands, seconds, end };
}

/** The points of each phase, in their order. */
function phaseRuns(points: readonly Point[]): Point[][] {
  const runs: Point[][] = [];
  for (const point of points) {
    const run = runs.at(-1);
    if (run?.[0]?.phase === point.phase) run.push(point);
    else runs.push([point]);
  }
  return runs;
}

function momentOf(points: readonly Point[], from: number): Moment | undefined {
  const last = points.at(-1);
  if (last === undefined) return undefined;
  const sum = (of: (point: Point) => number) => points.reduce((before, point) => before + of(point), 0);
  const delivered = points.map(({ delivery }) => delivery).filter((delivery) => delivery.count > 0);
  const highest = (of: keyof Highest) => Math.max(...delivered.map((delivery) => delivery[of]));
  return {
    from,
    to: last.seconds,
    phase: last.phase,
    postsPerSecond: sum(({ posts }) => posts) / points.length,
    deliveriesPerSecond: sum(({ deliveries }) => deliveries) / points.length,
    delivery:
      delivered.length === 0
        ? undefined
        : { p50: highest('p50'), p90: highest('p90'), p99: highest('p99'), max: highest('max') },
    states: last.states,
    errors: sum(({ errors }) => errors),
    faults: sum(({ faults }) => faults),
    lagMax: Math.max(...points.map(({ lagMax }) => lagMax)),
  };
}

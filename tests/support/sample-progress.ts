import { FAULT_KINDS, type FaultTally } from '../../cli/load/fault.ts';
import type { Progress } from '../../cli/load/live/progress.ts';
import { LATENCY_NAMES, type Percentiles, type Phase, type Point } from '../../cli/load/report/report.ts';
import type { Scenario } from '../../cli/load/scenario.ts';

export const SAMPLE_SCENARIO: Scenario = {
  name: 'evening',
  clients: 5_000,
  rooms: 100,
  sendersPerRoom: 2,
  load: { kind: 'rate', messagesPerSecond: 500 },
  durationMs: 60_000,
  warmupMs: 10_000,
  payload: { minBytes: 20, maxBytes: 400 },
  joinsPerSecond: 500,
  churnPerSecond: 5,
  cutsPerSecond: 2,
  slow: 3,
  frozen: 1,
  clientKind: 'full',
  streamsPerTransport: 50,
  workers: 3,
  seed: 7,
  expectations: ['p99<50ms', 'faults=0'],
};

const NO_FAULTS: readonly FaultTally[] = FAULT_KINDS.map((kind) => ({ kind, count: 0, examples: [] }));

const NO_LATENCY: Percentiles = { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, mean: 0 };

/** A run that has just begun: there is nothing yet. */
export const NO_PROGRESS: Progress = {
  scenario: SAMPLE_SCENARIO,
  server: '127.0.0.1:50051',
  phase: 'joining',
  elapsedMs: 0,
  leftMs: undefined,
  points: [],
  latencies: LATENCY_NAMES.map((name) => ({ name, ...NO_LATENCY, slowest: undefined })),
  faults: NO_FAULTS,
  errors: [],
  lagMax: 0,
  busiestWorker: 0,
};

/** A run after so many seconds: ten of joining, ten of warming up, a minute of measuring, then the end of it. */
export function sampleProgress(seconds: number, changes: Partial<Progress> = {}): Progress {
  const phase = phaseAt(seconds);
  const hasMeasured = seconds > 20;
  return {
    ...NO_PROGRESS,
    phase,
    elapsedMs: seconds * 1000,
    leftMs: phase === 'joining' ? undefined : Math.max(0, 80 - seconds) * 1000,
    points: Array.from({ length: seconds }, (_, index) => samplePoint(index + 1)),
    latencies: NO_PROGRESS.latencies.map((none, index) =>
      hasMeasured ? { ...none, ...percentilesAround(1200 * (index + 1), seconds * 24_900) } : none,
    ),
    lagMax: 920,
    busiestWorker: 0.43,
    ...changes,
  };
}

/** One lost run of seqs and two numbers without: what else a run may go through. */
export function sampleFaults(room = 'load-3', client = 'load-3-17'): FaultTally[] {
  const found: Partial<Record<string, FaultTally>> = {
    lost: {
      kind: 'lost',
      count: 7,
      examples: [{ kind: 'lost', room, client, seqs: { from: 4711, to: 4713 }, numbers: undefined }],
    },
    unacked: {
      kind: 'unacked',
      count: 1,
      examples: [{ kind: 'unacked', room, client, seqs: undefined, numbers: { sender: 'load-3-1', from: 88, to: 88 } }],
    },
  };
  return NO_FAULTS.map((none) => found[none.kind] ?? none);
}

function phaseAt(seconds: number): Phase {
  if (seconds <= 10) return 'joining';
  if (seconds <= 20) return 'warming up';
  if (seconds <= 80) return 'measuring';
  return seconds <= 83 ? 'settling' : 'leaving';
}

function samplePoint(seconds: number): Point {
  const phase = phaseAt(seconds);
  const seated = Math.min(4_998, seconds * 500);
  const isLoaded = phase === 'warming up' || phase === 'measuring';
  const wave = 1 + 0.3 * Math.sin(seconds / 4);
  return {
    seconds,
    phase,
    posts: isLoaded ? 500 : 0,
    deliveries: isLoaded ? Math.round(24_900 * wave) : 500,
    receivedBytes: isLoaded ? Math.round(3_420_000 * wave) : 60_000,
    delivery: isLoaded ? percentilesAround(1200 * wave, 24_900, seconds % 17 === 0 ? 40 : 7) : NO_LATENCY,
    states: { waiting: 5_000 - seated - 2, joining: seconds < 10 ? 2 : 1, seated, away: 1, 'given up': 0 },
    errors: 0,
    faults: 0,
    lagMax: 900,
  };
}

function percentilesAround(p50: number, count: number, tail = 7): Percentiles {
  return {
    count,
    p50,
    p90: p50 * 2,
    p99: p50 * tail,
    p999: p50 * 45,
    p9999: p50 * 60,
    max: p50 * 100,
    mean: p50 * 1.4,
  };
}

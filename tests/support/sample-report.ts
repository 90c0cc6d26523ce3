import { FAULT_KINDS, type Fault, type FaultKind } from '../../cli/load/fault.ts';
import type { Bucket, Percentiles, Phase, Point, Report } from '../../cli/load/report/report.ts';

/** Seconds of each phase. */
const PLAN: readonly (readonly [Phase, number])[] = [
  ['joining', 7],
  ['warming up', 8],
  ['measuring', 35],
  ['settling', 4],
  ['leaving', 6],
];
const CLIENTS = 1000;

export const NOTHING: Percentiles = { count: 0, p50: 0, p90: 0, p99: 0, p999: 0, p9999: 0, max: 0, mean: 0 };

/** A run that broke: faults of several kinds, errors, a stall in the middle, and a tool that was at its limit. */
export function sampleReport(): Report {
  const deliveryBuckets = sampleBuckets({ isHealthy: false });
  const delivery = percentilesOf(deliveryBuckets);
  return {
    format: 1,
    tool: 'chat-client/0.1.0',
    command:
      "chat-client load --server 127.0.0.1:50051 --clients 1000 --rooms 10 --senders 2 --rate 2 --duration 35s --warmup 8s --churn 3 --cuts 2 --slow 20 --frozen 5 --seed 20260302 --expect 'p99<50ms' --expect 'faults=0' --expect 'seated=1000'",
    scenario: {
      name: 'busy-evening',
      clients: CLIENTS,
      rooms: 10,
      sendersPerRoom: 2,
      load: { kind: 'rate', messagesPerSecond: 15.5 },
      durationMs: 35_000,
      warmupMs: 8250,
      payload: { minBytes: 16, maxBytes: 2048 },
      joinsPerSecond: 150,
      churnPerSecond: 3.25,
      cutsPerSecond: 2.75,
      slow: 21,
      frozen: 5,
      clientKind: 'full',
      streamsPerTransport: 25,
      workers: 4,
      seed: 20_260_302,
      expectations: ['p99<50ms', 'faults=0', 'seated=1000'],
    },
    server: '127.0.0.1:50051',
    startedAt: '2026-03-02T09:14:05.120Z',
    machine: 'AMD EPYC 7B13, 8 cores, linux x64, Node v24.21.0',
    isEndedEarly: false,
    measuredMs: 35_000,
    verdict: {
      holds: false,
      expectations: [
        { text: 'p99<50ms', actual: '85.6 ms', holds: false },
        { text: 'faults=0', actual: '57', holds: false },
        { text: 'seated=1000', actual: '1000', holds: true },
      ],
    },
    faults: FAULT_KINDS.map((kind) => {
      const { count, examples } = FOUND[kind] ?? { count: 0, examples: [] };
      return { kind, count, examples: examples.map((example) => ({ kind, ...example })) };
    }),
    counts: {
      seated: CLIENTS,
      clients: CLIENTS,
      posts: 10_841,
      deliveries: delivery.count,
      postsPerSecond: 309.7,
      deliveriesPerSecond: delivery.count / 35,
      receivedBytesPerSecond: 32_412_100,
      acked: 13_402,
      gapsTold: 12,
      eventsInGaps: 3491,
      resumed: 131,
      begunAnew: 4,
      churned: 163,
      cut: 137,
      slowReadersEnded: 5,
      foreign: 0,
    },
    latencies: [
      { name: 'delivery', ...delivery, slowest: { room: 'load-7', client: 'c-0417', seq: 20_931 } },
      {
        name: 'ack',
        count: 10_841,
        p50: 940,
        p90: 2200,
        p99: 31_000,
        p999: 120_000,
        p9999: 610_000,
        max: 702_113,
        mean: 1630,
        slowest: { room: 'load-3', client: 'c-0003', seq: 18_114 },
      },
      {
        name: 'join',
        count: 1163,
        p50: 4100,
        p90: 12_900,
        p99: 64_000,
        p999: 88_000,
        p9999: 91_400,
        max: 91_400,
        mean: 6050,
        slowest: { room: 'load-1', client: 'c-0991', seq: undefined },
      },
      {
        name: 'reconnect',
        count: 131,
        p50: 212_000,
        p90: 480_000,
        p99: 1_200_000,
        p999: 1_310_000,
        p9999: 1_310_000,
        max: 1_310_000,
        mean: 260_000,
        slowest: { room: 'load-9', client: 'c-0129', seq: undefined },
      },
    ],
    deliveryBuckets,
    points: samplePoints({ isHealthy: false }),
    errors: [
      {
        reason: 'slow_consumer',
        count: 38,
        advice:
          'The server ends readers whose outbox is full: expected of slow and frozen ones, and of others when the machine of the tool is too small.',
      },
      { reason: 'ECONNRESET', count: 6, advice: undefined },
      { reason: 'rate_limited', count: 2, advice: 'Raise CHAT_GRPC_RATE_LIMIT, or send less often.' },
    ],
    lag: {
      count: 35_000,
      p50: 410,
      p90: 1900,
      p99: 14_200,
      p999: 61_000,
      p9999: 180_000,
      max: 211_000,
      mean: 790,
      busiestWorker: 0.97,
      cores: 3.62,
      toolWasLimit: 'Its busiest worker was busy 97 % of the time. Use more workers, or fewer clients.',
    },
    serverProcess: {
      pid: 48_213,
      cores: 0.94,
      cpuMicrosPerDelivery: 30.4,
      rss: { before: 91_226_112, seated: 163_577_856, end: 201_326_592 },
      bytesPerClient: 72_351,
    },
  };
}

const FOUND: Partial<Record<FaultKind, { readonly count: number; readonly examples: readonly Omit<Fault, 'kind'>[] }>> =
  {
    lost: {
      count: 48,
      examples: [
        { room: 'load-7', client: 'c-0417', seqs: { from: 1207, to: 1219 }, numbers: undefined },
        { room: 'load-7', client: 'c-0427', seqs: { from: 1214, to: 1214 }, numbers: undefined },
      ],
    },
    doubled: {
      count: 2,
      examples: [{ room: 'load-2', client: 'c-0032', seqs: { from: 871, to: 872 }, numbers: undefined }],
    },
    unacked: {
      count: 6,
      examples: [
        { room: 'load-3', client: 'c-0003', seqs: undefined, numbers: { sender: 'c-0003', from: 310, to: 315 } },
      ],
    },
    misnumbered: {
      count: 1,
      examples: [
        {
          room: 'load-5',
          client: 'c-0015',
          seqs: { from: 2044, to: 2044 },
          numbers: { sender: 'c-0015', from: 511, to: 511 },
        },
      ],
    },
  };

/** The same run without anything to complain of. */
export function healthyReport(): Report {
  const sample = sampleReport();
  const deliveryBuckets = sampleBuckets({ isHealthy: true });
  const delivery = percentilesOf(deliveryBuckets);
  return {
    ...sample,
    verdict: {
      holds: true,
      expectations: [
        { text: 'p99<50ms', actual: '8.2 ms', holds: true },
        { text: 'faults=0', actual: '0', holds: true },
        { text: 'seated=1000', actual: '1000', holds: true },
      ],
    },
    faults: FAULT_KINDS.map((kind) => ({ kind, count: 0, examples: [] })),
    counts: { ...sample.counts, deliveries: delivery.count, deliveriesPerSecond: delivery.count / 35 },
    latencies: sample.latencies.map((latency) => (latency.name === 'delivery' ? { ...latency, ...delivery } : latency)),
    deliveryBuckets,
    points: samplePoints({ isHealthy: true }),
    errors: [],
    lag: { ...sample.lag, p99: 2100, max: 6400, busiestWorker: 0.41, cores: 1.2, toolWasLimit: undefined },
    serverProcess: undefined,
  };
}

/** A run that was ended before its first second. */
export function emptyReport(): Report {
  const sample = healthyReport();
  const zero = (counts: Report['counts']) =>
    Object.fromEntries(Object.keys(counts).map((key) => [key, 0])) as unknown as Report['counts'];
  return {
    ...sample,
    isEndedEarly: true,
    measuredMs: 0,
    scenario: { ...sample.scenario, expectations: [] },
    verdict: { holds: true, expectations: [] },
    counts: { ...zero(sample.counts), clients: CLIENTS },
    latencies: sample.latencies.map(({ name }) => ({ ...NOTHING, name, slowest: undefined })),
    deliveryBuckets: [],
    points: [],
    lag: { ...NOTHING, busiestWorker: 0, cores: 0, toolWasLimit: undefined },
  };
}

function samplePoints({ isHealthy }: { readonly isHealthy: boolean }): Point[] {
  const phases = PLAN.flatMap(([phase, seconds]) => new Array<Phase>(seconds).fill(phase));
  return phases.map((phase, index) => samplePoint({ seconds: index + 1, phase, isHealthy }));
}

/** By the time alone: the same each time. */
export function samplePoint({
  seconds,
  phase,
  isHealthy,
}: {
  readonly seconds: number;
  readonly phase: Phase;
  readonly isHealthy: boolean;
}): Point {
  const isStalled = !isHealthy && seconds >= 31 && seconds <= 33;
  const wobble = 1 + 0.06 * Math.sin(seconds * 2.4) + 0.03 * Math.cos(seconds * 5.1);
  const isBusy = phase === 'warming up' || phase === 'measuring';
  const posts = isBusy ? Math.round(310 * wobble * (isStalled ? 0.4 : 1)) : 0;
  const deliveries =
    posts * 100 +
    (phase === 'joining' ? 140 * seconds * 10 : phase === 'leaving' ? Math.max(0, 60 - seconds) * 900 : 0);
  const p50 = Math.round(2300 * wobble * (isStalled ? 30 : 1));
  const delivery: Percentiles =
    deliveries === 0
      ? NOTHING
      : {
          count: deliveries,
          p50,
          p90: p50 * 2.4,
          p99: Math.round(p50 * 4.3 * wobble),
          p999: p50 * 6,
          p9999: p50 * 8,
          max: Math.round(p50 * (9 + 5 * Math.sin(seconds * 3.7))),
          mean: p50 * 1.2,
        };
  const joined =
    phase === 'joining'
      ? Math.min(CLIENTS, seconds * 150)
      : phase === 'leaving'
        ? Math.max(0, CLIENTS - (seconds - 54) * 180)
        : CLIENTS;
  const coming = phase === 'joining' ? Math.min(60, CLIENTS - joined) : 0;
  const away = isHealthy || !isBusy ? 0 : isStalled ? 180 : 6 + Math.round(4 * Math.sin(seconds));
  const givenUp = isHealthy || seconds < 34 ? 0 : Math.min(25, joined);
  return {
    seconds,
    phase,
    posts,
    deliveries,
    receivedBytes: deliveries * 1047,
    delivery,
    states: {
      waiting: CLIENTS - joined - coming,
      joining: coming,
      seated: joined - away - givenUp,
      away,
      'given up': givenUp,
    },
    errors: isHealthy ? 0 : isStalled ? 12 : seconds % 11 === 0 ? 2 : 0,
    faults: isHealthy ? 0 : seconds === 32 ? 48 : seconds === 40 ? 9 : 0,
    lagMax: Math.round((isStalled ? 180_000 : 2200) * wobble * (1 + 0.4 * Math.sin(seconds * 1.7))),
  };
}

/** As fine as those of a histogram with three digits. */
function sampleBuckets({ isHealthy }: { readonly isHealthy: boolean }): Bucket[] {
  const buckets: Bucket[] = [];
  for (let from = 180; from < (isHealthy ? 31_200 : 2_210_000); ) {
    const to = from + 2 ** Math.max(0, Math.floor(Math.log2(from)) - 10);
    const bell = (middle: number, width: number) => Math.exp(-((Math.log(from / middle) / width) ** 2));
    const stall = isHealthy ? 0 : 0.03 * bell(70_000, 0.7) + 0.002 * bell(900_000, 0.6);
    const count = Math.round(((to - from) / from) * 767_000 * (bell(2200, 0.8) + stall));
    if (count > 0) buckets.push({ from, to, count });
    from = to;
  }
  return buckets;
}

function percentilesOf(buckets: readonly Bucket[]): Percentiles {
  const count = buckets.reduce((sum, bucket) => sum + bucket.count, 0);
  const at = (share: number) => {
    let seen = 0;
    for (const bucket of buckets) {
      seen += bucket.count;
      if (seen >= share * count) return bucket.to;
    }
    return 0;
  };
  const mean = buckets.reduce((sum, { from, count }) => sum + from * count, 0) / count;
  return { count, p50: at(0.5), p90: at(0.9), p99: at(0.99), p999: at(0.999), p9999: at(0.9999), max: at(1), mean };
}

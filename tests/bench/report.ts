import { availableParallelism, cpus } from 'node:os';
import type { Contender } from './contenders.ts';
import type { Scenario } from './scenario.ts';
import type { Summary } from './summary.ts';

/** From here on the driver has no core left to take more than it is given. */
const DRIVER_LIMIT_CORES = 0.9;

export interface Line {
  readonly contender: Contender;
  readonly summary: Summary;
}

const FIGURES = ['', 'deliveries/s', 'least–most', 'CPU µs/delivery', 'p50 ms', 'p99 ms'];
const CORES = ['server core', 'driver core', 'others'];

/** The result of one scenario as text: a table, what must be known to read it, and the ratios. */
export function reportOf(scenario: Scenario, lines: readonly Line[]): string {
  const rows = lines.map(({ contender, summary }) => [
    contender.name,
    whole(summary.deliveriesPerSecond),
    `${whole(summary.leastDeliveriesPerSecond)}–${whole(summary.mostDeliveriesPerSecond)}`,
    figure(summary.serverCpuMicrosPerDelivery, 2),
    figure(summary.p50Ms, 1),
    figure(summary.p99Ms, 1),
    share(summary.serverCores),
    `${share(summary.driverCores)}${isDriverLimited(summary) ? ' *' : ''}`,
    share(summary.otherCores),
  ]);
  const parts = [`${scenario.name}: ${scenario.words}`, '', table([[...FIGURES, ...CORES], ...rows])];
  if (lines.some(({ summary }) => isDriverLimited(summary))) {
    parts.push(
      '* The driver was the limit here: deliveries a second are a lower bound and latency is partly its own;',
      '  CPU a delivery is the figure to trust.',
    );
  }
  if (lines.some(({ summary }) => summary.serverCpuMicrosPerDelivery === undefined)) {
    parts.push('  CPU of the server is not available: this system does not tell it.');
  }
  return [...parts, '', ...ratios(lines), '', ...lines.map(correctness), ''].join('\n');
}

export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'unknown processor';
  return `${model}, ${availableParallelism()} cores, ${process.platform} ${process.arch}, Node ${process.version}`;
}

function ratios(lines: readonly Line[]): string[] {
  const plain = lines.find(({ contender }) => contender.isPlain)?.summary;
  if (plain === undefined) return [];
  return lines
    .filter(({ contender }) => !contender.isPlain)
    .map(({ contender, summary }) => {
      const deliveries = ratio(summary.deliveriesPerSecond, plain.deliveriesPerSecond);
      const cpu = ratio(summary.serverCpuMicrosPerDelivery, plain.serverCpuMicrosPerDelivery);
      const [p50, p99] = [ratio(summary.p50Ms, plain.p50Ms), ratio(summary.p99Ms, plain.p99Ms)];
      return `${contender.name} / plain: deliveries ${deliveries}, CPU a delivery ${cpu}, p50 ${p50}, p99 ${p99}`;
    });
}

/** Over all rounds together. */
function correctness({ contender, summary }: Line): string {
  const { lost, repeatedOrLate, missingAtTheEnd, refusals } = summary;
  const faults = [
    [lost, 'lost'],
    [repeatedOrLate, 'repeated or late'],
    [missingAtTheEnd, 'not delivered when it was given up'],
    [refusals, 'errors'],
  ] as const;
  const found = faults.filter(([count]) => count > 0).map(([count, what]) => `${whole(count)} ${what}`);
  return `${contender.name}: ${found.length === 0 ? 'everything came, once and in order' : found.join(', ')}`;
}

function isDriverLimited({ driverCores }: Summary): boolean {
  return driverCores > DRIVER_LIMIT_CORES;
}

/** The first column to the left, the others to the right. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}

function figure(value: number | undefined, digits: number): string {
  return value === undefined || Number.isNaN(value) ? 'n/a' : value.toFixed(digits);
}

function share(cores: number | undefined): string {
  return cores === undefined ? 'n/a' : `${Math.round(cores * 100)} %`;
}

function ratio(ours: number | undefined, plain: number | undefined): string {
  if (ours === undefined || plain === undefined) return 'n/a';
  return `${(ours / plain).toPrecision(2)}×`;
}

import { countText, latencyText } from '../../cli/load/report/figures.ts';
import type { Contender } from './contenders.ts';
import type { Summary } from './summary.ts';

/** One contender under one scenario. */
export interface Entry {
  readonly contender: Contender;
  readonly summary: Summary;
}

export const HEAD = [
  '',
  'deliveries/s',
  'least–most',
  'CPU µs',
  'p50',
  'p99',
  'join p99',
  'KiB/client',
  'server',
  'tool',
  'faults, errors',
];

/** The cells of an entry, in the order of HEAD. */
export function cellsOf({ contender, summary }: Entry): string[] {
  const { deliveriesPerSecond: deliveries, faults, errors, toolLimited, bytesPerClient } = summary;
  return [
    contender.name,
    countText(deliveries.median),
    `${countText(deliveries.least)}–${countText(deliveries.most)}`,
    summary.serverCpuMicrosPerDelivery?.toFixed(2) ?? '–',
    latency(summary.p50),
    latency(summary.p99),
    latency(summary.joinP99),
    bytesPerClient === undefined ? '–' : (bytesPerClient / 1024).toFixed(1),
    share(summary.serverCores),
    `${share(summary.toolCores)}${toolLimited > 0 ? ' *' : ''}`,
    `${countText(faults)}, ${countText(errors)}`,
  ];
}

/** What must be known to read the entries, and what they are beside the plain server. */
export function notesOn(entries: readonly Entry[]): string[] {
  const isToolLimited = entries.some(({ summary }) => summary.toolLimited > 0);
  const limit =
    '* The load tester was the limit: deliveries a second are a lower bound, latency is partly its own; CPU a delivery is the figure to trust.';
  return [...(isToolLimited ? [limit] : []), ...ratios(entries)];
}

function ratios(entries: readonly Entry[]): string[] {
  const plain = entries.find(({ contender }) => contender.server === 'plain grpc-js')?.summary;
  if (plain === undefined) return [];
  return entries
    .filter(({ contender }) => contender.server === 'ours')
    .map(({ contender, summary }) => {
      const figures = [
        ['deliveries', summary.deliveriesPerSecond.median, plain.deliveriesPerSecond.median],
        ['CPU a delivery', summary.serverCpuMicrosPerDelivery, plain.serverCpuMicrosPerDelivery],
        ['p50', summary.p50, plain.p50],
        ['p99', summary.p99, plain.p99],
        ['memory a client', summary.bytesPerClient, plain.bytesPerClient],
      ] as const;
      const told = figures.flatMap(([what, ours, theirs]) =>
        ours && theirs ? [`${what} ${(ours / theirs).toPrecision(2)}×`] : [],
      );
      return `${contender.name} / plain: ${told.join(', ')}`;
    });
}

/** Rows as text: the first column to the left, the others to the right. */
export function inColumns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const cell = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return column === 0 ? text.padEnd(width) : text.padStart(width);
  };
  return rows.map((row) => row.map(cell).join('  ').trimEnd()).join('\n');
}

function latency(micros: number | undefined): string {
  return micros === undefined ? '–' : latencyText(micros);
}

function share(cores: number | undefined): string {
  return cores === undefined ? '–' : `${Math.round(cores * 100)} %`;
}

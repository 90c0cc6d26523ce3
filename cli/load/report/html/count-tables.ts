import { byteRateText, bytesText, countText, exactText, latencyText, percentText, rateText } from '../figures.ts';
import type { Counts, Report, ServerProcess } from '../report.ts';
import { escaped } from './escape.ts';
import { table } from './table.ts';

type Words = readonly [words: string, text: (value: number) => string];

/** In the order of the page; a count that has no words does not compile. */
const MEASURED = {
  posts: ['posts', countText],
  deliveries: ['deliveries: messages, joins and leaves that came to clients', countText],
  postsPerSecond: ['posts a second', rateText],
  deliveriesPerSecond: ['deliveries a second', rateText],
  receivedBytesPerSecond: ['received', byteRateText],
} as const satisfies Partial<Record<keyof Counts, Words>>;

const WHOLE_RUN: Readonly<Record<Exclude<keyof Counts, keyof typeof MEASURED>, Words>> = {
  clients: ['clients', countText],
  seated: ['clients that ever had a seat', countText],
  acked: ['posts acked', countText],
  gapsTold: ['gaps that the server told', countText],
  eventsInGaps: ['events in those gaps', countText],
  resumed: ['streams that took their session up again', countText],
  begunAnew: ['rooms that had to begin anew', countText],
  churned: ['clients that left and came back', countText],
  cut: ['transports cut on purpose', countText],
  slowReadersEnded: ['slow and frozen readers that the server ended', countText],
  foreign: ['messages that are not of this run', countText],
};

export function errorTable({ errors }: Report): string {
  const rows = errors.map(({ reason, count: found, advice }) => [
    escaped(reason),
    countText(found),
    escaped(advice ?? ''),
  ]);
  return `<section aria-labelledby="errors"><h2 id="errors">Errors</h2>
${rows.length === 0 ? '<p>None: no stream ended unasked, and nothing was refused.</p>' : table({ head: ['reason', 'times', 'what can be done'], rows })}
</section>`;
}

export function countTables({ counts, lag, serverProcess }: Report): string {
  const rowsOf = (words: Partial<Record<keyof Counts, Words>>) =>
    Object.entries(words).map(([key, [name, text]]) => [name, text(counts[key as keyof Counts])]);
  return `<section aria-labelledby="counts"><h2 id="counts">Counts</h2>
<h3>In the measured time</h3>
${table({ head: [], rows: rowsOf(MEASURED), numbersFrom: 1 })}
<h3>In the whole run</h3>
${table({ head: [], rows: rowsOf(WHOLE_RUN), numbersFrom: 1 })}
<h3>The tool</h3>
${table({
  head: [],
  numbersFrom: 1,
  rows: [
    ['CPU', `${lag.cores.toFixed(2)} cores`],
    ['busiest worker', percentText(lag.busiestWorker)],
    ...(lag.count === 0 ? [] : [['lag p50, p99, max', [lag.p50, lag.p99, lag.max].map(latencyText).join(', ')]]),
  ],
})}
${serverProcess === undefined ? '' : serverTable(serverProcess)}</section>`;
}

function serverTable({ pid, cores: used, cpuMicrosPerDelivery, rss, bytesPerClient }: ServerProcess): string {
  return `<h3>The server</h3>
${table({
  head: [],
  numbersFrom: 1,
  rows: [
    ['process', `${pid}`],
    ['CPU', `${used.toFixed(2)} cores`],
    ['CPU a delivery', `${exactText(Number(cpuMicrosPerDelivery.toPrecision(3)))} µs`],
    ['memory before anybody came', bytesText(rss.before)],
    ['memory with everybody seated', bytesText(rss.seated)],
    ['memory at the end', bytesText(rss.end)],
    ['memory a client', bytesText(bytesPerClient)],
  ],
})}`;
}

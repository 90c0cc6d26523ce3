import { type Line, piece, type Tone } from '../../../terminal/line.ts';
import { BUSY_LIMIT } from '../busy-limit.ts';
import { byteRateText, bytesText, countText, exactText, latencyText, percentText, rateText } from '../figures.ts';
import type { Counts, ErrorTally, Lag, ServerProcess } from '../report.ts';
import { labelled } from './labelled.ts';
import { sentence } from './sentence.ts';

const ERROR_CELLS = 10;

export function countLines(counts: Counts, columns: number): Line[] {
  const { posts, deliveries, acked, gapsTold, eventsInGaps, slowReadersEnded, foreign } = counts;
  const some = (count: number, words: string, tone: Tone = 'plain'): Line => [
    piece(`${countText(count)} ${words}`, count > 0 ? tone : 'plain'),
  ];
  return [
    ...labelled(
      'clients',
      [
        some(counts.seated, `of ${countText(counts.clients)} seated`),
        some(counts.churned, 'left and came back'),
        some(counts.cut, 'cut'),
        some(counts.resumed, 'resumed'),
        some(counts.begunAnew, 'rooms begun anew'),
        some(slowReadersEnded, 'slow readers ended by the server'),
      ],
      { columns },
    ),
    ...labelled(
      'messages',
      [
        some(posts, `posts (${rateText(counts.postsPerSecond)}/s)`),
        some(acked, 'acked'),
        some(deliveries, `deliveries (${rateText(counts.deliveriesPerSecond)}/s)`),
        [piece(`${byteRateText(counts.receivedBytesPerSecond)} received`)],
        some(gapsTold, `gaps told, of ${countText(eventsInGaps)} events`),
        some(foreign, 'messages not of this run', 'warning'),
      ],
      { columns },
    ),
  ];
}

/** How the tool and, where it is known, the server fared on their processors. */
export function processLines(lag: Lag, server: ServerProcess | undefined, columns: number): Line[] {
  return [
    ...labelled('tool', [[piece(`${lag.cores.toFixed(2)} cores`)], workerPart(lag.busiestWorker), lagPart(lag)], {
      columns,
    }),
    ...(server === undefined ? [] : labelled('server', serverParts(server), { columns })),
  ];
}

/** Says so in words when the worker could do no more. */
export function workerPart(busiest: number): Line {
  const isLimit = busiest >= BUSY_LIMIT;
  return [
    piece(`busiest worker ${percentText(busiest)}${isLimit ? ', it is the limit' : ''}`, isLimit ? 'warning' : 'plain'),
  ];
}

/** Most frequent first, with what can be done about each. */
export function errorLines(errors: readonly ErrorTally[], columns: number): Line[] {
  if (errors.length === 0) return [[piece('Errors', 'strong'), piece('  none', 'good')]];
  return [
    [piece('Errors', 'strong')],
    ...errors.flatMap(({ reason, count, advice }): Line[] => [
      [piece(`${countText(count).padStart(ERROR_CELLS)}  `, 'error'), piece(reason, 'error')],
      ...(advice === undefined ? [] : sentence(' '.repeat(ERROR_CELLS + 2), advice, { columns, tone: 'faint' })),
    ]),
  ];
}

function lagPart({ count, p50, p99, max }: Lag): Line {
  if (count === 0) return [piece('lag not measured', 'faint')];
  return [
    piece(`lag behind its schedule ${latencyText(p50)} (p50), ${latencyText(p99)} (p99), ${latencyText(max)} (max)`),
  ];
}

function serverParts({ pid, cores, cpuMicrosPerDelivery, rss, bytesPerClient }: ServerProcess): Line[] {
  const { before, seated, end } = rss;
  return [
    `process ${pid}`,
    `${cores.toFixed(2)} cores`,
    ...(cpuMicrosPerDelivery > 0 ? [`${exactText(Number(cpuMicrosPerDelivery.toPrecision(3)))} µs a delivery`] : []),
    `memory ${bytesText(before)} before, ${bytesText(seated)} seated, ${bytesText(end)} at the end`,
    `${bytesText(bytesPerClient)} a client`,
  ].map((text) => [piece(text)]);
}

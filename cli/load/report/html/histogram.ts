import { countText, exactText, latencyText, roundLatencyText } from '../figures.ts';
import type { Bucket, Latency, Report } from '../report.ts';
import { linearAxis, logTicks, placeOf } from './axis.ts';
import { barsOf } from './bars-of.ts';
import { type Drawing, emptyFigure, figure, type Width } from './figure.ts';
import { px } from './marks.ts';
import { gridOf, LEFT, RIGHT } from './time-chart.ts';

const HEIGHT = 220;
/** To its baseline, beneath the title of the plot. */
const FIRST_ROW = 38;
/** A row for each mark: two that lie close to each other must not write over each other. */
const ROW = 18;
const FOOT = 44;
/** What is there is seen, however little it is beside the rest. */
const LEAST_HEIGHT = 2;

/** The last one in the first row: its name stands to the left of it, above where the lines of the others begin. */
const MARKS = [
  { name: 'p99.99', key: 'p9999', look: 'd' },
  { name: 'p99', key: 'p99', look: 'c' },
  { name: 'p50', key: 'p50', look: 'a' },
] as const;

/** How many deliveries took how long. */
export function histogramChart({ latencies, deliveryBuckets }: Report): string {
  const title = 'Deliveries by time taken';
  const delivery = latencies.find(({ name }) => name === 'delivery');
  if (delivery === undefined || delivery.count === 0 || deliveryBuckets.length === 0) {
    return emptyFigure(title, 'Nothing was delivered in the measured time.');
  }
  return figure({
    title,
    description: MARKS.map(({ name, key }) => `${name} ${latencyText(delivery[key])}`).join(', '),
    legend: '',
    note: 'Bars too low to be seen are drawn a little higher than they are.',
    draw: (width) => drawHistogram(delivery, barsOf(deliveryBuckets), width),
  });
}

function drawHistogram(delivery: Latency, bars: readonly Bucket[], width: Width): Drawing {
  const right = width.pixels - RIGHT;
  const [from, to] = [bars[0]?.from ?? 1, bars.at(-1)?.to ?? 10];
  const top = FIRST_ROW + MARKS.length * ROW + 8;
  const bottom = top + HEIGHT;
  const axis = linearAxis(Math.max(...bars.map((bar) => bar.count)), HEIGHT, exactText);
  const x = placeOf({ kind: 'log', domain: [from, to] }, [LEFT, right]);
  const y = placeOf(axis, [bottom, top]);
  const marks = MARKS.map(({ name, key, look }, row) => {
    // Buckets end where the clock's fineness says, and a percentile may be named by their middle.
    const at = px(x(Math.min(to, Math.max(from, delivery[key]))));
    const line = FIRST_ROW + row * ROW;
    const isLeft = at < (LEFT + right) / 2;
    return `<path class="line ${look}" d="M${at} ${line - 10}V${bottom}"/><text class="over-line ${isLeft ? 'start' : 'end'}" x="${at + (isLeft ? 6 : -6)}" y="${line}">${name} ${latencyText(delivery[key])}</text>`;
  });
  const content = [
    `<text x="${LEFT}" y="14">deliveries in each bar</text>`,
    gridOf(axis, y, right),
    ...bars
      .filter((bar) => bar.count > 0)
      .map((bar) => {
        const [left, height] = [px(x(bar.from)), px(Math.max(LEAST_HEIGHT, bottom - y(bar.count)))];
        return `<rect class="bin" x="${left}" y="${px(bottom - height)}" width="${px(x(bar.to) - left)}" height="${height}"><title>${latencyText(bar.from)} to ${latencyText(bar.to)}: ${countText(bar.count)}</title></rect>`;
      }),
    `<path class="tick" d="M${LEFT} ${bottom}H${right}"/>`,
    ...logTicks(from, to, roundLatencyText).map(
      ({ value, text }) =>
        `<path class="tick" d="M${px(x(value))} ${bottom}v5"/><text class="middle" x="${px(x(value))}" y="${bottom + 18}">${text}</text>`,
    ),
    `<text class="middle" x="${(LEFT + right) / 2}" y="${bottom + 37}">time from post to delivery, log scale</text>`,
    ...marks,
  ];
  return { height: bottom + FOOT, content: content.join('\n') };
}

import { countText, durationText, exactText, latencyText, rateText, roundLatencyText } from '../figures.ts';
import type { ClientState } from '../report.ts';
import { linearAxis, logAxis } from './axis.ts';
import type { Course, Moment } from './course.ts';
import { emptyFigure, type Figure, figure, legendOf } from './figure.ts';
import { areas, bars, type Look, lines, type Series } from './marks.ts';
import { drawTimeChart, type Panel, type TimeChart } from './time-chart.ts';
import { counted } from './words.ts';

/** From this many times the lowest on, a linear axis would press the lower lines to the ground. */
const WIDE_RANGE = 30;

const DELIVERIES: Series = { name: 'deliveries', look: 'a', value: (moment) => moment.deliveriesPerSecond };
const POSTS: Series = { name: 'posts', look: 'a', value: (moment) => moment.postsPerSecond };
const PERCENTILES: readonly Series[] = [
  { name: 'p50', look: 'a', value: ({ delivery }) => delivery?.p50 },
  { name: 'p90', look: 'b', value: ({ delivery }) => delivery?.p90 },
  { name: 'p99', look: 'c', value: ({ delivery }) => delivery?.p99 },
  { name: 'max', look: 'd', value: ({ delivery }) => delivery?.max },
];
const LAG: Series = { name: 'lag', look: 'a', value: ({ lagMax }) => lagMax };
const FAULTS: Series = { name: 'faults', look: 'd', value: ({ faults }) => faults };
const ERRORS: Series = { name: 'errors', look: 'b', value: ({ errors }) => errors };

/** From the bottom of the stack: what should be many first, so that it stands on even ground. */
const LOOKS: Readonly<Record<ClientState, Look>> = {
  seated: 'a',
  away: 'c',
  joining: 'b',
  waiting: 'e',
  'given up': 'd',
};
const STATES: readonly Series[] = (Object.keys(LOOKS) as ClientState[]).map((state) => ({
  name: state,
  look: LOOKS[state],
  value: ({ states }) => states[state],
}));

export function throughputChart(course: Course): string {
  const { moments } = course;
  // Not in one plot: there are as many times more deliveries as there are clients in a room.
  return timeFigure(course, {
    title: 'Throughput',
    description: `Up to ${rateText(highest(moments, DELIVERIES))} deliveries and ${rateText(highest(moments, POSTS))} posts a second.`,
    legend: '',
    panels: [
      linePanel(moments, DELIVERIES, { title: 'deliveries a second', height: 170, text: exactText }),
      linePanel(moments, POSTS, { title: 'posts a second', height: 80, text: exactText }),
    ],
    told: (moment) =>
      `${rateText(moment.deliveriesPerSecond)} deliveries/s, ${rateText(moment.postsPerSecond)} posts/s`,
  });
}

export function percentilesChart(course: Course): string {
  const { moments } = course;
  const title = 'Time from post to delivery';
  const values = moments.flatMap((moment) => PERCENTILES.flatMap(({ value }) => value(moment) ?? []));
  if (values.length === 0) return emptyFigure(title, 'Nothing was delivered.');
  const height = 240;
  const top = Math.max(...values);
  const low = Math.min(...values);
  const axis = top / low > WIDE_RANGE ? logAxis(low, top, roundLatencyText) : linearAxis(top, height, roundLatencyText);
  // Zero has no place on a log scale.
  const marks: Panel['marks'] = ({ x, y }) =>
    lines(moments, PERCENTILES, { x, y: (value) => y(Math.max(axis.domain[0], value)) });
  return timeFigure(course, {
    title,
    description: `Percentiles over time. The slowest delivery took ${latencyText(top)}.`,
    legend: legendOf(PERCENTILES, 'line'),
    panels: [{ title: `latency${axis.kind === 'log' ? ', log scale' : ''}`, height, axis, marks }],
    told: (moment) =>
      moment.delivery === undefined
        ? 'no deliveries'
        : PERCENTILES.map(({ name, value }) => `${name} ${latencyText(value(moment) ?? 0)}`).join(', '),
  });
}

export function statesChart(course: Course): string {
  const { moments } = course;
  const height = 190;
  const most = Math.max(...moments.map((moment) => STATES.reduce((sum, { value }) => sum + (value(moment) ?? 0), 0)));
  const seated = Math.max(...moments.map(({ states }) => states.seated));
  const marks: Panel['marks'] = (places) => areas(moments, STATES, places);
  return timeFigure(course, {
    title: 'Clients by state',
    description: `${counted(most, 'client')} in all, at most ${countText(seated)} seated at a time.`,
    legend: legendOf(STATES, 'area'),
    panels: [{ title: 'clients', height, axis: linearAxis(most, height, exactText), marks }],
    told: (moment) => STATES.map(({ name, value }) => `${countText(value(moment) ?? 0)} ${name}`).join(', '),
  });
}

/** How far the tool itself was late, and beneath it whatever went wrong in the same seconds. */
export function lagChart(course: Course): string {
  const { moments, seconds } = course;
  const each = seconds === 1 ? 'in each second' : `in each ${durationText(seconds * 1000)}`;
  const wrong = [FAULTS, ERRORS].filter((series) => highest(moments, series) > 0);
  return timeFigure(course, {
    title: ['Lag of the tool', ...wrong.map(({ name }) => name)].join(', '),
    description: `The tool was up to ${latencyText(highest(moments, LAG))} behind its own schedule.`,
    legend: '',
    panels: [
      linePanel(moments, LAG, { title: `largest lag ${each}`, height: 100, text: roundLatencyText }),
      ...wrong.map((series) => barPanel(moments, series, `${series.name} ${each}`)),
    ],
    told: ({ lagMax, faults, errors }) =>
      `lag ${latencyText(lagMax)}, ${counted(faults, 'fault')}, ${counted(errors, 'error')}`,
  });
}

function timeFigure(course: Course, { panels, told, ...words }: Omit<Figure, 'draw' | 'note'> & TimeChart): string {
  const chart: TimeChart = {
    panels,
    told: (moment) => `${durationText(moment.to * 1000)}, ${moment.phase}: ${told(moment)}`,
  };
  return figure({ ...words, note: '', draw: (width) => drawTimeChart(course, chart, width) });
}

interface LinePanel extends Pick<Panel, 'title' | 'height'> {
  readonly text: (value: number) => string;
}

function linePanel(moments: readonly Moment[], series: Series, { title, height, text }: LinePanel): Panel {
  const axis = linearAxis(highest(moments, series), height, text);
  return { title, height, axis, marks: (places) => lines(moments, [series], places) };
}

function barPanel(moments: readonly Moment[], series: Series, title: string): Panel {
  const height = 60;
  const axis = linearAxis(highest(moments, series), height, exactText);
  return { title, height, axis, marks: (places) => bars(moments, series, places) };
}

function highest(moments: readonly Moment[], { value }: Series): number {
  return Math.max(0, ...moments.map((moment) => value(moment) ?? 0));
}

import { scaleLinear, scaleLog } from 'd3-scale';

export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Of values, drawn upwards; its scale is made where its place is known. */
export interface ValueAxis {
  readonly kind: 'linear' | 'log';
  readonly domain: readonly [number, number];
  readonly ticks: readonly Tick[];
}

/** Pixels of a value. */
export type Place = (value: number) => number;

type Text = (value: number) => string;

const PIXELS_PER_TICK = 38;

/** From 0 up to a round number that is not below the highest, with as many ticks as so many pixels have room for. */
export function linearAxis(highest: number, pixels: number, text: Text): ValueAxis {
  const mostTicks = Math.round(pixels / PIXELS_PER_TICK);
  const scale = scaleLinear()
    .domain([0, highest > 0 ? highest : 1])
    .nice(mostTicks);
  const [from = 0, to = 1] = scale.domain();
  // Nobody counts half a client, nor waits for half a microsecond.
  const values = scale.ticks(mostTicks).filter((value) => to < 1 || Number.isInteger(value));
  return { kind: 'linear', domain: [from, to], ticks: values.map((value) => ({ value, text: text(value) })) };
}

/** Whole decades around the values. A log scale has no 0: what is below 1 stands at 1. */
export function logAxis(lowest: number, highest: number, text: Text): ValueAxis {
  const [from = 1, to = 10] = scaleLog()
    .domain([Math.max(1, lowest), highest])
    .nice()
    .domain();
  return { kind: 'log', domain: [from, to], ticks: logTicks(from, to, text) };
}

export function placeOf({ kind, domain }: Pick<ValueAxis, 'kind' | 'domain'>, range: [number, number]): Place {
  return (kind === 'log' ? scaleLog() : scaleLinear()).domain(domain).range(range).clamp(true);
}

/** Decades where there are enough of them, else 1, 2 and 5 of each. */
export function logTicks(from: number, to: number, text: Text): Tick[] {
  const digits = to / from >= 1000 ? [1] : [1, 2, 5];
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++) {
    for (const digit of digits) {
      const value = Number(`${digit}e${power}`);
      if (value >= from && value <= to) ticks.push({ value, text: text(value) });
    }
  }
  return ticks;
}

const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

export interface TimeAxis {
  readonly unit: string;
  readonly ticks: readonly Tick[];
}

/** Of the seconds from 0 to the end, with so many ticks at most. */
export function timeAxis(end: number, mostTicks: number): TimeAxis {
  const fitting = TIME_STEPS.find((step) => end / step <= mostTicks);
  const step = fitting ?? 86_400 * Math.ceil(end / 86_400 / mostTicks);
  const pair = (large: number, small: number) => `${Math.floor(large)}:${`${small}`.padStart(2, '0')}`;
  const [unit, text]: [string, Text] =
    end < 180
      ? ['seconds', (seconds) => `${seconds}`]
      : end < 10_800
        ? ['minutes:seconds', (seconds) => pair(seconds / 60, seconds % 60)]
        : ['hours:minutes', (seconds) => pair(seconds / 3600, (seconds % 3600) / 60)];
  const ticks: Tick[] = [];
  for (let value = 0; value <= end; value += step) ticks.push({ value, text: text(value) });
  return { unit, ticks };
}

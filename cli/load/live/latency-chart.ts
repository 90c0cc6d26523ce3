import { fittedLine, type Line, piece } from '../../terminal/line.ts';
import { roundLatencyText } from '../report/figures.ts';
import type { Point } from '../report/report.ts';

const LABEL_CELLS = 8;
/** With the axis. */
const LEFT_CELLS = LABEL_CELLS + 3;

/** Of a braille cell, by dot row from the top: the left one and the right one. */
const DOTS: readonly (readonly [number, number])[] = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
];
const DOT_ROWS = 4;

const STEPS = [1, 2, 5];
/** A label that is no decade may stand so far from where its value is, in rows. */
const NEAR = 0.25;

interface Scale {
  /** Microseconds: a 1, 2 or 5 of a decade each. */
  readonly lowest: number;
  readonly highest: number;
}

/**
 * The delivery latency over time below a title, as many seconds as fit: for each a stroke from its p50 up to its p99, on a scale of
 * logarithms. One stroke instead of two curves, because those could be told apart by their colours alone.
 */
export function latencyChart(points: readonly Point[], { columns, rows }: { columns: number; rows: number }): Line[] {
  const height = rows - 1;
  const cells = Math.max(1, columns - LEFT_CELLS);
  // A second a cell while that is enough, else two a cell.
  const dotsPerPoint = points.length <= cells ? 2 : 1;
  const shown = points.slice(-Math.floor((cells * 2) / dotsPerPoint));
  const scale = scaleOf(shown);
  const labels = labelsOf(scale, height);
  const canvas = Array.from({ length: height }, () => new Uint8Array(cells));
  for (const [index, { delivery }] of shown.entries()) {
    if (delivery.count === 0) continue;
    const top = dotRow(delivery.p99, scale, height);
    const bottom = dotRow(delivery.p50, scale, height);
    for (let x = index * dotsPerPoint; x < (index + 1) * dotsPerPoint; x += 1) stroke(canvas, x, top, bottom);
  }
  const span = shown.length === 0 ? '' : `, last ${shown.length} s`;
  const title = `delivery latency${span}: p50 up to p99 of each second`;
  const drawn = canvas.map((row, index): Line => {
    const label = labels.get(index);
    const axis = `${(label ?? '').padStart(LABEL_CELLS)} ${label === undefined ? '│' : '┤'} `;
    return [piece(axis, 'faint'), piece(brailleText(row))];
  });
  return [[piece(title, 'faint')], ...drawn].map((line) => fittedLine(line, columns));
}

/** As little around what is shown as steps allow. */
function scaleOf(points: readonly Point[]): Scale {
  const measured = points.flatMap(({ delivery }) => (delivery.count === 0 ? [] : [delivery]));
  if (measured.length === 0) return { lowest: 100, highest: 10_000 };
  const lowest = stepBelow(Math.min(...measured.map(({ p50 }) => p50)));
  return { lowest, highest: Math.max(lowest * 10, stepAbove(Math.max(...measured.map(({ p99 }) => p99)))) };
}

function stepBelow(micros: number): number {
  const value = Math.max(1, micros);
  const decade = decadeOf(value);
  return decade * (STEPS.findLast((step) => decade * step <= value) ?? 1);
}

function decadeOf(micros: number): number {
  return 10 ** Math.floor(Math.log10(micros));
}

function stepAbove(micros: number): number {
  const value = Math.max(1, micros);
  const decade = decadeOf(value);
  return decade * (STEPS.find((step) => decade * step >= value) ?? 10);
}

/** From 0 at the top to 1 at the bottom. */
function depth(micros: number, { lowest, highest }: Scale): number {
  const depth = Math.log10(highest / Math.max(1, micros)) / Math.log10(highest / lowest);
  return Math.min(1, Math.max(0, depth));
}

function dotRow(micros: number, scale: Scale, rows: number): number {
  return Math.round(depth(micros, scale) * (rows * DOT_ROWS - 1));
}

/** By row: the ends, then decades, then what is between them where it stands about right. */
function labelsOf(scale: Scale, rows: number): Map<number, string> {
  const { lowest, highest } = scale;
  const decades: number[] = [];
  for (let decade = decadeOf(lowest); decade <= highest; decade *= 10) decades.push(decade);
  const between = [5, 2].flatMap((step) => decades.map((decade) => decade * step));
  const labels = new Map<number, string>();
  for (const value of [highest, lowest, ...decades, ...between]) {
    if (value < lowest || value > highest) continue;
    const at = depth(value, scale) * (rows - 1);
    const row = Math.round(at);
    if (labels.has(row) || (!decades.includes(value) && Math.abs(at - row) > NEAR)) continue;
    labels.set(row, roundLatencyText(value));
  }
  return labels;
}

function stroke(canvas: readonly Uint8Array[], x: number, top: number, bottom: number): void {
  const cell = x >> 1;
  for (let y = top; y <= bottom; y += 1) {
    const row = canvas[Math.floor(y / DOT_ROWS)];
    if (row === undefined) continue;
    row[cell] = (row[cell] ?? 0) | (DOTS[y % DOT_ROWS]?.[x % 2] ?? 0);
  }
}

function brailleText(row: Uint8Array): string {
  return Array.from(row, (dots) => (dots === 0 ? ' ' : String.fromCodePoint(0x2800 + dots)))
    .join('')
    .trimEnd();
}

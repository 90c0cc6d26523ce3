import { line, symbol, symbolCircle, symbolDiamond, symbolSquare, symbolTriangle } from 'd3-shape';
import { type Place, placeOf, type ValueAxis } from '../../../cli/load/report/html/axis.ts';
import { px } from '../../../cli/load/report/html/marks.ts';
import { gridOf, LEFT } from '../../../cli/load/report/html/time-chart.ts';
import { type Curve, isToolLimited, type Point } from './curve.ts';

/** One plot: a figure of all curves against the load. */
export interface Panel {
  /** What is drawn, with its unit. */
  readonly title: string;
  readonly axis: ValueAxis;
  readonly value: (point: Point) => number | undefined;
}

/** Its colour says which server it is, its dash and its mark in which way that is driven. */
export interface Line {
  readonly curve: Curve;
  /** Among those of the same server, from 0. */
  readonly variant: number;
}

export const PLOT = { width: 340, height: 210 };
export const SWATCH_WIDTH = 56;
/** Square pixels. */
const MARK_AREA = 44;
/** "1.28M": the loads of a ladder stand close to each other. */
const SHORT = new Intl.NumberFormat('en-US', { notation: 'compact', maximumSignificantDigits: 3 });
const MARKS = [symbolCircle, symbolSquare, symbolTriangle, symbolDiamond];

/** The titles above it, the axes left and below. @param offered all loads, ascending. */
export function panelOf({ title, axis, value }: Panel, lines: readonly Line[], offered: readonly number[]): string {
  const right = LEFT + PLOT.width;
  const domain = [offered[0] ?? 1, offered.at(-1) ?? 10] as const;
  const x = placeOf({ kind: 'log', domain }, [LEFT, right]);
  const y = placeOf(axis, [PLOT.height, 0]);
  const ticks = offered.map((load) => {
    const at = px(x(load));
    return `<path class="tick" d="M${at} ${PLOT.height}v5"/><text class="middle" x="${at}" y="${PLOT.height + 18}">${SHORT.format(load)}</text>`;
  });
  return `<text class="title" x="${LEFT}" y="-12">${title}</text>
${gridOf(axis, y, right)}
<path class="tick" d="M${LEFT} ${PLOT.height}H${right}"/>
${ticks.join('')}
<text class="middle" x="${(LEFT + right) / 2}" y="${PLOT.height + 37}">deliveries a second offered, log scale</text>
${lines.map((one) => drawnLine(one, value, { x, y })).join('\n')}`;
}

function drawnLine(one: Line, value: Panel['value'], { x, y }: { readonly x: Place; readonly y: Place }): string {
  const places = one.curve.points.flatMap((point) => {
    const figure = value(point);
    return figure === undefined ? [] : [{ point, x: x(point.offered), y: y(figure) }];
  });
  const path = line<(typeof places)[number]>()
    .x((place) => place.x)
    .y((place) => place.y)
    .digits(1);
  const marks = places.map((place) => markOf(one, px(place.x), px(place.y), isToolLimited(place.point)));
  return `<g class="${lookOf(one)}"><path class="line" d="${path(places) ?? ''}"/>${marks.join('')}</g>`;
}

/** How a line looks in the plots. */
export function swatchOf(one: Line): string {
  return `<g class="${lookOf(one)}"><path class="line" d="M0 0H${SWATCH_WIDTH}"/>${markOf(one, SWATCH_WIDTH / 2, 0, false)}</g>`;
}

function lookOf({ curve, variant }: Line): string {
  return `${curve.server.replaceAll(' ', '-')} variant-${variant}`;
}

function markOf({ variant }: Line, x: number, y: number, isHollow: boolean): string {
  const path = symbol(MARKS[variant] ?? symbolCircle, MARK_AREA).digits(1)();
  return `<path class="${isHollow ? 'hollow' : 'full'}" transform="translate(${x} ${y})" d="${path ?? ''}"/>`;
}

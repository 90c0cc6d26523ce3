import { area, line, stack } from 'd3-shape';
import type { Place } from './axis.ts';
import type { Moment } from './course.ts';

/** A colour with its own dash and its own hatch, so that neither eye nor printer needs the colour. */
export type Look = 'a' | 'b' | 'c' | 'd' | 'e';

export interface Series {
  readonly name: string;
  readonly look: Look;
  /** Undefined where there is none, which leaves a gap. */
  readonly value: (moment: Moment) => number | undefined;
}

export interface Places {
  readonly x: Place;
  readonly y: Place;
}

export function lines(moments: readonly Moment[], series: readonly Series[], { x, y }: Places): string {
  return series
    .map(({ look, value }) => {
      const isThere = (moment: Moment | undefined) => moment !== undefined && value(moment) !== undefined;
      const path = line<Moment>()
        .defined(isThere)
        .x(({ to }) => x(to))
        .y((moment) => y(value(moment) ?? 0))
        .digits(1);
      // Where both neighbours are missing there is no line.
      const dots = moments
        .filter((moment, at) => isThere(moment) && !isThere(moments[at - 1]) && !isThere(moments[at + 1]))
        .map(
          (moment) => `<circle class="fill ${look}" cx="${px(x(moment.to))}" cy="${px(y(value(moment) ?? 0))}" r="3"/>`,
        );
      return `<path class="line ${look}" d="${path(moments) ?? ''}"/>${dots.join('')}`;
    })
    .join('');
}

/** One upon the other, the first at the bottom. Of the first moment it is only known how it ended: it is drawn level. */
export function areas(moments: readonly Moment[], series: readonly Series[], { x, y }: Places): string {
  const level = moments.slice(0, 1).map((moment) => ({ ...moment, to: moment.from }));
  const layers = stack<unknown, Moment, Series>()
    .keys(series)
    .value((moment, { value }) => value(moment) ?? 0)([...level, ...moments]);
  return layers
    .map((layer) => {
      const path = area<(typeof layer)[number]>()
        .x(({ data }) => x(data.to))
        .y0(([low]) => y(low))
        .y1(([, high]) => y(high))
        .digits(1);
      return `<path class="area ${layer.key.look}" d="${path(layer) ?? ''}"/>`;
    })
    .join('');
}

/** Each as wide as its moment. */
export function bars(moments: readonly Moment[], { look, value }: Series, { x, y }: Places): string {
  const path = moments.map((moment) => {
    const height = value(moment) ?? 0;
    // A second of many is thinner than a line.
    const width = Math.max(2, x(moment.to) - x(moment.from));
    return height > 0
      ? `M${px(x(moment.to) - width)},${px(y(0))}v${px(y(height) - y(0))}h${px(width)}V${px(y(0))}z`
      : '';
  });
  return `<path class="bar ${look}" d="${path.join('')}"/>`;
}

/** To a tenth of a pixel: more only makes the file long. */
export function px(value: number): number {
  return Math.round(value * 10) / 10;
}

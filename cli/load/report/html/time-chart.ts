import { placeOf, timeAxis, type ValueAxis } from './axis.ts';
import type { Band, Course, Moment } from './course.ts';
import type { Drawing, Width } from './figure.ts';
import { type Places, px } from './marks.ts';

/** One of the plots that stand above each other and have their time in common. */
export interface Panel {
  /** What is drawn, with its unit. */
  readonly title: string;
  readonly height: number;
  readonly axis: ValueAxis;
  readonly marks: (places: Places) => string;
}

export interface TimeChart {
  readonly panels: readonly Panel[];
  /** What a moment says when it is pointed at. */
  readonly told: (moment: Moment) => string;
}

export const LEFT = 80;
export const RIGHT = 24;
const STRIP = 20;
const TITLE = 36;
const FOOT = 44;
/** Of a character of the labels, about. */
const CHARACTER = 7;

/** Panels beneath a strip that names the phases, above a common axis of time. */
export function drawTimeChart(course: Course, { panels, told }: TimeChart, width: Width): Drawing {
  const right = width.pixels - RIGHT;
  const x = placeOf({ kind: 'linear', domain: [0, course.end] }, [LEFT, right]);
  // The first title needs no distance from a plot above it.
  let bottom = STRIP - 8;
  const drawn = panels.map((panel) => {
    const top = bottom + TITLE;
    bottom = top + panel.height;
    return panelOf(panel, { x, y: placeOf(panel.axis, [bottom, top]) }, { top, bottom, right });
  });
  const { unit, ticks } = timeAxis(course.end, width.name === 'wide' ? 14 : 7);
  const content = [
    ...course.bands.map((band) => bandOf(band, x, bottom)),
    ...drawn,
    ...ticks.map(
      ({ value, text }) =>
        `<path class="tick" d="M${px(x(value))} ${bottom}v5"/><text class="middle" x="${px(x(value))}" y="${bottom + 18}">${text}</text>`,
    ),
    `<text class="middle" x="${(LEFT + right) / 2}" y="${bottom + 37}">${unit} since the start</text>`,
    // Nobody points at a chart with a finger.
    ...(width.name === 'wide'
      ? course.moments.map((moment) => momentOf(moment, { x, bottom, text: told(moment) }))
      : []),
  ];
  return { height: bottom + FOOT, content: content.join('\n') };
}

function panelOf(
  { title, axis, marks }: Panel,
  places: Places,
  { top, bottom, right }: { readonly top: number; readonly bottom: number; readonly right: number },
): string {
  return `<text x="${LEFT}" y="${top - 9}">${title}</text>
${gridOf(axis, places.y, right)}
<path class="tick" d="M${LEFT} ${bottom}H${right}"/>
${marks(places)}`;
}

/** Lines across the plot, each with its value at the left. */
export function gridOf({ ticks }: Pick<ValueAxis, 'ticks'>, y: Places['y'], right: number): string {
  return ticks
    .map(({ value, text }) => {
      const at = px(y(value));
      return `<path class="grid" d="M${LEFT} ${at}H${right}"/><text class="end" x="${LEFT - 8}" y="${px(at + 4)}">${text}</text>`;
    })
    .join('');
}

/** What was not measured is shaded. A name that its time has no room for is left to the tooltip and the text above the charts. */
function bandOf({ phase, from, to }: Band, x: Places['x'], bottom: number): string {
  const [left, width] = [px(x(from)), px(x(to) - x(from))];
  const shade =
    phase === 'measuring' ? '' : `<rect class="shade" x="${left}" y="0" width="${width}" height="${bottom}"/>`;
  const name =
    phase.length * CHARACTER < width
      ? `<text class="middle phase" x="${px(left + width / 2)}" y="14">${phase}</text>`
      : '';
  return `${shade}<path class="boundary" d="M${px(left + width)} 0V${bottom}"/>${name}`;
}

function momentOf(
  { from, to }: Moment,
  { x, bottom, text }: { readonly x: Places['x']; readonly bottom: number; readonly text: string },
): string {
  const left = px(x(from));
  return `<rect class="moment" x="${left}" width="${px(x(to) - left)}" height="${bottom}"><title>${text}</title></rect>`;
}

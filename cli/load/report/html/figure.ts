import { escaped } from './escape.ts';
import type { Look, Series } from './marks.ts';

/** How wide a chart is drawn. Each is there twice, for its text must stay readable on a phone, and text shrinks with its drawing. */
export interface Width {
  readonly name: 'wide' | 'narrow';
  readonly pixels: number;
}

const WIDTHS: readonly Width[] = [
  { name: 'wide', pixels: 900 },
  { name: 'narrow', pixels: 440 },
];

export interface Drawing {
  readonly height: number;
  readonly content: string;
}

export interface Figure {
  readonly title: string;
  /** What who can't see it is told. */
  readonly description: string;
  readonly legend: string;
  readonly note: string;
  readonly draw: (width: Width) => Drawing;
}

export function figure({ title, description, legend, note, draw }: Figure): string {
  const label = escaped(`${title}. ${description}`);
  const drawings = WIDTHS.map((width) => {
    const { height, content } = draw(width);
    return `<svg class="chart ${width.name}" viewBox="0 0 ${width.pixels} ${height}" role="img" aria-label="${label}">${content}</svg>`;
  });
  return `<figure>
<figcaption><h3>${title}</h3>${legend}</figcaption>
${drawings.join('\n')}${note === '' ? '' : `\n<p class="note">${note}</p>`}
</figure>`;
}

/** Says why there is nothing to draw. */
export function emptyFigure(title: string, why: string): string {
  return `<figure>
<figcaption><h3>${title}</h3></figcaption>
<p class="note">${why}</p>
</figure>`;
}

/** What each look stands for. */
export function legendOf(series: readonly Pick<Series, 'name' | 'look'>[], mark: 'line' | 'area'): string {
  const entries = series.map(({ name, look }) => `<li>${swatch(look, mark)}${name}</li>`);
  return `<ul class="legend">${entries.join('')}</ul>`;
}

function swatch(look: Look, mark: 'line' | 'area'): string {
  const drawn =
    mark === 'line'
      ? `<path class="line ${look}" d="M1 7H35"/>`
      : `<rect class="area ${look}" width="36" height="14"/>`;
  return `<svg class="swatch" width="36" height="14" aria-hidden="true">${drawn}</svg>`;
}

/** Hatches of all looks but the first, once for the page: those in a drawing that is not displayed would be none. */
export const HATCHES = `<svg class="hatches" width="0" height="0" aria-hidden="true"><defs>
${hatch('b', 'M0 8L8 0M-2 2L2 -2M6 10L10 6')}
${hatch('c', 'M0 4H8')}
${hatch('d', 'M4 0V8')}
${hatch('e', 'M0 0L8 8M0 8L8 0')}
</defs></svg>`;

function hatch(look: Look, path: string): string {
  return `<pattern id="hatch-${look}" width="8" height="8" patternUnits="userSpaceOnUse"><rect class="fill ${look}" width="8" height="8"/><path class="hatch" d="${path}"/></pattern>`;
}

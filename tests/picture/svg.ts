import type { Cell } from '../support/cell.ts';
import { linePath, round } from './lines.ts';
import { BACKGROUND, between, FOREGROUND } from './palette.ts';
import { backgroundRuns, isPlain, type Run, textRuns } from './run-of-cells.ts';

export interface Picture {
  readonly title: string;
  /** For those who do not see it. */
  readonly description: string;
  readonly columns: number;
  readonly rows: readonly (readonly Cell[])[];
  /** Undefined when it is hidden. */
  readonly cursor?: { readonly x: number; readonly y: number };
}

const FONT_SIZE = 14;
/** What most fonts of equal widths have. */
const CELL_WIDTH = FONT_SIZE * 0.6;
const CELL_HEIGHT = 19;
const BASELINE = 14;
const PADDING = 14;
const BAR_HEIGHT = 34;
const DOTS = ['#ff6159', '#ffbd2e', '#28c941'];
const BAR = '#23262e';
const FRAME = '#3a3f4b';
const FONTS = "ui-monospace,'SF Mono',Menlo,Consolas,'DejaVu Sans Mono','Liberation Mono',monospace";

/** A window with what a terminal shows: one file that needs no other, on any background. */
export function svgOf({ title, description, columns, rows, cursor }: Picture): string {
  const width = Math.ceil(columns * CELL_WIDTH + 2 * PADDING);
  const height = rows.length * CELL_HEIGHT + BAR_HEIGHT + 2 * PADDING;
  const drawn = rows.map((cells, row) => (row === cursor?.y ? withCursor(cells, cursor.x) : cells));
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${escaped(description)}</title>`,
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9.5" fill="${BACKGROUND}"/>`,
    `<path d="M.5 ${BAR_HEIGHT}V10A9.5 9.5 0 0 1 10 .5H${width - 10}A9.5 9.5 0 0 1 ${width - 0.5} 10V${BAR_HEIGHT}Z" fill="${BAR}"/>`,
    ...DOTS.map((fill, index) => `<circle cx="${20 + 20 * index}" cy="${BAR_HEIGHT / 2}" r="6" fill="${fill}"/>`),
    `<text x="${width / 2}" y="${BAR_HEIGHT / 2 + 4.5}" fill="${between(FOREGROUND, BAR)}" font-family="system-ui,sans-serif" font-size="13" text-anchor="middle">${escaped(title)}</text>`,
    `<g font-family="${FONTS}" font-size="${FONT_SIZE}">`,
    ...drawn.flatMap(rowOf),
    '</g>',
    `<rect x=".5" y=".5" width="${width - 1}" height="${height - 1}" rx="9.5" fill="none" stroke="${FRAME}"/>`,
    '</svg>',
  ].join('\n')}\n`;
}

/** A block. */
function withCursor(cells: readonly Cell[], column: number): Cell[] {
  return cells.map((cell) => (cell.column === column ? { ...cell, inverse: !cell.inverse } : cell));
}

function rowOf(cells: readonly Cell[], row: number): string[] {
  const y = BAR_HEIGHT + PADDING + row * CELL_HEIGHT;
  const runs = textRuns(cells).map((run) => ({ run, line: linePath(run.text, boxOf(run, y)) }));
  const lines = Map.groupBy(
    runs.filter(({ line }) => line !== undefined),
    ({ run }) => run.style.fill,
  );
  return [
    ...backgroundRuns(cells).map(({ fill, ...run }) => {
      const { x, width, height } = boxOf(run, y);
      const place = `x="${x}" y="${y}" width="${width}" height="${height}"`;
      return `<rect ${place} fill="${fill}" shape-rendering="crispEdges"/>`;
    }),
    ...[...lines].map(([stroke, of]) => `<path d="${of.map(({ line }) => line).join('')}" stroke="${stroke}"/>`),
    ...runs.filter(({ line }) => line === undefined).map(({ run }) => textOf(run, y)),
  ];
}

/** A font of other widths must not leave the grid: a text is spread over its cells, a special character put amid its own. */
function textOf(run: Run, y: number): string {
  const { text, style } = run;
  const { x, width } = boxOf(run, y);
  const decoration = [style.underline && 'underline', style.strikethrough && 'line-through'].filter(Boolean).join(' ');
  const attributes = [
    isPlain(text) ? `x="${x}" textLength="${width}"` : `x="${round(x + width / 2)}" text-anchor="middle"`,
    `y="${y + BASELINE}" fill="${style.fill}"`,
    style.bold && 'font-weight="700"',
    style.italic && 'font-style="italic"',
    decoration && `text-decoration="${decoration}"`,
  ];
  return `<text ${attributes.filter(Boolean).join(' ')}>${escaped(text)}</text>`;
}

function boxOf({ column, width }: { column: number; width: number }, y: number) {
  return { x: round(PADDING + column * CELL_WIDTH), y, width: round(width * CELL_WIDTH), height: CELL_HEIGHT };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

import type { Cell } from '../support/cell.ts';
import { BACKGROUND, between, FOREGROUND, hexOf } from './palette.ts';

export interface Style {
  readonly fill: string;
  /** Undefined where the window shows through. */
  readonly background: string | undefined;
  readonly bold: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly strikethrough: boolean;
}

/** Neighbours that look alike, with no blank at an end and never two side by side. */
export interface Run {
  readonly column: number;
  readonly width: number;
  readonly text: string;
  readonly style: Style;
}

/** The texts of a row, each as long as it can be drawn at once: a font may be trusted with ASCII alone. */
export function textRuns(cells: readonly Cell[]): Run[] {
  const runs: Run[] = [];
  let blanks = 0;
  for (const { column, width, text, style } of cells.filter(({ invisible }) => !invisible).map(styled)) {
    if (text === ' ' && !style.underline && !style.strikethrough) {
      blanks += 1;
      continue;
    }
    const last = runs.at(-1);
    const goesOn = last !== undefined && isPlain(last.text) && isPlain(text) && isSame(last.style, style);
    if (goesOn && blanks <= 1 && last.column + last.width + blanks === column)
      runs[runs.length - 1] = {
        ...last,
        width: last.width + blanks + width,
        text: last.text + ' '.repeat(blanks) + text,
      };
    else runs.push({ column, width, text, style });
    blanks = 0;
  }
  return runs;
}

/** The parts of a row with a background of their own. */
export function backgroundRuns(cells: readonly Cell[]): { column: number; width: number; fill: string }[] {
  const runs: { column: number; width: number; fill: string }[] = [];
  for (const { column, width, style } of cells.map(styled)) {
    if (style.background === undefined) continue;
    const last = runs.at(-1);
    if (last?.fill === style.background && last.column + last.width === column) last.width += width;
    else runs.push({ column, width, fill: style.background });
  }
  return runs;
}

function styled({ column, width, text, ...look }: Cell): Run {
  const behind = look.inverse ? hexOf(look.fg, FOREGROUND) : hexOf(look.bg, BACKGROUND);
  const front = look.inverse ? hexOf(look.bg, BACKGROUND) : hexOf(look.fg, FOREGROUND);
  const { bold, italic, underline, strikethrough } = look;
  return {
    column,
    width,
    text,
    style: {
      fill: look.dim ? between(front, behind) : front,
      background: behind === BACKGROUND ? undefined : behind,
      ...{ bold, italic, underline, strikethrough },
    },
  };
}

/** What every font of equal widths draws in one cell each. */
export function isPlain(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}

function isSame(one: Style, other: Style): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

import type { IBufferCell } from '@xterm/headless';

/** A number of the 256 colours, or a colour itself. */
export type Colour = 'default' | number | `#${string}`;

/** A character of the screen and how it looks. A wide one is one cell of width 2. */
export interface Cell {
  readonly column: number;
  /** All code points that share the place; a space where nothing was written. */
  readonly text: string;
  readonly width: number;
  readonly fg: Colour;
  readonly bg: Colour;
  readonly bold: boolean;
  readonly dim: boolean;
  readonly italic: boolean;
  readonly underline: boolean;
  readonly inverse: boolean;
  readonly invisible: boolean;
  readonly strikethrough: boolean;
}

/** Undefined for the second half of a wide character. */
export function cellOf(cell: IBufferCell, column: number): Cell | undefined {
  if (cell.getWidth() === 0) return undefined;
  return {
    column,
    text: cell.getChars() || ' ',
    width: cell.getWidth(),
    fg: colour(cell.isFgDefault(), cell.isFgRGB(), cell.getFgColor()),
    bg: colour(cell.isBgDefault(), cell.isBgRGB(), cell.getBgColor()),
    bold: cell.isBold() !== 0,
    dim: cell.isDim() !== 0,
    italic: cell.isItalic() !== 0,
    underline: cell.isUnderline() !== 0,
    inverse: cell.isInverse() !== 0,
    invisible: cell.isInvisible() !== 0,
    strikethrough: cell.isStrikethrough() !== 0,
  };
}

function colour(isDefault: boolean, isTrue: boolean, value: number): Colour {
  if (isDefault) return 'default';
  return isTrue ? `#${value.toString(16).padStart(6, '0')}` : value;
}

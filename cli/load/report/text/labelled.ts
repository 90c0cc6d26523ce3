import { fittedLine, type Line, lineCells, type Piece, piece } from '../../../terminal/line.ts';

/** Of the words at the left of a row. */
export const LABEL_CELLS = 11;

const BETWEEN = piece(' · ', 'faint');

/**
 * Parts one after the other behind a label, in as many rows as they take. Where that are more than there may be, the
 * last one tells how many parts are missing.
 */
export function labelled(
  label: string,
  parts: readonly Line[],
  size: { readonly columns: number; readonly rows?: number },
): Line[] {
  const { columns, rows = Number.POSITIVE_INFINITY } = size;
  const lines: Piece[][] = [];
  for (const [index, part] of parts.entries()) {
    const last = lines.at(-1);
    const isLastRow = lines.length === rows;
    const more = [piece(`and ${parts.length - index} more`, 'faint')];
    // Room for the words about the missing ones, unless this is the last part.
    const reserve = isLastRow && index < parts.length - 1 ? lineCells([BETWEEN, ...more]) : 0;
    const isFitting = last !== undefined && lineCells([...last, BETWEEN, ...part]) + reserve <= columns;
    if (isFitting) last.push(BETWEEN, ...part);
    else if (!isLastRow) lines.push([labelPiece(lines.length === 0 ? label : ''), ...part]);
    else {
      last?.push(BETWEEN, ...more);
      break;
    }
  }
  return lines.map((line) => fittedLine(line, columns));
}

export function labelPiece(label: string): Piece {
  return piece(label.padEnd(LABEL_CELLS), 'faint');
}

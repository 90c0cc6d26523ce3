import { wrapped } from '../../../terminal/cells.ts';
import { type Line, piece, type Tone } from '../../../terminal/line.ts';

/** Words in as many rows as they take, all but the sign at their beginning behind as many blanks as that has cells. */
export function sentence(sign: string, text: string, { columns, tone }: { columns: number; tone: Tone }): Line[] {
  // What is to be drawn is measured: it may be wider or narrower than what came.
  const rows = wrapped(piece(text).text, columns - sign.length);
  return rows.map((row, index) => [piece(`${index === 0 ? sign : ' '.repeat(sign.length)}${row}`, tone)]);
}

import stringWidth from 'string-width';

const graphemes = new Intl.Segmenter();

/** Cells of each code point, as far as it was asked for; -1 before. */
const known = new Int8Array(0x110000).fill(-1);

/** What is seen as one character each: letters with their marks, emoji with what modifies them. */
export function* charactersOf(text: string): Iterable<string> {
  for (const { segment } of graphemes.segment(text)) yield segment;
}

/**
 * Cells that the text takes on a terminal. Each code point is measured by itself, as
 * terminals do that know no clusters; `drawable` leaves hardly any that others draw narrower.
 */
export function cellsOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let cells = 0;
  for (const character of text) cells += cellsOfOne(character);
  return cells;
}

function cellsOfOne(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  const cells = known[code] ?? -1;
  if (cells >= 0) return cells;
  const measured = stringWidth(character);
  known[code] = measured;
  return measured;
}

/** As much of the text as fits into so many cells, with an ellipsis when that is not all. */
export function fitted(text: string, cells: number): string {
  if (cellsOf(text) <= cells) return text;
  return cells < 1 ? '' : `${beginningOf(text, cells - 1)}…`;
}

/** Fitted, and filled up with blanks. */
export function padded(text: string, cells: number): string {
  const part = fitted(text, cells);
  return part + ' '.repeat(Math.max(0, cells - cellsOf(part)));
}

/**
 * The text as rows of at most so many cells, broken at blanks where that is possible and else inside of words, never
 * inside of a character. A line end in the text begins a new row; there is always one row.
 */
export function wrapped(text: string, cells: number): string[] {
  const width = Math.max(2, cells);
  return text.split('\n').flatMap((line) => wrappedLine(line, width));
}

function wrappedLine(line: string, cells: number): string[] {
  const rows: string[] = [];
  let rest = line;
  while (cellsOf(rest) > cells) {
    // At least one character, or it would not end.
    const most = beginningOf(rest, cells) || firstOf(rest);
    const blank = rest[most.length] === ' ' ? most.length : most.lastIndexOf(' ');
    const row = blank > 0 ? rest.slice(0, blank) : most;
    rows.push(row);
    // The blank at which a row breaks is not drawn.
    rest = rest.slice(blank > 0 ? row.length + 1 : row.length);
  }
  return [...rows, rest];
}

/** As many whole characters as fit. */
export function beginningOf(text: string, cells: number): string {
  let taken = 0;
  let kept = '';
  for (const character of charactersOf(text)) {
    taken += cellsOf(character);
    if (taken > cells) break;
    kept += character;
  }
  return kept;
}

function firstOf(text: string): string {
  const [character = ''] = charactersOf(text);
  return character;
}

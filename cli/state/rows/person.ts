import { fitted } from '../../terminal/cells.ts';
import { type Piece, piece } from '../../terminal/line.ts';

/** Of the 256 colours, those with a contrast of at least 4 to both black and white (WCAG's measure), and of unlike hue. */
const COLOURS = [27, 28, 30, 31, 63, 64, 98, 129, 130, 131, 133, 161, 163];

/** Somebody's name in so many cells at most, in the colour that is always theirs. */
export function person({ displayName, userId }: { displayName: string; userId: string }, cells: number): Piece {
  const whole = piece(displayName, 'strong');
  return { ...whole, text: fitted(whole.text, cells), colour: colourOf(userId) };
}

function colourOf(userId: string): number {
  let hash = 0;
  for (const character of userId) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003;
  return COLOURS[hash % COLOURS.length] ?? 27;
}

import stringWidth from 'string-width';
import { cellsOf, charactersOf } from './cells.ts';
import { printable } from './printable.ts';

/** Invisible, but what is hidden behind it is not there for nothing; joiners and selectors are of what they stand in. */
const INVISIBLE = /(?!\u200c|\u200d|[\ufe00-\ufe0f])[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
/** Parts of Hangul syllables that compose to none: terminals draw them over each other or not. */
const LOOSE_JAMO = /[\u1160-\u11ff\ud7b0-\ud7ff]/gu;
/** Thai and Lao vowels that take a cell of their own and cling to the letter before; their parts do not. */
const AM = /[\u0e33\u0eb3]/gu;
const PICTURE = '\\p{Extended_Pictographic}\\ufe0f?';
/** What makes one picture of several, or another of one: terminals do not agree how wide the result is. */
const JOINERS = new RegExp(`(?<=${PICTURE}\\p{Emoji_Modifier}?)\\u200d|(?<=${PICTURE})\\p{Emoji_Modifier}`, 'gu');
const SELECTORS = /[\ufe00-\ufe0f]|(?<=[0-9#*]\ufe0f?)\u20e3/gu;
/** Of nothing: such a tone clings to whatever stands in front of it. */
const LOOSE_TONES = /\p{Emoji_Modifier}/gu;
/** Beyond what any script stacks upon a letter, marks paint over the rows above and below. */
const TOO_MANY_MARKS = /(\p{M}{8})\p{M}+/gu;
const NON_JOINER = '\u200c';

/**
 * Printable, and in a form that terminals draw equally wide, for text that has
 * neighbours on its row: emoji of several parts are shown as their parts,
 * without skin tones, letters that melt into one as letters, and a pile of marks
 * is cut. Line ends and tabs are controls here like any other.
 */
export function drawable(text: string): string {
  if (/^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff]*$/.test(text)) return text;
  const plain = printable(text.normalize('NFC'))
    .replace(AM, (vowel) => vowel.normalize('NFKD'))
    .replace(INVISIBLE, '\ufffd')
    .replace(LOOSE_JAMO, '\ufffd')
    .replace(JOINERS, '')
    .replace(LOOSE_TONES, '\ufffd')
    .replace(SELECTORS, '')
    .replace(TOO_MANY_MARKS, '$1\ufffd');
  let drawn = '';
  for (const character of charactersOf(plain)) drawn += apart(character);
  return drawn;
}

/**
 * What is seen as one but measures unlike its parts is taken apart: between letters, a mark says that they do not melt.
 * Where that does not help it cannot be drawn.
 */
function apart(character: string): string {
  if (isMeasuredAlike(character)) return character;
  const isOfTheOneBefore = (part: string) => /\p{M}|\u200c|\u200d/u.test(part);
  const parts = [...character].reduce((before, part) => before + (isOfTheOneBefore(part) ? '' : NON_JOINER) + part);
  return isMeasuredAlike(parts) ? parts : '\ufffd';
}

function isMeasuredAlike(text: string): boolean {
  return text.length === 1 || stringWidth(text) === cellsOf(text);
}

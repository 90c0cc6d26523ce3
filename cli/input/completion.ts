import { COMMANDS } from './command-line.ts';
import type { Draft } from './line-editor.ts';

/** What there is to complete with. */
export interface Vocabulary {
  readonly names: readonly string[];
  readonly rooms: readonly string[];
}

/** Words that fit what was typed, one of them shown; the next Tab shows the next. */
export interface Completion {
  /** What stands before and behind the completed word. */
  readonly before: string;
  readonly behind: string;
  readonly choices: readonly string[];
  readonly at: number;
}

/** Undefined where nothing fits. */
export function completionOf(
  { text, cursor }: Draft,
  vocabulary: Vocabulary,
  way: 'back' | 'forward',
): Completion | undefined {
  const typed = text.slice(0, cursor);
  const [word = ''] = /\S*$/u.exec(typed) ?? [];
  const before = typed.slice(0, typed.length - word.length);
  const choices = choicesFor(before, word, vocabulary);
  if (choices.length === 0) return undefined;
  return { before, behind: text.slice(cursor), choices, at: way === 'forward' ? 0 : choices.length - 1 };
}

export function nextCompletion(completion: Completion, way: 'back' | 'forward'): Completion {
  const { choices, at } = completion;
  return { ...completion, at: (at + (way === 'forward' ? 1 : choices.length - 1)) % choices.length };
}

/** The draft with the word that is shown, the cursor behind it. */
export function completed(draft: Draft, { before, behind, choices, at }: Completion): Draft {
  const text = before + (choices[at] ?? '');
  return { ...draft, text: text + behind, cursor: text.length, isKilling: false };
}

function choicesFor(before: string, word: string, { names, rooms }: Vocabulary): string[] {
  if (before === '' && word.startsWith('/')) {
    return fitting(
      COMMANDS.map(({ name, argument }) => `/${name}${argument === '' ? '' : ' '}`),
      word,
    );
  }
  if (/^\/(join|leave)\s+$/.test(before)) return fitting(rooms, word);
  if (word === '') return [];
  const mark = word.startsWith('@') ? '@' : '';
  const ending = before === '' ? ': ' : ' ';
  return fitting(names, word.slice(mark.length)).map((name) => `${mark}${name}${ending}`);
}

function fitting(words: readonly string[], beginning: string): string[] {
  const small = beginning.toLocaleLowerCase();
  return [...new Set(words)].filter((word) => word.toLocaleLowerCase().startsWith(small)).toSorted();
}

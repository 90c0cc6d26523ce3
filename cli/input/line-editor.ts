import { charactersOf } from '../terminal/cells.ts';

/** What is being typed, and where; positions count UTF-16 units and never stand inside of a character. */
export interface Draft {
  readonly text: string;
  readonly cursor: number;
  /** What `yank` brings back. */
  readonly killed: string;
  /** The last edit killed something, so that the next adds to it. */
  readonly isKilling: boolean;
}

type Way = 'back' | 'forward';
type Reach = 'character' | 'word' | 'line' | 'all';

/** The edits of readline. */
export type Edit =
  | { readonly kind: 'insert'; readonly text: string }
  | { readonly kind: 'move'; readonly way: Way; readonly by: Reach }
  /** To the same column of the line above or below. */
  | { readonly kind: 'move_line'; readonly way: Way }
  | { readonly kind: 'delete'; readonly way: Way }
  | { readonly kind: 'kill'; readonly way: Way; readonly by: 'word' | 'blank' | 'line' }
  | { readonly kind: 'yank' }
  | { readonly kind: 'transpose' };

export const EMPTY_DRAFT: Draft = { text: '', cursor: 0, killed: '', isKilling: false };

/** Text in place of what stands there, the cursor behind it. */
export function replaced(draft: Draft, text: string): Draft {
  return { ...draft, text, cursor: text.length, isKilling: false };
}

export function edited(draft: Draft, edit: Edit): Draft {
  const { text, cursor } = draft;
  const calm = { ...draft, isKilling: false };
  switch (edit.kind) {
    case 'insert':
      return spliced(calm, cursor, cursor, edit.text);
    case 'move':
      return { ...calm, cursor: reached(text, cursor, edit.way, edit.by) };
    case 'move_line':
      return { ...calm, cursor: lineReached(text, cursor, edit.way) };
    case 'delete': {
      const to = reached(text, cursor, edit.way, 'character');
      return spliced(calm, Math.min(cursor, to), Math.max(cursor, to), '');
    }
    case 'kill':
      return killed(draft, edit.way, edit.by);
    case 'yank':
      return spliced(calm, cursor, cursor, draft.killed);
    case 'transpose':
      return transposed(calm);
  }
}

/** Whether `move_line` would leave the text. */
export function isAtEdge({ text, cursor }: Draft, way: Way): boolean {
  return way === 'back' ? !text.slice(0, cursor).includes('\n') : !text.slice(cursor).includes('\n');
}

function spliced(draft: Draft, from: number, to: number, text: string): Draft {
  return { ...draft, text: draft.text.slice(0, from) + text + draft.text.slice(to), cursor: from + text.length };
}

function reached(text: string, cursor: number, way: Way, by: Reach): number {
  const before = text.slice(0, cursor);
  const behind = text.slice(cursor);
  const isBack = way === 'back';
  switch (by) {
    case 'character': {
      const [character = ''] = isBack ? [...charactersOf(before)].slice(-1) : charactersOf(behind);
      return isBack ? cursor - character.length : cursor + character.length;
    }
    case 'word': {
      const word = (
        isBack ? /[\p{L}\p{N}\p{M}_]*[^\p{L}\p{N}\p{M}_]*$/u : /^[^\p{L}\p{N}\p{M}_]*[\p{L}\p{N}\p{M}_]*/u
      ).exec(isBack ? before : behind);
      return isBack ? cursor - (word?.[0].length ?? 0) : cursor + (word?.[0].length ?? 0);
    }
    case 'line': {
      const end = behind.indexOf('\n');
      if (isBack) return before.lastIndexOf('\n') + 1;
      return end === -1 ? text.length : cursor + end;
    }
    case 'all':
      return isBack ? 0 : text.length;
  }
}

function lineReached(text: string, cursor: number, way: Way): number {
  const start = text.lastIndexOf('\n', cursor - 1) + 1;
  const column = [...charactersOf(text.slice(start, cursor))].length;
  const end = text.indexOf('\n', cursor);
  if (way === 'back' ? start === 0 : end === -1) return cursor;
  const otherStart = way === 'back' ? text.lastIndexOf('\n', start - 2) + 1 : end + 1;
  const otherEnd = text.indexOf('\n', otherStart);
  const other = text.slice(otherStart, otherEnd === -1 ? undefined : otherEnd);
  return otherStart + [...charactersOf(other)].slice(0, column).join('').length;
}

function killed(draft: Draft, way: Way, by: 'word' | 'blank' | 'line'): Draft {
  const { text, cursor } = draft;
  let to = by === 'blank' ? blankReached(text, cursor) : reached(text, cursor, way, by);
  // At the end of a line, the line end itself.
  if (by === 'line' && to === cursor && way === 'forward') to = Math.min(text.length, cursor + 1);
  const from = Math.min(cursor, to);
  const gone = text.slice(from, Math.max(cursor, to));
  if (gone === '') return draft;
  const before = draft.isKilling ? draft.killed : '';
  const kept = way === 'back' ? gone + before : before + gone;
  return { ...spliced(draft, from, from + gone.length, ''), killed: kept, isKilling: true };
}

/** Back to the blank in front of the word, as Ctrl+W does. */
function blankReached(text: string, cursor: number): number {
  return cursor - (/\S*\s*$/u.exec(text.slice(0, cursor))?.[0].length ?? 0);
}

/** Draws the character before the cursor over the one at it; at the end, the last two change places. */
function transposed(draft: Draft): Draft {
  const { text } = draft;
  const at = draft.cursor === text.length ? reached(text, text.length, 'back', 'character') : draft.cursor;
  const from = reached(text, at, 'back', 'character');
  const to = reached(text, at, 'forward', 'character');
  if (from === at || to === at) return draft;
  return spliced(draft, from, to, text.slice(at, to) + text.slice(from, at));
}

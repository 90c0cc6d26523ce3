import type { Key } from './key.ts';
import type { Edit } from './line-editor.ts';

/** What a key is pressed for. */
export type Intent =
  | { readonly kind: 'edit'; readonly edit: Edit }
  /** A line up or down in what is typed, and beyond its edges through what was sent before. */
  | { readonly kind: 'recall'; readonly way: 'back' | 'forward' }
  | { readonly kind: 'submit' }
  | { readonly kind: 'complete'; readonly way: 'back' | 'forward' }
  | { readonly kind: 'scroll'; readonly way: 'back' | 'forward'; readonly by: 'row' | 'page' | 'all' }
  | { readonly kind: 'page_members'; readonly way: 'back' | 'forward' }
  /** To the room of this number, from 1. */
  | { readonly kind: 'go_to_room'; readonly number: number }
  | { readonly kind: 'step_room'; readonly way: 'back' | 'forward' }
  | { readonly kind: 'send_again' }
  | { readonly kind: 'discard' }
  | { readonly kind: 'quit' }
  /** Quits where nothing is typed; deletes forward otherwise. */
  | { readonly kind: 'end_of_input' }
  | { readonly kind: 'suspend' }
  | { readonly kind: 'redraw' };

type Way = 'back' | 'forward';

const edit = (edit: Edit): Intent => ({ kind: 'edit', edit });
const move = (way: Way, by: 'character' | 'word' | 'line' | 'all') => edit({ kind: 'move', way, by });
const kill = (way: Way, by: 'word' | 'blank' | 'line') => edit({ kind: 'kill', way, by });
const erase = (way: Way) => edit({ kind: 'delete', way });
const scroll = (way: Way, by: 'row' | 'page' | 'all'): Intent => ({ kind: 'scroll', way, by });

/** By the name of the key, with C- for Ctrl, M- for Alt and S- for Shift in front, in this order. */
const INTENTS: Readonly<Record<string, Intent>> = {
  return: { kind: 'submit' },
  'M-return': edit({ kind: 'insert', text: '\n' }),
  'C-j': edit({ kind: 'insert', text: '\n' }),
  tab: { kind: 'complete', way: 'forward' },
  'S-tab': { kind: 'complete', way: 'back' },
  up: { kind: 'recall', way: 'back' },
  down: { kind: 'recall', way: 'forward' },
  left: move('back', 'character'),
  'C-b': move('back', 'character'),
  right: move('forward', 'character'),
  'C-f': move('forward', 'character'),
  'C-left': move('back', 'word'),
  'M-left': move('back', 'word'),
  'M-b': move('back', 'word'),
  'C-right': move('forward', 'word'),
  'M-right': move('forward', 'word'),
  'M-f': move('forward', 'word'),
  home: move('back', 'line'),
  'C-a': move('back', 'line'),
  end: move('forward', 'line'),
  'C-e': move('forward', 'line'),
  'M-<': move('back', 'all'),
  'M->': move('forward', 'all'),
  backspace: erase('back'),
  'C-h': erase('back'),
  delete: erase('forward'),
  'C-d': { kind: 'end_of_input' },
  'C-w': kill('back', 'blank'),
  'M-backspace': kill('back', 'word'),
  'C-backspace': kill('back', 'word'),
  'M-d': kill('forward', 'word'),
  'C-u': kill('back', 'line'),
  'C-k': kill('forward', 'line'),
  'C-y': edit({ kind: 'yank' }),
  'C-t': edit({ kind: 'transpose' }),
  pageup: scroll('back', 'page'),
  pagedown: scroll('forward', 'page'),
  'S-up': scroll('back', 'row'),
  'S-down': scroll('forward', 'row'),
  'C-home': scroll('back', 'all'),
  'C-end': scroll('forward', 'all'),
  'M-pageup': { kind: 'page_members', way: 'back' },
  'M-pagedown': { kind: 'page_members', way: 'forward' },
  'C-n': { kind: 'step_room', way: 'forward' },
  'C-p': { kind: 'step_room', way: 'back' },
  'C-r': { kind: 'send_again' },
  'C-x': { kind: 'discard' },
  'C-c': { kind: 'quit' },
  'C-z': { kind: 'suspend' },
  'C-l': { kind: 'redraw' },
};

/** Undefined for keys that do nothing here. */
export function intentOf(key: Key): Intent | undefined {
  const { name, sequence, ctrl, meta, shift } = key;
  if (meta && !ctrl && /^[1-9]$/.test(name)) return { kind: 'go_to_room', number: Number(name) };
  const isText = !ctrl && !meta && isTypedText(sequence);
  if (isText) return edit({ kind: 'insert', text: sequence });
  const base = name === 'enter' ? 'C-j' : name || sequence.replace('\u001b', '');
  const keys = `${ctrl ? 'C-' : ''}${meta ? 'M-' : ''}${shift && base.length > 1 ? 'S-' : ''}${base}`;
  return Object.hasOwn(INTENTS, keys) ? INTENTS[keys] : undefined;
}

/** One or more characters, none of them a control. */
function isTypedText(sequence: string): boolean {
  return sequence !== '' && !/\p{Cc}/u.test(sequence);
}

import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { readKeyboard } from '../../../../cli/app/keyboard.ts';
import { type Intent, intentOf } from '../../../../cli/input/keymap.ts';

type Told =
  | Intent
  | undefined
  | { readonly paste: string | undefined; readonly bytes: number }
  | { readonly focus: boolean };

/** What a terminal that sends these bytes, in these pieces, is understood as. */
function understood(...pieces: readonly (string | Buffer)[]): Told[] {
  const input = new PassThrough();
  const told: Told[] = [];
  const deafen = readKeyboard(input as never, {
    pressed: (key) => told.push(intentOf(key)),
    pasted: (paste, bytes) => told.push({ paste, bytes }),
    focused: (focus) => told.push({ focus }),
  });
  for (const piece of pieces) input.emit('data', Buffer.from(piece));
  deafen();
  return told;
}

const insert = (text: string) => ({ kind: 'edit', edit: { kind: 'insert', text } });
const move = (way: string, by: string) => ({ kind: 'edit', edit: { kind: 'move', way, by } });
const kill = (way: string, by: string) => ({ kind: 'edit', edit: { kind: 'kill', way, by } });
const erase = (way: string) => ({ kind: 'edit', edit: { kind: 'delete', way } });

test.each([
  { key: 'a', bytes: 'a', intent: insert('a') },
  { key: 'Shift+A', bytes: 'A', intent: insert('A') },
  { key: 'space', bytes: ' ', intent: insert(' ') },
  { key: 'a digit', bytes: '1', intent: insert('1') },
  { key: 'é', bytes: 'é', intent: insert('é') },
  { key: 'an emoji', bytes: '🦊', intent: insert('🦊') },
  { key: 'Enter', bytes: '\r', intent: { kind: 'submit' } },
  { key: 'Alt+Enter', bytes: '\u001b\r', intent: insert('\n') },
  { key: 'Ctrl+J', bytes: '\n', intent: insert('\n') },
  { key: 'Tab', bytes: '\t', intent: { kind: 'complete', way: 'forward' } },
  { key: 'Shift+Tab', bytes: '\u001b[Z', intent: { kind: 'complete', way: 'back' } },
  { key: 'Up', bytes: '\u001b[A', intent: { kind: 'recall', way: 'back' } },
  { key: 'Up, application mode', bytes: '\u001bOA', intent: { kind: 'recall', way: 'back' } },
  { key: 'Down', bytes: '\u001b[B', intent: { kind: 'recall', way: 'forward' } },
  { key: 'Left', bytes: '\u001b[D', intent: move('back', 'character') },
  { key: 'Ctrl+B', bytes: '\u0002', intent: move('back', 'character') },
  { key: 'Right', bytes: '\u001b[C', intent: move('forward', 'character') },
  { key: 'Ctrl+F', bytes: '\u0006', intent: move('forward', 'character') },
  { key: 'Ctrl+Left', bytes: '\u001b[1;5D', intent: move('back', 'word') },
  { key: 'Alt+B', bytes: '\u001bb', intent: move('back', 'word') },
  { key: 'Alt+F', bytes: '\u001bf', intent: move('forward', 'word') },
  { key: 'Home', bytes: '\u001b[H', intent: move('back', 'line') },
  { key: 'Home, tmux', bytes: '\u001b[1~', intent: move('back', 'line') },
  { key: 'Ctrl+A', bytes: '\u0001', intent: move('back', 'line') },
  { key: 'End', bytes: '\u001b[F', intent: move('forward', 'line') },
  { key: 'Ctrl+E', bytes: '\u0005', intent: move('forward', 'line') },
  { key: 'Alt+<', bytes: '\u001b<', intent: move('back', 'all') },
  { key: 'Backspace', bytes: '\u007f', intent: erase('back') },
  { key: 'Ctrl+H', bytes: '\b', intent: erase('back') },
  { key: 'Delete', bytes: '\u001b[3~', intent: erase('forward') },
  { key: 'Ctrl+D', bytes: '\u0004', intent: { kind: 'end_of_input' } },
  { key: 'Ctrl+W', bytes: '\u0017', intent: kill('back', 'blank') },
  { key: 'Alt+Backspace', bytes: '\u001b\u007f', intent: kill('back', 'word') },
  { key: 'Alt+D', bytes: '\u001bd', intent: kill('forward', 'word') },
  { key: 'Ctrl+U', bytes: '\u0015', intent: kill('back', 'line') },
  { key: 'Ctrl+K', bytes: '\u000b', intent: kill('forward', 'line') },
  { key: 'Ctrl+Y', bytes: '\u0019', intent: { kind: 'edit', edit: { kind: 'yank' } } },
  { key: 'Ctrl+T', bytes: '\u0014', intent: { kind: 'edit', edit: { kind: 'transpose' } } },
  { key: 'PgUp', bytes: '\u001b[5~', intent: { kind: 'scroll', way: 'back', by: 'page' } },
  { key: 'PgDn', bytes: '\u001b[6~', intent: { kind: 'scroll', way: 'forward', by: 'page' } },
  { key: 'Shift+Up', bytes: '\u001b[1;2A', intent: { kind: 'scroll', way: 'back', by: 'row' } },
  { key: 'Ctrl+End', bytes: '\u001b[1;5F', intent: { kind: 'scroll', way: 'forward', by: 'all' } },
  { key: 'Alt+PgDn', bytes: '\u001b[6;3~', intent: { kind: 'page_members', way: 'forward' } },
  { key: 'Alt+2', bytes: '\u001b2', intent: { kind: 'go_to_room', number: 2 } },
  { key: 'Ctrl+N', bytes: '\u000e', intent: { kind: 'step_room', way: 'forward' } },
  { key: 'Ctrl+P', bytes: '\u0010', intent: { kind: 'step_room', way: 'back' } },
  { key: 'Ctrl+R', bytes: '\u0012', intent: { kind: 'send_again' } },
  { key: 'Ctrl+X', bytes: '\u0018', intent: { kind: 'discard' } },
  { key: 'Ctrl+C', bytes: '\u0003', intent: { kind: 'quit' } },
  { key: 'Ctrl+Z', bytes: '\u001a', intent: { kind: 'suspend' } },
  { key: 'Ctrl+L', bytes: '\u000c', intent: { kind: 'redraw' } },
  { key: 'F5, which does nothing', bytes: '\u001b[15~', intent: undefined },
  { key: 'Alt+Q, which does nothing', bytes: '\u001bq', intent: undefined },
])('$key', ({ bytes, intent }) => {
  expect(understood(bytes)).toEqual([intent]);
});

test('keys that come in one piece, or torn, are keys one by one', () => {
  expect(understood('hi\u007f\r')).toEqual([insert('h'), insert('i'), erase('back'), { kind: 'submit' }]);
  expect(understood('\u001b', '[', 'A')).toEqual([{ kind: 'recall', way: 'back' }]);
  const fox = Buffer.from('🦊');
  expect(understood(fox.subarray(0, 2), fox.subarray(2))).toEqual([insert('🦊')]);
});

test('what is pasted is told as one, with keys and line ends in it', () => {
  const page = 'one\r\ntwo\u0003\t\u001b[31mthree';
  expect(understood(`\u001b[200~${page}\u001b[201~x`)).toEqual([{ paste: page, bytes: page.length }, insert('x')]);
  expect(understood('\u001b[200~on', 'e 日', '本\u001b[201~')).toEqual([{ paste: 'one 日本', bytes: 10 }]);
});

test('of a paste that is too large, only the size is kept', () => {
  expect(understood(`\u001b[200~${'x'.repeat(70_000)}\u001b[201~`)).toEqual([{ paste: undefined, bytes: 70_000 }]);
});

test('the focus of the terminal is told and is no key', () => {
  expect(understood('\u001b[Ox\u001b[I')).toEqual([{ focus: false }, insert('x'), { focus: true }]);
});

import { expect, test } from 'vitest';
import { TerminalProgram } from '../support/terminal.ts';

/** What the tests of the full-screen client lean on, with programs that are known. */

const shell = (script: string, options = {}) =>
  new TerminalProgram({ command: 'sh', args: ['-c', script], ...options });
const node = (script: string) => new TerminalProgram({ command: process.execPath, args: ['-e', script] });

test('the screen is what would be seen', async () => {
  await using terminal = shell(
    String.raw`printf '\033]2;a title\007\007\033[?25l\033[1;31mred\033[0m 李雷👍.\r\n\033[7;48;2;1;2;3mlast \033[0m'; exit 7`,
    { columns: 40, rows: 3 },
  );

  expect(await terminal.exit).toEqual({ code: 7, signal: null });
  const { emulator } = terminal;
  expect(emulator.rows).toEqual(['red 李雷👍.', 'last', '']);
  expect(emulator.cells(0).slice(2, 8)).toMatchObject([
    { column: 2, text: 'd', width: 1, fg: 1, bg: 'default', bold: true },
    { column: 3, text: ' ', bold: false },
    { column: 4, text: '李', width: 2, fg: 'default' },
    { column: 6, text: '雷', width: 2 },
    { column: 8, text: '👍', width: 2 },
    { column: 10, text: '.', width: 1 },
  ]);
  expect(emulator.cells(1)[0]).toMatchObject({ text: 'l', inverse: true, bg: '#010203' });
  expect(emulator).toMatchObject({ cursor: { x: 5, y: 1 }, isCursorVisible: false, titles: ['a title'], bells: 1 });
});

test('a shell shows what a program left behind', async () => {
  const fullScreen = `
    process.stdin.setRawMode(true);
    process.stdin.once('data', () => process.stdout.write('\\x1b[?2004l\\x1b[?25h\\x1b[?1049l', () => process.exit()));
    process.stdout.write('\\x1b[?1049h\\x1b[?25l\\x1b[?2004hfull screen');
  `;
  await using terminal = new TerminalProgram({
    command: 'sh',
    args: ['-c', 'stty -a; echo kept; "$@"; stty -a; echo after', 'sh', process.execPath, '-e', fullScreen],
  });
  const { emulator } = terminal;
  await terminal.shows((screen) => screen.trim() === 'full screen');
  expect(emulator).toMatchObject({ isAlternate: true, isCursorVisible: false, modes: { bracketedPaste: true } });
  expect(emulator.scrollback).toMatch(/\nkept$/);
  terminal.type('q');

  expect(await terminal.exit).toEqual({ code: 0, signal: null });
  expect(emulator).toMatchObject({ isAlternate: false, isCursorVisible: true, modes: { bracketedPaste: false } });
  const [before, after] = terminal.screen.split('\nkept\n');
  expect(before).toMatch(/ icanon .* echo /s);
  expect(after?.trimEnd()).toBe(`${before}\nafter`);
});

test('what is typed and pasted arrives, however slowly it is read, and the terminal answers', async () => {
  await using terminal = node(`
    process.stdin.setRawMode(true);
    let heard = '';
    process.stdin.on('data', (data) => {
      heard += data;
      process.stdout.write(data);
      if (!heard.endsWith('\\x1b[201~')) return;
      process.stdout.write('\\x1b[2J\\x1b[H' + heard.length + JSON.stringify(heard.slice(0, 16)));
      process.exit();
    });
    process.stdout.write('\\x1b[?2004h\\x1b[2;5Hready\\x1b[6n');
  `);
  await terminal.shows('ready');
  terminal.paste(`one\n${'x'.repeat(300_000)}`);
  expect(await terminal.exit).toEqual({ code: 0, signal: null });
  expect(terminal.emulator.rows[0]).toBe(`300023${JSON.stringify('\x1b[2;10R\x1b[200~one')}`);
});

test('a program is told of the new size', async () => {
  await using terminal = node(`
    setInterval(() => {}, 1000);
    process.stdout.on('resize', () => console.log(process.stdout.columns + ' by ' + process.stdout.rows));
    console.log('ready');
  `);
  await terminal.shows('ready');
  terminal.resize(100, 30);
  await terminal.shows('100 by 30');
  expect(terminal.emulator.rows).toHaveLength(30);
  terminal.signal('SIGTERM');
  expect(await terminal.exit).toEqual({ code: null, signal: 'SIGTERM' });
});

test('a closed window hangs up, and nobody is left to write to', async () => {
  await using terminal = shell(`trap 'stty 2>&- && exit 1; exit 3' HUP; echo ready; while :; do read line; done`);
  await terminal.shows('ready');
  terminal.hangUp();
  expect(await terminal.exit).toEqual({ code: 3, signal: null });
});

test('waiting in vain ends with what there was to see', async () => {
  await using terminal = shell('echo something else');
  await expect(terminal.shows('something new')).rejects.toThrow(
    /show something new \(it ended with 0;.*\nsomething else/,
  );
});

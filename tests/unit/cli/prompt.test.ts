import { PassThrough } from 'node:stream';
import { beforeEach, expect, test, vi } from 'vitest';
import { Prompt } from '../../../cli/plain/prompt.ts';

/** Something that Node's readline takes for a terminal of 20 columns. */
function terminal() {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => {} });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 20 });
  return { input, output };
}

let input: ReturnType<typeof terminal>['input'];
let output: ReturnType<typeof terminal>['output'];
let interrupted: ReturnType<typeof vi.fn<() => void>>;
let prompt: Prompt;

beforeEach(() => {
  ({ input, output } = terminal());
  interrupted = vi.fn<() => void>();
  prompt = new Prompt(input as never, output as never, { interrupted });
});

/** What was written since it was last asked, the escape character as a word. */
function written(): string {
  return String(output.read() ?? '').replaceAll('\u001b', 'ESC');
}

test('a line that is printed meanwhile stands above what is typed, which is drawn anew', async () => {
  const line = prompt.ask('> ');
  input.write('hel');
  await vi.waitFor(() => expect(written()).toContain('l'));
  prompt.print('* bob joined');
  // Left edge, clear what is below, the line, then question and words.
  expect(written()).toContain('ESC[1GESC[0J* bob joined\nESC[1GESC[0J> hel');
  input.write('lo\r');
  expect(await line).toBe('hello');
});

const THREE_ROWS = `${'x'.repeat(44)}y`;

test.each([
  { how: 'typed', keys: [...THREE_ROWS] },
  { how: 'pasted', keys: [THREE_ROWS] },
])('what is $how over several rows goes as a whole', async ({ keys }) => {
  void prompt.ask('> ');
  for (const key of keys) input.write(key);
  await vi.waitFor(() => expect(written()).toContain('y'));
  prompt.print('* bob joined');
  // Two rows up, and not up again into the printed line.
  const [above = '', below = ''] = written().split('* bob joined\n');
  expect(above).toContain('ESC[2A');
  expect(below).not.toMatch(/ESC\[\d*A/);
  expect(below).toContain(`> ${THREE_ROWS}`);
});

test('Ctrl+C is told, and what is typed is not taken for an answer', async () => {
  const line = prompt.ask('> ');
  input.write('half\u0003');
  await vi.waitFor(() => expect(interrupted).toHaveBeenCalledOnce());
  prompt.close();
  expect(await line).toBeUndefined();
  expect(written().endsWith('\n')).toBe(true);
});

test('Ctrl+D ends the input, once and for all', async () => {
  const line = prompt.ask('> ');
  input.write('\u0004');
  expect(await line).toBeUndefined();
  expect(await prompt.ask('> ')).toBeUndefined();
  prompt.print('bye');
  expect(written().endsWith('\nbye\n')).toBe(true);
});

test('lines that come before they are asked for wait', async () => {
  input.write('ana\rlobby\r');
  await vi.waitFor(() => expect(written()).toContain('lobby'));
  expect(await prompt.ask('name: ')).toBe('ana');
  expect(await prompt.ask('room: ')).toBe('lobby');
});

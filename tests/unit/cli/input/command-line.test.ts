import { expect, test } from 'vitest';
import { COMMANDS, parsed, type Typed } from '../../../../cli/input/command-line.ts';

test.each<{ readonly text: string; readonly typed: Typed }>([
  { text: '', typed: { kind: 'nothing' } },
  { text: ' \n ', typed: { kind: 'nothing' } },
  { text: 'hello', typed: { kind: 'words', content: 'hello' } },
  { text: '  two  blanks ', typed: { kind: 'words', content: '  two  blanks ' } },
  { text: 'a /join b', typed: { kind: 'words', content: 'a /join b' } },
  { text: 'a pasted page\nof two lines\n', typed: { kind: 'words', content: 'a pasted page\nof two lines' } },
  { text: '//join b', typed: { kind: 'words', content: '/join b' } },
  { text: '///', typed: { kind: 'words', content: '//' } },
  { text: '/join attic', typed: { kind: 'join', room: 'attic' } },
  { text: '/join  the attic ', typed: { kind: 'join', room: 'the attic' } },
  { text: '/leave', typed: { kind: 'leave', room: '' } },
  { text: '/leave attic', typed: { kind: 'leave', room: 'attic' } },
  { text: '/rooms', typed: { kind: 'rooms' } },
  { text: '/who', typed: { kind: 'who' } },
  { text: '/history', typed: { kind: 'history', count: 50 } },
  { text: '/history 7', typed: { kind: 'history', count: 7 } },
  { text: '/clear', typed: { kind: 'clear' } },
  { text: '/help', typed: { kind: 'help' } },
  { text: '/quit ', typed: { kind: 'quit' } },
])('$text is $typed.kind', ({ text, typed }) => {
  expect(parsed(text)).toEqual(typed);
});

test.each([
  { text: '/join', said: '/join needs a room' },
  { text: '/history x', said: '/history takes a number' },
  { text: '/history 0', said: '/history takes a number' },
  { text: '/quit now', said: '/quit takes nothing behind it' },
  { text: '/jion attic', said: 'there is no /jion; /help lists the commands, //jion sends it as words' },
  { text: '/', said: 'there is no /;' },
  { text: '/constructor', said: 'there is no /constructor' },
])('$text is a mistake, and sent to nobody', ({ text, said }) => {
  expect(parsed(text)).toEqual({ kind: 'mistake', text: expect.stringContaining(said) });
});

test('every command that help lists is understood', () => {
  for (const { name, argument } of COMMANDS) {
    expect(parsed(`/${name}${argument.startsWith('[') || argument === '' ? '' : ' x'}`).kind).toBe(name);
  }
});

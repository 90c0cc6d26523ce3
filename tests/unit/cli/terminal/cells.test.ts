import { expect, test } from 'vitest';
import { cellsOf, fitted, padded, wrapped } from '../../../../cli/terminal/cells.ts';
import { drawable } from '../../../../cli/terminal/drawable.ts';

test.each([
  { text: 'abc', cells: 3 },
  { text: 'e\u0301', cells: 1 },
  { text: '日本', cells: 4 },
  { text: '한글', cells: 4 },
  { text: '🦊', cells: 2 },
  { text: 'ﾊﾟ', cells: 2 },
  { text: '🇩🇪', cells: 2 },
  { text: '', cells: 0 },
])('$text takes $cells cells', ({ text, cells }) => {
  expect(cellsOf(text)).toBe(cells);
});

test.each([
  { text: 'abc', cells: 3, rows: ['abc'] },
  { text: 'one two three', cells: 7, rows: ['one two', 'three'] },
  { text: 'one two', cells: 3, rows: ['one', 'two'] },
  { text: 'abcdefgh', cells: 3, rows: ['abc', 'def', 'gh'] },
  { text: 'a bcdefgh', cells: 4, rows: ['a', 'bcde', 'fgh'] },
  { text: '日本語です', cells: 5, rows: ['日本', '語で', 'す'] },
  { text: 'e\u0301e\u0301e\u0301', cells: 2, rows: ['e\u0301e\u0301', 'e\u0301'] },
  { text: 'one\n\ntwo', cells: 10, rows: ['one', '', 'two'] },
  { text: '', cells: 10, rows: [''] },
  { text: '日本', cells: 1, rows: ['日', '本'] },
])('$text in $cells cells is $rows', ({ text, cells, rows }) => {
  expect(wrapped(text, cells)).toEqual(rows);
});

test('what does not fit is cut with an ellipsis, what is short is filled up', () => {
  expect(fitted('abcdef', 4)).toBe('abc…');
  expect(fitted('日本語', 4)).toBe('日…');
  expect(fitted('abc', 1)).toBe('…');
  expect(fitted('日本', 2)).toBe('…');
  expect(fitted('abc', 0)).toBe('');
  expect(padded('日本語', 6)).toBe('日本語');
  expect(padded('日本語', 5)).toBe('日本…');
  expect(padded('ab', 4)).toBe('ab  ');
});

test.each([
  { what: 'plain words', text: 'żółw, שלום, عربي', drawn: 'żółw, שלום, عربي' },
  { what: 'a family, as its people', text: '👩‍👩‍👧', drawn: '👩👩👧' },
  { what: 'an emoji without its skin tone', text: '👍🏽', drawn: '👍' },
  { what: 'a heart and a keycap as text', text: '❤️ 1️⃣', drawn: '❤ 1' },
  { what: 'joiners of scripts', text: 'می\u200cخواهم', drawn: 'می\u200cخواهم' },
  { what: 'letters that melt, as letters', text: 'क्षि', drawn: 'क्\u200cषि' },
  { what: 'a vowel that clings, as its parts', text: 'กำ', drawn: 'ก\u0e4d\u0e32' },
  { what: 'a tone of nothing, as a mark', text: 'a🏽', drawn: 'a\ufffd' },
  { what: 'invisible characters, as marks', text: 'a\u200bb\u{e0041}c\u3164', drawn: 'a\ufffdb\ufffdc\ufffd' },
  { what: 'a pile of marks, cut', text: `a${'\u0316'.repeat(40)}b`, drawn: `a${'\u0316'.repeat(8)}\ufffdb` },
  { what: 'controls, as marks', text: 'a\u001b[2J\nb', drawn: 'a␛[2J␊b' },
])('drawn are $what', ({ text, drawn }) => {
  expect(drawable(text)).toBe(drawn);
});

import { describe, expect, test } from 'vitest';
import { type Draft, type Edit, EMPTY_DRAFT, edited, isAtEdge } from '../../../../cli/input/line-editor.ts';

/** The cursor is a `|`. */
function draft(shown: string): Draft {
  return { ...EMPTY_DRAFT, text: shown.replace('|', ''), cursor: shown.indexOf('|') };
}

function shown({ text, cursor }: Draft): string {
  return `${text.slice(0, cursor)}|${text.slice(cursor)}`;
}

const insert = (text: string): Edit => ({ kind: 'insert', text });
const move = (way: 'back' | 'forward', by: 'character' | 'word' | 'line' | 'all'): Edit => ({ kind: 'move', way, by });
const line = (way: 'back' | 'forward'): Edit => ({ kind: 'move_line', way });
const erase = (way: 'back' | 'forward'): Edit => ({ kind: 'delete', way });
const kill = (way: 'back' | 'forward', by: 'word' | 'blank' | 'line'): Edit => ({ kind: 'kill', way, by });

interface Case {
  readonly from: string;
  readonly edits: readonly Edit[];
  readonly to: string;
}

test.each<Case>([
  { from: 'he|o', edits: [insert('ll')], to: 'hell|o' },
  { from: 'ab|', edits: [move('back', 'character')], to: 'a|b' },
  { from: '|ab', edits: [move('back', 'character')], to: '|ab' },
  { from: 'ab|', edits: [move('forward', 'character')], to: 'ab|' },
  { from: 'one two|', edits: [move('back', 'word')], to: 'one |two' },
  { from: 'one, |two', edits: [move('back', 'word')], to: '|one, two' },
  { from: '|one two', edits: [move('forward', 'word')], to: 'one| two' },
  { from: 'żółw 日本|', edits: [move('back', 'word')], to: 'żółw |日本' },
  { from: 'one\ntw|o\nthree', edits: [move('back', 'line')], to: 'one\n|two\nthree' },
  { from: 'one\ntw|o\nthree', edits: [move('forward', 'line')], to: 'one\ntwo|\nthree' },
  { from: 'one\ntw|o\nthree', edits: [move('back', 'all')], to: '|one\ntwo\nthree' },
  { from: 'one\ntw|o\nthree', edits: [move('forward', 'all')], to: 'one\ntwo\nthree|' },
  { from: 'ab|c', edits: [erase('back')], to: 'a|c' },
  { from: 'ab|c', edits: [erase('forward')], to: 'ab|' },
  { from: '|a', edits: [erase('back')], to: '|a' },
  { from: 'one two three|', edits: [kill('back', 'word')], to: 'one two |' },
  { from: 'ls /usr/bin|', edits: [kill('back', 'blank')], to: 'ls |' },
  { from: 'ls /usr/bin|', edits: [kill('back', 'word')], to: 'ls /usr/|' },
  { from: '|one two', edits: [kill('forward', 'word')], to: '| two' },
  { from: 'one\ntw|o\nthree', edits: [kill('back', 'line')], to: 'one\n|o\nthree' },
  { from: 'one\ntw|o\nthree', edits: [kill('forward', 'line')], to: 'one\ntw|\nthree' },
  { from: 'one|\ntwo', edits: [kill('forward', 'line')], to: 'one|two' },
  { from: 'a|b', edits: [{ kind: 'transpose' }], to: 'ba|' },
  { from: 'ab|', edits: [{ kind: 'transpose' }], to: 'ba|' },
  { from: '|ab', edits: [{ kind: 'transpose' }], to: '|ab' },
  { from: 'a|', edits: [{ kind: 'transpose' }], to: 'a|' },
])('$from becomes $to', ({ from, edits, to }) => {
  expect(shown(edits.reduce(edited, draft(from)))).toBe(to);
});

describe('what is seen as one character is one', () => {
  test.each(['e\u0301', '👩‍👩‍👧', '👍🏽', '🇩🇪', '각'])('%s', (character) => {
    const behind = draft(`a${character}|b`);
    expect(shown(edited(behind, erase('back')))).toBe('a|b');
    expect(shown(edited(behind, move('back', 'character')))).toBe(`a|${character}b`);
    expect(shown(edited(draft(`a|${character}b`), erase('forward')))).toBe('a|b');
  });
});

describe('lines', () => {
  test.each<Case>([
    { from: 'one\ntw|o', edits: [line('back')], to: 'on|e\ntwo' },
    { from: 'on|e\ntwo', edits: [line('forward')], to: 'one\ntw|o' },
    { from: 'a\nlonger|', edits: [line('back')], to: 'a|\nlonger' },
    { from: '日本語|\nabc', edits: [line('forward')], to: '日本語\nabc|' },
    { from: 'one\n|', edits: [line('back')], to: '|one\n' },
    { from: '|one', edits: [line('back')], to: '|one' },
    { from: 'one|', edits: [line('forward')], to: 'one|' },
  ])('$from becomes $to', ({ from, edits, to }) => {
    expect(shown(edits.reduce(edited, draft(from)))).toBe(to);
  });

  test.each([
    { at: 'one\ntw|o', back: false, forward: true },
    { at: 'on|e\ntwo', back: true, forward: false },
    { at: 'o|ne', back: true, forward: true },
  ])('whether $at is at an edge', ({ at, back, forward }) => {
    expect(isAtEdge(draft(at), 'back')).toBe(back);
    expect(isAtEdge(draft(at), 'forward')).toBe(forward);
  });
});

describe('what is killed comes back', () => {
  test('from the last kill', () => {
    const gone = [kill('back', 'word'), insert('x'), kill('back', 'line'), insert('y'), { kind: 'yank' } as const];
    expect(shown(gone.reduce(edited, draft('one two|')))).toBe('yone x|');
  });

  test('kills in a row add up, each on its side', () => {
    const backwards = [kill('back', 'word'), kill('back', 'word'), { kind: 'yank' } as const];
    expect(shown(backwards.reduce(edited, draft('one two three|')))).toBe('one two three|');
    const both = [kill('back', 'word'), kill('forward', 'line'), { kind: 'yank' } as const];
    expect(shown(both.reduce(edited, draft('one two| three')))).toBe('one two three|');
  });
});

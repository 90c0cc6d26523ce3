import { describe, expect, test, vi } from 'vitest';
import { checkContent, checkId, checkName, isNameOf } from '../../../src/core/names.ts';

const MAX_NAME_BYTES = 64;
const MAX_CONTENT_BYTES = 4096;
/** Marks in the order that costs most to put right: first all that go above, then all that go below. */
const PILE_OF_MARKS = `a${'\u0301'.repeat(1000)}${'\u0323'.repeat(1000)}`;

interface Name {
  readonly name: string;
  readonly value: string;
  /** In NFC, where that is something else. */
  readonly nfc?: string;
}

const NAMES: readonly Name[] = [
  { name: 'a letter', value: 'a' },
  { name: '__proto__', value: '__proto__' },
  { name: 'constructor', value: 'constructor' },
  { name: 'a dot', value: '.' },
  { name: 'a slash', value: '/' },
  { name: 'two words', value: 'two words' },
  { name: 'a space alone', value: ' ' },
  { name: 'spaces around it', value: ' ana ' },
  { name: 'a no-break space', value: '\u00a0' },
  { name: 'an ideographic space', value: '\u3000' },
  { name: 'a line separator, which is of category Z', value: 'a\u2028b' },
  { name: 'a Hangul filler, which is a letter', value: '\u3164' },
  { name: 'a combining grapheme joiner, which is a mark', value: 'a\u034fb' },
  { name: 'a variation selector, which is a mark', value: '\u2764\ufe0f' },
  { name: 'an emoji', value: '\u{1f98a}' },
  { name: 'letters of another script', value: '\u0430\u043d\u0430' },
  { name: 'a replacement character', value: '\ufffd' },
  { name: 'a mark on nothing', value: '\u0301' },
  { name: 'a letter and a mark that compose', value: 'e\u0301', nfc: '\u00e9' },
  { name: 'marks in another order', value: 'a\u0301\u0323', nfc: '\u1ea1\u0301' },
  { name: 'parts of a Hangul syllable', value: '\u1112\u1161\u11ab', nfc: '\ud55c' },
  { name: 'a compatibility letter, which stays', value: '\ufb01' },
  { name: 'the Kelvin sign', value: '\u212a', nfc: 'K' },
  { name: 'a letter that NFC takes apart', value: '\ufb2c', nfc: '\u05e9\u05bc\u05c1' },
  { name: '64 bytes', value: 'x'.repeat(64) },
  { name: '64 bytes in 16 characters', value: '\u{1f98a}'.repeat(16) },
  { name: '96 bytes that NFC makes 64', value: 'e\u0301'.repeat(32), nfc: '\u00e9'.repeat(32) },
  { name: '192 bytes that NFC makes 63', value: '\u1112\u1161\u11ab'.repeat(21), nfc: '\ud55c'.repeat(21) },
];

const NO_NAMES: readonly Name[] = [
  { name: 'nothing', value: '' },
  { name: 'NUL', value: 'a\u0000b' },
  { name: 'ESC', value: '\u001b[31mred' },
  { name: 'a line feed', value: 'a\nb' },
  { name: 'a tab', value: 'a\tb' },
  { name: 'DEL', value: 'a\u007fb' },
  { name: 'a C1 control', value: 'a\u009bb' },
  { name: 'a zero-width space', value: 'a\u200bb' },
  { name: 'a zero-width joiner', value: 'a\u200db' },
  { name: 'a family, which is joined', value: '\u{1f469}\u200d\u{1f467}' },
  { name: 'a bidi override', value: 'a\u202eb' },
  { name: 'a bidi isolate', value: 'a\u2066b' },
  { name: 'a right-to-left mark', value: 'a\u200fb' },
  { name: 'a byte order mark', value: '\ufeffa' },
  { name: 'a soft hyphen', value: 'a\u00adb' },
  { name: 'a word joiner', value: 'a\u2060b' },
  { name: 'a tag character', value: 'a\u{e0041}b' },
  { name: 'private use', value: '\ue000' },
  { name: 'private use beyond the first plane', value: '\u{100000}' },
  { name: 'an unassigned character', value: '\u0378' },
  { name: 'a noncharacter', value: '\uffff' },
  { name: 'a lone surrogate', value: 'a\ud800b' },
  { name: '65 bytes', value: 'x'.repeat(65) },
  { name: '66 bytes in 33 characters', value: '\u00e9'.repeat(33) },
  { name: '63 bytes that NFC makes 126', value: '\ufb2c'.repeat(21) },
  { name: 'a pile of marks', value: PILE_OF_MARKS },
];

describe('a name', () => {
  test.each(NAMES)('of $name is taken, in NFC', ({ value, nfc = value }) => {
    expect(checkName('room', value, MAX_NAME_BYTES)).toBe(nfc);
  });

  test.each(NO_NAMES)('of $name is refused', ({ value }) => {
    expect(checkName('room', value, MAX_NAME_BYTES)).toMatchObject({ reason: 'invalid_room' });
  });

  test.each([
    { kind: 'room', reason: 'invalid_room' },
    { kind: 'user_id', reason: 'invalid_user' },
    { kind: 'display_name', reason: 'invalid_name' },
  ] as const)('of $kind is refused as $reason, and the words say what it is', ({ kind, reason }) => {
    for (const value of ['', '\u0000', 'x'.repeat(65), PILE_OF_MARKS]) {
      expect(checkName(kind, value, MAX_NAME_BYTES)).toEqual({ reason, message: expect.stringContaining(kind) });
    }
  });

  test.each(NAMES)('of $name is known again, whatever form it comes in', ({ value, nfc = value }) => {
    for (const form of [value, nfc, nfc.normalize('NFD')]) expect(isNameOf(form, nfc)).toBe(true);
  });

  test('is not another one', () => {
    for (const other of ['', 'anas', 'Ana', 'an\u0430', `${'ana'}\u0301`, PILE_OF_MARKS]) {
      expect(isNameOf(other, 'ana')).toBe(false);
    }
  });

  test('that is far too long is not normalised, which would hold everybody up', () => {
    const normalize = vi.spyOn(String.prototype, 'normalize');
    try {
      checkName('room', PILE_OF_MARKS, MAX_NAME_BYTES);
      isNameOf(PILE_OF_MARKS, 'ana');
      expect(normalize).not.toHaveBeenCalled();
      checkName('room', 'ana', MAX_NAME_BYTES);
      expect(normalize).toHaveBeenCalledOnce();
    } finally {
      normalize.mockRestore();
    }
  });

  test('is never so short in NFC that it is taken for far too long', () => {
    const longest = (value: string) => value.normalize('NFD').length / Buffer.byteLength(value.normalize('NFC'));
    let worst = 0;
    for (let code = 1; code < 0x110000; code++) {
      if (code < 0xd800 || code > 0xdfff) worst = Math.max(worst, longest(String.fromCodePoint(code)));
    }
    expect(worst).toBeLessThanOrEqual(2);
  });
});

interface Id {
  readonly name: string;
  readonly value: string;
  readonly isTaken: boolean;
}

test.each<Id>([
  { name: 'none', value: '', isTaken: true },
  { name: 'the first of the printable characters', value: '!', isTaken: true },
  { name: 'the last', value: '~', isTaken: true },
  { name: '__proto__', value: '__proto__', isTaken: true },
  { name: '64 characters', value: 'x'.repeat(64), isTaken: true },
  { name: '65 characters', value: 'x'.repeat(65), isTaken: false },
  { name: 'a space', value: 'two words', isTaken: false },
  { name: 'a line feed at the end', value: 'a\n', isTaken: false },
  { name: 'DEL', value: 'a\u007f', isTaken: false },
  { name: 'beyond ASCII', value: '\u00e9', isTaken: false },
  { name: 'a fullwidth letter', value: '\uff41', isTaken: false },
  { name: 'a lone surrogate', value: '\udc00', isTaken: false },
])('an id of $name', ({ value, isTaken }) => {
  const refusal = { reason: 'invalid_id', message: expect.stringMatching(/^message_id must/) };
  expect(checkId('message_id', value)).toEqual(isTaken ? undefined : refusal);
});

interface Content {
  readonly name: string;
  readonly value: string;
  readonly reason: string | undefined;
}

test.each<Content>([
  { name: 'nothing', value: '', reason: 'empty_message' },
  { name: 'a space', value: ' ', reason: undefined },
  { name: 'NUL', value: '\u0000', reason: undefined },
  { name: 'an escape sequence', value: '\u001b[2J', reason: undefined },
  { name: 'a bidi override', value: '\u202e', reason: undefined },
  { name: 'a zero-width joiner', value: '\u200d', reason: undefined },
  { name: '4 KiB', value: 'x'.repeat(4096), reason: undefined },
  { name: '4 KiB of combining marks', value: '\u0301'.repeat(2048), reason: undefined },
  { name: '4 KiB and a byte', value: 'x'.repeat(4097), reason: 'message_too_long' },
  { name: '4 KiB and a mark', value: '\u0301'.repeat(2049), reason: 'message_too_long' },
  { name: 'an emoji across the limit', value: `${'x'.repeat(4094)}\u{1f98a}`, reason: 'message_too_long' },
])('content of $name', ({ value, reason }) => {
  expect(checkContent(value, MAX_CONTENT_BYTES)?.reason).toBe(reason);
});

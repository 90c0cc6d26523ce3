import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { geometryOf } from '../../../../cli/state/geometry.ts';
import { DrawnChat } from '../../../support/drawn-chat.tsx';
import { PlayedChat } from '../../../support/played-chat.ts';

const control = fc.constantFrom(
  ...['\u001b[2J', '\u001b[H', '\u001b[31m', '\u001b]0;title\u0007', '\u001bP1$r\u001b\\', '\u009b5A', '\u001bc'],
  ...[
    '\u001b[?1049l',
    '\u001b[6n',
    '\u001b#8',
    '\u0007',
    '\b',
    '\r',
    '\n',
    '\t',
    '\u0000',
    '\u007f',
    '\u0085',
    '\u001b',
  ],
);
const invisible = fc.constantFrom(
  ...['\u202e', '\u202d', '\u2066', '\u2069', '\u200e', '\u061c', '\u200b', '\u200d', '\u200c', '\ufeff', '\u00ad'],
  ...['\u2028', '\ud83d', '\udc00', '\u{e0041}', '\ufe0f', '\ufe0e', '\u034f', '\u115f', '\u3164', '\u180e', '\u1161'],
);
const wide = fc.constantFrom(
  ...['日', '本', '한', 'ﾊ', '🦊', '👩‍👩‍👧', '👍🏽', '🇩🇪', '🇩', '❤️', '1️⃣', '☺️', '🧑‍🦰', '🏴‍☠️', '⌚', '－', '🏽', '각'],
);
const marked = fc.constantFrom(
  ...['e\u0301', '\u0301', 'Z\u0351\u036b\u0343', 'क्षि', 'กำ', 'நி', 'ᄀ', '\u05d0', '\u0639', '\u20dd', 'ﷺ', 'ｶﾞ'],
  `a${'\u0316'.repeat(40)}`,
);
const plain = fc.string({ unit: fc.constantFrom('a', 'b', ' ', 'W', '.', '-'), maxLength: 12 });
const anything = fc.string({ unit: 'binary', maxLength: 6 });

const textOf = (...parts: fc.Arbitrary<string>[]) =>
  fc.array(fc.oneof(...parts), { maxLength: 60 }).map((chosen) => chosen.join(''));
/** What the emulator, which knows Unicode 11, measures as everybody does. */
const measured = textOf(control, invisible, wide, marked, plain);
const hostile = textOf(control, invisible, wide, marked, plain, anything);

describe('whatever a peer says', () => {
  test('nothing of the terminal changes, and no row but that of the words', async () => {
    const chat = PlayedChat.talking({ columns: 80 });
    using drawn = new DrawnChat(chat);
    const { emulator } = drawn;
    await fc.assert(
      fc.asyncProperty(measured, hostile, async (name, content) => {
        chat.moves('member_joined', name).hears(name, content).hears('bob', 'plain words');
        chat.press({ kind: 'scroll', way: 'forward', by: 'all' });
        await drawn.drawn();
        expect(emulator.titles).toEqual([]);
        expect(emulator.bells).toBe(0);
        expect(emulator.isAlternate).toBe(true);
        expect(emulator.cursor).toEqual({ x: 2, y: 23 });
        expect(emulator.rows[0]).toMatch(/│general · \d+ members?$/);
        for (const row of emulator.rows.slice(0, 22)) expect(row).toContain('│');
        expect(emulator.rows[21]).toContain('│  12:00 bob: plain words');
        expect(emulator.rows[22]).toMatch(/^─ connected · general #\d+ ─+$/);
        expect(emulator.rows[23]).toBe('>');
      }),
      { numRuns: 80 },
    );
  });

  test.each([80, 40, 30])('on %i columns every character stands where it was measured', async (columns) => {
    const chat = PlayedChat.talking({ columns });
    using drawn = new DrawnChat(chat);
    await fc.assert(
      fc.asyncProperty(measured, measured, async (name, content) => {
        chat.hears(name, content).press({ kind: 'scroll', way: 'forward', by: 'all' });
        await drawn.drawn();
        const { sideColumns } = geometryOf(chat.state);
        const from = sideColumns === 0 ? 0 : sideColumns + 1;
        const seen = Array.from({ length: 21 }, (_, row) =>
          drawn.emulator
            .cells(row + 1)
            .filter(({ column }) => column >= from)
            .map(({ text }) => text)
            .join('')
            .trimEnd(),
        );
        expect(seen.slice(-chat.said.length).map(bare)).toEqual(chat.said.map(bare));
      }),
      { numRuns: 40 },
    );
  });
});

/** A mark that says "do not join" is not kept by the emulator, nor are marks upon nothing. */
function bare(text: string): string {
  return text.replace(/[\p{M}\u200c\u200d]/gu, '').trimEnd();
}

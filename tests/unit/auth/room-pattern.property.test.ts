import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RoomPattern } from '../../../src/auth/room-pattern.ts';

/** Tries every run of characters that a star can stand for. */
function matchesNaively(pattern: string, room: string): boolean {
  if (pattern === '') return room === '';
  if (!pattern.startsWith('*')) return room[0] === pattern[0] && matchesNaively(pattern.slice(1), room.slice(1));
  for (let length = 0; length <= room.length; length++) {
    if (matchesNaively(pattern.slice(1), room.slice(length))) return true;
  }
  return false;
}

/** Few different ones, so that pieces are found at several places. */
const text = (units: readonly string[], maxLength: number) =>
  fc.array(fc.constantFrom(...units), { maxLength }).map((parts) => parts.join(''));

test('a pattern matches what it matches when every way is tried', () => {
  fc.assert(
    fc.property(text(['a', 'b', '*', '*', '.'], 8), text(['a', 'b', '.', '*'], 10), (pattern, room) => {
      expect(new RoomPattern(pattern).matches(room)).toBe(matchesNaively(pattern, room));
    }),
    { numRuns: 20_000 },
  );
});

test('what its stars stand for is what it matches', () => {
  fc.assert(
    fc.property(
      fc.array(text(['a', 'b', 'é', '😀'], 4), { minLength: 2, maxLength: 6 }),
      fc.infiniteStream(text(['a', 'b'], 3)),
      (pieces, runs) => {
        const room = pieces.reduce((all, piece) => all + runs.next().value + piece);
        expect(new RoomPattern(pieces.join('*')).matches(room)).toBe(true);
      },
    ),
    { numRuns: 2000 },
  );
});

test('a pattern that would keep a regular expression busy for ages is judged at once', () => {
  const pattern = new RoomPattern('*a'.repeat(127));
  const room = `${'a'.repeat(255)}b`;
  const sinceMs = performance.now();
  for (let n = 0; n < 1000; n++) expect(pattern.matches(room)).toBe(false);
  expect(performance.now() - sinceMs).toBeLessThan(2000);
});

import { describe, expect, test } from 'vitest';
import { RoomRecord } from '../../../../../cli/load/checks/room-record.ts';

/** What is wrong with each of these, told one after another: seq, sender, number. */
function wrongIn(told: readonly (readonly [seq: number, sender: number, number: number])[]) {
  const record = new RoomRecord();
  return told.map(([seq, sender, number]) => record.told('e1', seq, sender, number) ?? 'right');
}

describe('what a room has said', () => {
  test('is the same for all who hear it', () => {
    expect(
      wrongIn([
        [1, 0, 0],
        [2, 1, 0],
        [1, 0, 0],
        [2, 1, 0],
        [3, 0, 1],
      ]),
    ).toEqual(Array(5).fill('right'));
  });

  test('another message at the same seq is a contradiction', () => {
    expect(
      wrongIn([
        [1, 0, 0],
        [1, 0, 1],
        [2, 0, 1],
        [2, 1, 1],
      ]),
    ).toEqual(['right', 'contradicted', 'right', 'contradicted']);
  });

  test('the same message at two seqs stands there twice', () => {
    expect(
      wrongIn([
        [1, 0, 0],
        [2, 0, 0],
        [2, 0, 0],
      ]),
    ).toEqual(['right', 'doubled', 'right']);
  });

  test('messages of a sender in the other order', () => {
    expect(
      wrongIn([
        [1, 0, 0],
        [2, 0, 2],
        [3, 0, 1],
      ]),
    ).toEqual(['right', 'right', 'disordered']);
  });

  test('what one hears that others missed is right, though they heard later ones', () => {
    expect(
      wrongIn([
        [1, 0, 0],
        [3, 0, 2],
        [2, 0, 1],
      ]),
    ).toEqual(['right', 'right', 'right']);
  });

  test('one who is far behind is not contradicted by what came since', () => {
    const all = Array.from({ length: 3_000 }, (_, i) => [i + 1, 0, i] as const);
    expect(wrongIn([...all, [1, 0, 0], [2, 0, 1]]).filter((one) => one !== 'right')).toEqual([]);
  });

  test('in another epoch all begins anew', () => {
    const record = new RoomRecord();
    expect(record.told('e1', 1, 0, 5)).toBeUndefined();
    expect(record.told('e2', 1, 0, 6)).toBeUndefined();
    expect(record.told('e2', 1, 0, 7)).toBe('contradicted');
  });
});

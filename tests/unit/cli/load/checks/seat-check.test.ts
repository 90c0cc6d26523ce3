import { describe, expect, test } from 'vitest';
import { RoomRecord } from '../../../../../cli/load/checks/room-record.ts';
import { SeatCheck } from '../../../../../cli/load/checks/seat-check.ts';
import type { Fault } from '../../../../../cli/load/fault.ts';
import type { ClientKind } from '../../../../../cli/load/scenario.ts';

const NO_BYTES = new Uint8Array();
const AT_FIVE = { position: { epoch: 'e1', seq: 5 }, headSeq: 5 };

function seatOf(clientKind: ClientKind) {
  const faults: Fault[] = [];
  const nameOf = (sender: number) => `user-${sender}`;
  const found = (fault: Fault) => faults.push(fault);
  const check = new SeatCheck({ clientKind, room: 'red', client: 'ana', nameOf, record: new RoomRecord(), found });
  const words = () =>
    faults.map(({ kind, seqs, numbers }) => {
      const where = seqs === undefined ? '' : ` seq ${seqs.from}–${seqs.to}`;
      return `${kind}${where}${numbers === undefined ? '' : ` of ${numbers.sender} ${numbers.from}–${numbers.to}`}`;
    });
  return { check, faults, words };
}

describe('the seat of a full client', () => {
  test('goes on behind the position of its join, to the head of the room', () => {
    const { check, faults } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.message(3, 0, 6);
    check.other(7);
    check.end(9, new Map());
    expect(faults).toEqual([
      { kind: 'behind', room: 'red', client: 'ana', seqs: { from: 8, to: 9 }, numbers: undefined },
    ]);
  });

  test('that resumes goes on where it stood: what it is not given is lost', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.message(3, 0, 6);
    expect(check.position).toEqual({ epoch: 'e1', seq: 6 });
    expect(check.seatedAgain({ position: { epoch: 'e1', seq: 6 }, headSeq: 9 })).toBe(true);
    check.message(3, 2, 8);
    check.end(9, new Map());
    expect(words()).toEqual(['lost seq 7–7', 'behind seq 9–9']);
  });

  test('whose room began anew is owed it from its beginning, and nothing of the old one', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    expect(check.seatedAgain({ position: { epoch: 'e2', seq: 0 }, headSeq: 2 })).toBe(false);
    check.message(3, 7, 2);
    check.end(2, new Map());
    expect(words()).toEqual(['lost seq 1–1']);
  });

  test('that leaves has got all before its leave', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.message(3, 0, 6);
    check.left(9);
    expect(words()).toEqual(['behind seq 7–8']);
    expect(check.position).toBeUndefined();
  });

  test('what is said when all is judged is not judged', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.end(7, new Map());
    check.left(20);
    expect(words()).toEqual(['behind seq 6–7']);
  });

  test('a post in a gap that was told is neither lost nor undelivered', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.posts.add(0, NO_BYTES);
    check.posts.acked(0, 6);
    expect(check.gap(6, 8)).toBe(3);
    check.end(8, new Map());
    expect(words()).toEqual([]);
  });

  test('a post whose ack comes behind the gap that has it', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.posts.add(0, NO_BYTES);
    check.gap(6, 8);
    check.acked(0, 7);
    expect(check.posts.unanswered).toBe(0);
    check.end(8, new Map());
    expect(words()).toEqual([]);
  });

  test('is at the end when it has all that anybody knows of', () => {
    const { check } = seatOf('full');
    check.seated(AT_FIVE, true);
    expect(check.isAtTheEnd(6, new Map())).toBe(false);
    check.message(3, 0, 6);
    expect(check.isAtTheEnd(6, new Map())).toBe(true);
  });

  interface Said {
    readonly name: string;
    readonly happens: (posts: SeatCheck['posts']) => void;
    readonly found: readonly string[];
  }

  const posts: readonly Said[] = [
    { name: 'acked and delivered', happens: (book) => [book.acked(0, 6), book.delivered(0, 6)], found: [] },
    { name: 'delivered before its ack', happens: (book) => [book.delivered(0, 6), book.acked(0, 6)], found: [] },
    { name: 'acked alone', happens: (book) => book.acked(0, 6), found: ['undelivered seq 6–6 of ana 0–0'] },
    { name: 'delivered alone', happens: (book) => book.delivered(0, 6), found: ['unacked seq 6–6 of ana 0–0'] },
    { name: 'neither', happens: () => {}, found: ['unacked of ana 0–0'] },
    { name: 'refused', happens: (book) => book.refused(0), found: [] },
    {
      name: 'acked as another',
      happens: (book) => [book.acked(0, 7), book.delivered(0, 6)],
      found: ['misnumbered seq 6–6 of ana 0–0'],
    },
  ];

  test.each(posts)('a post: $name', ({ happens, found }) => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    check.posts.add(0, NO_BYTES);
    happens(check.posts);
    check.message(0, 0, 6);
    check.end(6, new Map());
    expect(words()).toEqual(found);
  });

  test('an ack that comes after that of a later post', () => {
    const { check, words } = seatOf('full');
    check.seated(AT_FIVE, true);
    for (const number of [0, 1]) {
      check.posts.add(0, NO_BYTES);
      check.posts.delivered(number, 6 + number);
    }
    check.posts.acked(1, 7);
    check.posts.acked(0, 6);
    expect(words()).toEqual(['overtaken seq 6–6 of ana 0–0']);
  });
});

describe('the seat of a basic client', () => {
  test('goes by what each sender counts', () => {
    const { check, words } = seatOf('basic');
    check.seated(AT_FIVE, true);
    for (const [sender, number] of [
      [1, 0],
      [2, 1],
      [1, 1],
      [1, 1],
    ] as const) {
      check.message(sender, number, 0);
    }
    check.end(
      0,
      new Map([
        [1, 4],
        [2, 2],
        [3, 1],
      ]),
    );
    expect(words()).toEqual([
      'doubled of user-1 1–1',
      'lost of user-2 0–0',
      'behind of user-1 2–3',
      'behind of user-3 0–0',
    ]);
  });

  test('that came later begins with the first that it hears of each', () => {
    const { check, words } = seatOf('basic');
    check.seated(AT_FIVE, false);
    check.message(1, 40, 0);
    check.message(1, 42, 0);
    check.end(
      0,
      new Map([
        [1, 43],
        [2, 9],
      ]),
    );
    expect(words()).toEqual(['lost of user-1 41–41']);
  });

  test('that was told of a gap waits no more for its own posts, which may be in it', () => {
    const { check, words } = seatOf('basic');
    check.seated(AT_FIVE, true);
    check.posts.add(0, NO_BYTES);
    check.gapOfSome();
    expect(check.posts.unanswered).toBe(0);
    check.end(0, new Map([[0, 1]]));
    expect(words()).toEqual([]);
  });

  test('that was told of a gap forgives each sender one', () => {
    const { check, words } = seatOf('basic');
    check.seated(AT_FIVE, true);
    check.message(1, 0, 0);
    check.gapOfSome();
    check.message(1, 5, 0);
    check.message(1, 7, 0);
    check.end(0, new Map([[1, 8]]));
    expect(words()).toEqual(['lost of user-1 6–6']);
  });
});

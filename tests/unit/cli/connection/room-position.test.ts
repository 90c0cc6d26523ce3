import { beforeEach, describe, expect, test } from 'vitest';
import type { ChatEvent } from '../../../../cli/connection/index.ts';
import { RoomPosition } from '../../../../cli/connection/room-position.ts';

const at = new Date(0);
const message = (seq: bigint, messageId = `id ${seq}`, userId = 'bob') =>
  ({ kind: 'message', room: 'lobby', seq, userId, displayName: userId, content: 'x', messageId, at }) as const;
const joined = (seq: bigint) =>
  ({ kind: 'member_joined', room: 'lobby', seq, userId: 'cy', displayName: 'cy', at }) as const;
const gap = (fromSeq: bigint, toSeq: bigint, epoch = 'one') =>
  ({ kind: 'gap', room: 'lobby', epoch, fromSeq, toSeq }) as const;

let position: RoomPosition;

beforeEach(() => {
  position = new RoomPosition({ room: 'lobby', position: { epoch: 'one', seq: 10n } });
});

const take = (...events: Parameters<RoomPosition['take']>[0][]): ChatEvent[] =>
  events.flatMap((event) => position.take(event));
const rejoined = (epoch: string, seq: bigint, headSeq: bigint): ChatEvent[] =>
  position.rejoined({ position: { epoch, seq }, headSeq }, 3000);

describe('in an epoch', () => {
  test('what comes next is told, and moves the position', () => {
    expect(take(message(11n), joined(12n))).toEqual([message(11n), joined(12n)]);
    expect(position.at).toEqual({ epoch: 'one', seq: 12n });
  });

  test('what is at or below the position is a double', () => {
    expect(take(message(10n), joined(3n), message(11n), message(11n))).toEqual([message(11n)]);
    expect(position.at.seq).toBe(11n);
  });

  test('what has no number is told and moves nothing', () => {
    const words = { kind: 'notice', room: 'lobby', seq: 0n, text: 'hello', joinedCount: 0, leftCount: 0 } as const;
    expect(take(words, words)).toEqual([words, words]);
    expect(position.at.seq).toBe(10n);
  });

  test('a gap is told, and the position is its end', () => {
    expect(take(gap(11n, 20n), message(20n), message(21n))).toEqual([gap(11n, 20n), message(21n)]);
  });

  test.each([
    { what: 'known already', sent: gap(5n, 10n), told: [] },
    { what: 'known in part', sent: gap(5n, 12n), told: [gap(11n, 12n)] },
    { what: 'not reaching down to the position', sent: gap(13n, 14n), told: [gap(11n, 14n)] },
    { what: 'of another epoch', sent: gap(11n, 12n, 'two'), told: [] },
  ])('a gap $what tells exactly what will not come', ({ sent, told }) => {
    expect(take(sent)).toEqual(told);
  });

  test('a hole that the server does not name is told as a gap', () => {
    expect(take(message(13n))).toEqual([gap(11n, 12n), message(13n)]);
  });

  test('what has the id of an earlier message is told: the server let its author use it again', () => {
    expect(take(message(11n, 'same'), message(12n, 'same'))).toEqual([message(11n, 'same'), message(12n, 'same')]);
  });
});

describe('after a rejoin', () => {
  const recovered = (events: number, messages: number) => ({
    ...{ kind: 'recovered', room: 'lobby', awayMs: 3000, events, messages },
  });

  test('with nothing missed, at once', () => {
    expect(rejoined('one', 10n, 10n)).toEqual([recovered(0, 0)]);
  });

  test('behind the last event of the replay, once', () => {
    expect(rejoined('one', 10n, 12n)).toEqual([]);
    expect(take(message(11n), joined(12n), message(13n))).toEqual([
      message(11n),
      joined(12n),
      recovered(2, 1),
      message(13n),
    ]);
  });

  test('the log no longer reaches back: the gap is told once, whether or not it comes by itself', () => {
    expect(rejoined('one', 15n, 16n)).toEqual([gap(11n, 15n)]);
    expect(take(gap(11n, 15n), message(16n))).toEqual([message(16n), recovered(1, 1)]);
  });

  test('a gap beyond the head ends the replay', () => {
    rejoined('one', 10n, 12n);
    expect(take(message(11n), gap(12n, 30n))).toEqual([message(11n), gap(12n, 30n), recovered(1, 1)]);
  });

  test('lost again in the middle: the replay is counted anew', () => {
    rejoined('one', 10n, 12n);
    take(message(11n));
    rejoined('one', 11n, 13n);
    expect(take(message(12n), message(13n))).toEqual([message(12n), message(13n), recovered(2, 2)]);
  });
});

describe('in another epoch', () => {
  const recovered = expect.objectContaining({ kind: 'recovered' });
  const restarted = (epoch: string) => ({ kind: 'restarted', room: 'lobby', epoch });

  test('the room began anew: its events are told from the first', () => {
    expect(rejoined('two', 0n, 2n)).toEqual([restarted('two')]);
    expect(take(joined(1n), message(2n), message(3n))).toEqual([joined(1n), message(2n), recovered, message(3n)]);
    expect(position.at).toEqual({ epoch: 'two', seq: 3n });
  });

  test('whose beginning is gone, that is told as a gap, once, whether or not it comes by itself', () => {
    expect(rejoined('two', 5n, 6n)).toEqual([restarted('two'), gap(1n, 5n, 'two')]);
    expect(take(gap(1n, 5n, 'two'), message(6n))).toEqual([message(6n), recovered]);
  });

  test('a message that was told before is not told again, but has its place; after that its id is as good as new', () => {
    take(message(11n, 'same'));
    rejoined('two', 0n, 0n);
    expect(take(message(1n, 'same'), message(2n), message(3n, 'same'))).toEqual([message(2n), message(3n, 'same')]);
  });

  test('and in the one after that neither, wherever it was told', () => {
    take(message(11n, 'first'));
    rejoined('two', 0n, 0n);
    take(message(1n, 'first'), message(2n, 'second'));
    rejoined('three', 0n, 0n);
    expect(take(message(1n, 'first'), message(2n, 'second'), message(3n))).toEqual([message(3n)]);
  });

  test('an id of one user hides no message of another, and no id hides nothing', () => {
    take(message(11n, 'same', 'ana'), message(12n, ''));
    rejoined('two', 0n, 0n);
    const events = [message(1n, 'same', 'bob'), message(2n, ''), message(3n, '')];
    expect(take(...events)).toEqual(events);
  });

  test('256 ids of each user are remembered, the last ones', () => {
    for (let n = 0n; n <= 256n; n++) take(message(11n + 2n * n, `${n}`, 'ana'), message(12n + 2n * n, `${n}`, 'bob'));
    rejoined('two', 0n, 0n);
    for (const user of ['ana', 'bob']) {
      const told = Array.from({ length: 257 }, (_, n) => take(message(position.at.seq + 1n, `${256 - n}`, user)));
      expect(told.flat()).toMatchObject([{ messageId: '0', userId: user }]);
    }
  });

  test('256 users are remembered, those who spoke last', () => {
    for (let n = 0n; n < 256n; n++) take(message(11n + n, 'same', `${n}`));
    take(message(267n, 'other', '0'), message(268n, 'same', '256'));
    rejoined('two', 0n, 0n);
    const users = [...Array.from({ length: 255 }, (_, n) => n + 2), 0, 1];
    expect(users.flatMap((user, n) => take(message(BigInt(n + 1), 'same', `${user}`)))).toMatchObject([
      { userId: '1' },
    ]);
  });
});

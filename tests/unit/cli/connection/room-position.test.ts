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
    const words = { kind: 'notice', room: 'lobby', seq: 0n, text: 'hello' } as const;
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

  test('a message id that was told is not told again, but has its place', () => {
    expect(take(message(11n, 'same'), message(12n, 'same'), message(13n))).toEqual([
      message(11n, 'same'),
      message(13n),
    ]);
  });

  test('an id of one user hides no message of another, and no id hides nothing', () => {
    const events = [message(11n, 'same', 'ana'), message(12n, 'same', 'bob'), message(13n, ''), message(14n, '')];
    expect(take(...events)).toEqual(events);
  });

  test('256 ids are remembered', () => {
    for (let seq = 11n; seq <= 267n; seq++) take(message(seq));
    expect(take(message(268n, 'id 12'))).toEqual([]);
    expect(take(message(269n, 'id 11'))).toHaveLength(1);
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

  test('another epoch: the room began anew, and what was sent again is not told again', () => {
    take(message(11n, 'mine', 'ana'));
    expect(rejoined('two', 0n, 3n)).toEqual([{ kind: 'restarted', room: 'lobby', epoch: 'two' }]);
    const events = take(joined(1n), message(2n, 'mine', 'ana'), message(3n), message(4n));
    expect(events).toEqual([joined(1n), message(3n), recovered(2, 1), message(4n)]);
    expect(position.at).toEqual({ epoch: 'two', seq: 4n });
  });

  test('lost again in the middle: the replay is counted anew', () => {
    rejoined('one', 10n, 12n);
    take(message(11n));
    rejoined('one', 11n, 13n);
    expect(take(message(12n), message(13n))).toEqual([message(12n), message(13n), recovered(2, 2)]);
  });
});

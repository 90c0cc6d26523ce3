import { expect } from 'vitest';
import type { ServerEvent } from '../../../../api/gen/chat/v1/chat.ts';
import type { Expected, LoggedEvent } from './reference.ts';

type Told = NonNullable<ServerEvent['event']>;

/** Every event that every epoch of every room ever had, by the reference. */
export type Annals = ReadonlyMap<string, readonly LoggedEvent[]>;

/**
 * Reads what one stream was told as its client would, room by room: each event is
 * the next after the client's position and is the one that the reference has
 * there; each hole is named; answers come in the order of the commands.
 */
export class Walk {
  /** Answers that are still to come: those about rooms by room, the others under ''. */
  readonly expected = new Map<string, Expected[]>();
  /** Where the client stands. */
  readonly at = new Map<string, { epoch: string; seq: number }>();
  readonly #annals: Annals;
  readonly #oldestOf: (room: string, epoch: string) => number;

  /** @param oldestOf the oldest seq that the log of a room still holds. */
  constructor(annals: Annals, oldestOf: (room: string, epoch: string) => number) {
    this.#annals = annals;
    this.#oldestOf = oldestOf;
  }

  expect(room: string, answer: Expected): void {
    const answers = this.expected.get(room) ?? [];
    answers.push(answer);
    this.expected.set(room, answers);
  }

  take(told: Told): void {
    switch (told.$case) {
      case 'broadcast':
      case 'notice':
        this.#takeEvent(told);
        return;
      case 'gap':
        this.#takeGap(told.value);
        return;
      case 'joined': {
        const { gap, ...ack } = this.#next(told.value.room);
        const { position, recovered, headSeq, memberCount, room } = told.value;
        const seq = Number(position?.seq);
        const epoch = position?.epoch ?? '';
        const answer = { $case: 'joined', epoch, seq, recovered, headSeq: Number(headSeq), memberCount };
        expect(answer).toEqual(ack);
        this.at.set(room, { epoch, seq });
        // It is the very next that is told about the room.
        if (gap !== undefined) this.expected.get(room)?.unshift({ $case: 'join gap', gap });
        return;
      }
      case 'left': {
        const { end, ...left } = this.#next(told.value.room);
        expect({ $case: 'left', seq: Number(told.value.seq) }).toEqual(left);
        const at = this.at.get(told.value.room);
        // A parked seat was owed nothing.
        if (at !== undefined) expect(at.seq).toBe(end);
        this.at.delete(told.value.room);
        return;
      }
      case 'ack': {
        const { seq, duplicate, messageId, room } = told.value;
        expect({ $case: 'ack', seq: Number(seq), duplicate, messageId }).toEqual(this.#next(room));
        return;
      }
      case 'error': {
        const { reason, retryAfterMs, room } = told.value;
        const next = this.#next(room);
        expect({ $case: 'error', reason, ...('retryAfterMs' in next && { retryAfterMs }) }).toEqual(next);
        return;
      }
      case 'welcome': {
        const { resumed } = told.value;
        expect({ $case: 'welcome', resumed }).toEqual(this.#next(''));
        return;
      }
      default:
        throw new Error(`nobody asked for ${told.$case}`);
    }
  }

  #takeEvent(told: Extract<Told, { $case: 'broadcast' | 'notice' }>): void {
    const { room, seq } = told.value;
    const at = this.at.get(room);
    if (at === undefined) throw new Error(`an event of ${room}, where there is no seat`);
    expect(Number(seq)).toBe(at.seq + 1);
    at.seq += 1;
    const event = this.#annals.get(`${room} ${at.epoch}`)?.[at.seq - 1];
    if (told.$case === 'broadcast') {
      const { userId, content } = told.value;
      expect({ kind: 'message', userId, content }).toEqual(event);
      return;
    }
    const { userId, joinedCount, leftCount, reason } = told.value;
    if (event?.kind === 'fold') expect({ kind: 'fold', joinedCount, leftCount }).toEqual(event);
    else expect({ userId }).toEqual({ userId: event !== undefined && 'userId' in event ? event.userId : '' });
    const words = ['', 'left', 'lost', 'slow_consumer'];
    if (event?.kind === 'member_left') expect(words[reason]).toBe(event.reason);
  }

  #takeGap({ room, fromSeq, toSeq, epoch }: { room: string; fromSeq: bigint; toSeq: bigint; epoch: string }): void {
    const at = this.at.get(room);
    if (at === undefined) throw new Error(`a gap in ${room}, where there is no seat`);
    expect(epoch).toBe(at.epoch);
    const [next] = this.expected.get(room) ?? [];
    if (next?.['$case'] === 'join gap') {
      expect([Number(fromSeq), Number(toSeq)]).toEqual(next['gap']);
      this.expected.get(room)?.shift();
      return;
    }
    expect(Number(fromSeq)).toBe(at.seq + 1);
    expect(toSeq).toBeGreaterThanOrEqual(fromSeq);
    // Nothing is called lost that could still be given.
    expect(Number(toSeq)).toBeLessThan(this.#oldestOf(room, epoch));
    at.seq = Number(toSeq);
  }

  #next(room: string): Expected {
    const next = this.expected.get(room)?.shift();
    if (next === undefined) throw new Error(`an answer about "${room}" that nobody asked for`);
    return next;
  }
}

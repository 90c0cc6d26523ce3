import { Member_State } from '../../api/gen/chat/v1/chat.ts';
import { chatEventOf, dateOf } from './decode.ts';
import type { ChatError } from './errors.ts';
import type { LoggedEvent } from './events.ts';
import { handled } from './handled.ts';
import type { HistoryOptions, HistoryPage, MembersPage, PageOptions } from './pages.ts';
import { type Answer, type Envelope, refusalIn } from './stream.ts';
import type { Timing } from './timing.ts';

export interface QuestionLink {
  readonly timing: Timing;
  /** Sends on the stream of now. Never calls back when it ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void): void;
  /** Why nothing can be asked now, while so many questions are outstanding. */
  refusal(outstanding: number): ChatError | undefined;
}

/**
 * What was asked and not answered yet. A question is about now: it needs a live
 * stream, fails when that ends first, and is never asked again on the next.
 */
export class Questions {
  readonly #link: QuestionLink;
  readonly #outstanding = new Set<(failure: ChatError) => void>();

  constructor(link: QuestionLink) {
    this.#link = link;
  }

  history(room: string, { before = 0n, epoch = '', limit = 0 }: HistoryOptions): Promise<HistoryPage> {
    return this.#ask({ $case: 'history', value: { room, epoch, beforeSeq: before, limit } }, (answer) => {
      if (answer.$case !== 'history') return undefined;
      const { events, ...page } = answer.value;
      const logged = events.map(({ event }) => event && chatEventOf(event)).filter(isLogged);
      return { room: page.room, epoch: page.epoch, events: logged, hasMore: page.hasMore };
    });
  }

  members(room: string, { pageSize = 0, pageToken = '' }: PageOptions): Promise<MembersPage> {
    return this.#ask({ $case: 'members', value: { room, pageSize, pageToken } }, (answer) => {
      if (answer.$case !== 'members') return undefined;
      const { members, nextPageToken, memberCount, headSeq } = answer.value;
      const listed = members.map(({ userId, displayName, joinedAtUtc, state }) => {
        return { userId, displayName, joinedAt: dateOf(joinedAtUtc), isDetached: state === Member_State.DETACHED };
      });
      return { room: answer.value.room, members: listed, nextPageToken, memberCount, headSeq };
    });
  }

  /** Milliseconds. */
  roundTrip(): Promise<number> {
    const { timing } = this.#link;
    const askedAtMs = timing.monotonicMs();
    return this.#ask({ $case: 'heartbeat', value: { nonce: Buffer.alloc(0), reply: false } }, (answer) =>
      answer.$case === 'heartbeat' ? timing.monotonicMs() - askedAtMs : undefined,
    );
  }

  /** None of them will be answered. */
  fail(failure: ChatError): void {
    for (const reject of this.#outstanding) reject(failure);
    this.#outstanding.clear();
  }

  /** @param read gives what the answer says; undefined when it is no answer to this question. */
  #ask<T>(message: Envelope, read: (answer: Answer) => T | undefined): Promise<T> {
    const asked = new Promise<T>((resolve, reject) => {
      const refusal = this.#link.refusal(this.#outstanding.size);
      if (refusal !== undefined) return reject(refusal);
      // What cannot be written, such as a negative number, throws here and is the caller's.
      this.#link.ask(message, (answer) => {
        this.#outstanding.delete(reject);
        const said = read(answer);
        if (said === undefined) reject(refusalIn(answer));
        else resolve(said);
      });
      this.#outstanding.add(reject);
    });
    return handled(asked);
  }
}

function isLogged(event: ReturnType<typeof chatEventOf>): event is LoggedEvent {
  return event !== undefined && 'seq' in event && event.seq > 0n;
}

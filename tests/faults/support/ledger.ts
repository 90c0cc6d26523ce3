import type { ServerEvent } from '../../../api/gen/chat/v1/chat.ts';
import { LeaveReason, ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';

export type Told = NonNullable<ServerEvent['event']>;
type Ack = Extract<Told, { $case: 'joined' }>['value'];
type Gap = Extract<Told, { $case: 'gap' }>['value'];

export interface Hole {
  readonly from: number;
  readonly to: number;
}

/**
 * What one client was told of one room, by seq, over all its streams. Holds it to
 * the contract's points 1 to 4: from the position of the first join on, each seq
 * comes once and in order, or stands in a gap; after a resume it goes on where it
 * stood; in another epoch from the beginning.
 */
export class Ledger {
  readonly room: string;
  epoch = '';
  /** The last seq that was told or named in a gap. */
  at = 0;
  /** What was named in gaps of this epoch. */
  gaps: Hole[] = [];
  /** Of each join: whether it said that everything since the position follows. */
  readonly recovered: boolean[] = [];
  /** What broke the contract, in words. */
  readonly violations: string[] = [];
  readonly #note: (seq: number, what: string, epoch: string) => void;
  /** A gap that the JoinAck's position announced. */
  #announcedTo: number | undefined;

  /** @param note takes each event of the log in turn. */
  constructor(room: string, note: (seq: number, what: string, epoch: string) => void) {
    this.room = room;
    this.#note = note;
  }

  /** Takes what was told, if it is about this room. */
  take(event: Told): void {
    if (!('room' in event.value) || event.value.room !== this.room) return;
    if (event.$case === 'joined') this.#joined(event.value);
    else if (event.$case === 'gap') this.#skipped(event.value);
    else if (event.$case === 'broadcast' || (event.$case === 'notice' && event.value.seq > 0n)) {
      this.#entry(Number(event.value.seq), whatHappened(event));
    }
  }

  #joined({ position, recovered }: Ack): void {
    const { epoch, seq } = { epoch: position?.epoch ?? '', seq: Number(position?.seq ?? 0n) };
    const isFirst = this.epoch === '';
    this.recovered.push(recovered);
    if (isFirst) this.at = seq;
    else if (epoch !== this.epoch) {
      this.at = 0;
      this.gaps = [];
    }
    if (recovered && (isFirst || epoch !== this.epoch)) this.#violated('recovered what was never told');
    this.epoch = epoch;
    if (recovered && seq !== this.at) this.#violated(`recovered at ${seq} where it stood at ${this.at}`);
    this.#announcedTo = seq === this.at ? undefined : seq;
  }

  #skipped({ epoch, fromSeq, toSeq }: Gap): void {
    const { from, to } = { from: Number(fromSeq), to: Number(toSeq) };
    if (epoch !== this.epoch) this.#violated(`a gap in epoch ${epoch} instead of ${this.epoch}`);
    if (from !== this.at + 1 || to < from) this.#violated(`a gap of ${from} to ${to} behind ${this.at}`);
    if (this.#announcedTo !== undefined && to !== this.#announcedTo) {
      this.#violated(`a gap to ${to} where the position said ${this.#announcedTo}`);
    }
    this.#announcedTo = undefined;
    this.gaps.push({ from, to });
    this.at = to;
  }

  #entry(seq: number, what: string): void {
    if (seq <= this.at) this.#violated(`${seq} came again, behind ${this.at}: ${what}`);
    else if (seq > this.at + 1) this.#violated(`a hole of ${this.at + 1} to ${seq - 1} that nothing explains`);
    this.at = Math.max(this.at, seq);
    this.#note(seq, what, this.epoch);
  }

  #violated(how: string): void {
    this.violations.push(`${this.room}: ${how}`);
  }
}

/** An event of a room's log in words that are the same for everyone who is told of it. */
function whatHappened(event: Extract<Told, { $case: 'broadcast' | 'notice' }>): string {
  if (event.$case === 'broadcast') {
    const { userId, content, messageId } = event.value;
    return `${userId} said ${content} (${messageId})`;
  }
  const { type, userId, reason, joinedCount, leftCount } = event.value;
  if (type === ServerNotice_Type.USER_JOINED) return `${userId} joined`;
  if (type === ServerNotice_Type.USER_LEFT) return `${userId} left: ${wordOf(reason)}`;
  return `${joinedCount} joined and ${leftCount} left`;
}

/** The reason of a leave, as the contract calls it without its prefix. */
export function wordOf(reason: LeaveReason): string {
  return Object.entries(LeaveReason).find(([, value]) => value === reason)?.[0] ?? `${reason}`;
}

import type { Position } from './commands.ts';
import type { Cursor } from './cursor.ts';
import type { LeaveReason, Reason, Refusal } from './errors.ts';
import type { Gap, Joined } from './events.ts';
import type { Grant } from './grant.ts';
import type { Limits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Clock } from './ports.ts';
import type { Member, Room } from './room.ts';
import type { RoomRegistry } from './room-registry.ts';
import type { Surroundings } from './surroundings.ts';

/** A session's seat. Without a cursor it is parked: kept, and owed nothing until it is joined again. */
interface Seat {
  readonly room: Room;
  readonly member: Member;
  cursor: Cursor | undefined;
}

/** A seat that is taken: a member with a cursor. */
export type TakenSeat = Seat & { readonly cursor: Cursor };

interface Taker {
  readonly userId: string;
  readonly displayName: string;
  /** Where it stood in the room, if it said so. */
  readonly position: Position | undefined;
}

/** What taking a seat is answered with. */
export interface Taken {
  readonly joined: Omit<Joined, 'kind' | 'requestId'>;
  /** What it missed and will not be given. */
  readonly gap: Gap | undefined;
}

/** Where a session sits, by room. */
export class Seats {
  readonly #seats = new Map<string, Seat>();
  readonly #outbox: Outbox;
  readonly #rooms: RoomRegistry;
  readonly #clock: Clock;
  readonly #limits: Limits;
  /** When seats that are still parked end. */
  #parkedUntilMs = Number.POSITIVE_INFINITY;

  constructor(outbox: Outbox, { rooms, clock, limits }: Pick<Surroundings, 'rooms' | 'clock' | 'limits'>) {
    this.#outbox = outbox;
    this.#rooms = rooms;
    this.#clock = clock;
    this.#limits = limits;
  }

  get size(): number {
    return this.#seats.size;
  }

  /** The seat in a room, unless it is parked. */
  taken(room: string): TakenSeat | undefined {
    const seat = this.#seats.get(room);
    return seat?.cursor === undefined ? undefined : (seat as TakenSeat);
  }

  /** Takes a seat, or one that was parked again; the latter makes no event. */
  take(name: string, { userId, displayName, position }: Taker): Taken | Refusal {
    const refused = (reason: Reason, message: string): Refusal => ({ reason, message, room: name });
    const parked = this.#seats.get(name);
    if (parked?.cursor !== undefined) return refused('already_joined', `you are in ${name} already`);
    const known = this.#rooms.get(name);
    const head = known?.log.head ?? 0;
    if (position !== undefined && position.epoch === known?.epoch && position.seq > BigInt(head)) {
      return refused('invalid_position', `${name} has only ${head} events`);
    }
    if (parked !== undefined) {
      parked.room.retake(parked.member);
      return this.#begin(parked, position);
    }
    if (this.#seats.size >= this.#limits.maxRoomsPerSession) {
      return refused('too_many_rooms', `you are in ${this.#seats.size} rooms; leave one first`);
    }
    const refusal = known?.refusesMember(userId);
    if (refusal !== undefined) return refusal;
    const room = this.#rooms.obtain(name);
    if (room === undefined) return refused('server_full', `no place for another room beside ${this.#limits.maxRooms}`);
    const seat: Seat = { room, member: room.join({ userId, displayName, outbox: this.#outbox }), cursor: undefined };
    this.#rooms.joined(room);
    this.#seats.set(name, seat);
    return this.#begin(seat, position);
  }

  /** Keeps all seats for whoever comes back until then, and owes them nothing meanwhile. */
  park(untilMs: number): void {
    this.#parkedUntilMs = untilMs;
    for (const seat of this.#seats.values()) {
      this.#close(seat);
      seat.room.detach(seat.member, untilMs);
    }
  }

  /**
   * Frees the seat in a room, parked or not. Returns the seq of the leave, 0 when
   * it took none, or undefined when there is no seat. `isSilent`: nobody is told.
   */
  free(name: string, reason: LeaveReason, isSilent: boolean): number | undefined {
    const seat = this.#seats.get(name);
    if (seat === undefined) return undefined;
    this.#seats.delete(name);
    // One time for both: a fold that the leave would end comes before it, and so is owed to this member too.
    const nowMs = this.#clock.monotonicMs();
    try {
      if (!isSilent) seat.room.endFold(nowMs);
    } finally {
      this.#close(seat);
      seat.room.vacate(seat.member);
      this.#rooms.left(seat.room);
    }
    return isSilent ? 0 : seat.room.announceLeave(seat.member, reason, nowMs);
  }

  /** Frees all seats. A fault with one of them is thrown when all are free. */
  freeAll(reason: LeaveReason, isSilent: boolean): void {
    this.#freeEach([...this.#seats.keys()], (room) => this.free(room, reason, isSilent));
  }

  /**
   * Frees the parked seats whose time is over, as lost, and those in rooms that the grant does not allow (any more).
   * Tells of each, with the seq as of `free`. Faults as with all.
   */
  freeDue(
    {
      nowMs,
      grant,
      isSilent,
    }: { readonly nowMs: number; readonly grant: Grant | undefined; readonly isSilent: boolean },
    freed: (room: string, reason: LeaveReason, seq: number) => void,
  ): void {
    const isOver = nowMs >= this.#parkedUntilMs;
    if (isOver) this.#parkedUntilMs = Number.POSITIVE_INFINITY;
    if (!isOver && grant === undefined) return;
    const due: string[] = [];
    for (const [room, { cursor }] of this.#seats) {
      if (cursor === undefined && (isOver || grant?.mayJoin(room) === false)) due.push(room);
    }
    this.#freeEach(due, (room) => {
      const reason = grant?.mayJoin(room) === false ? 'forbidden' : 'lost';
      freed(room, reason, this.free(room, reason, isSilent) ?? 0);
    });
  }

  #freeEach(rooms: readonly string[], free: (room: string) => void): void {
    const faults: unknown[] = [];
    for (const room of rooms) {
      try {
        free(room);
      } catch (fault) {
        faults.push(fault);
      }
    }
    if (faults.length > 0) throw faults[0];
  }

  /**
   * Delivery begins at the head, or where the client stood; in another epoch, at
   * its beginning. What the log no longer holds of that is skipped and told.
   */
  #begin(seat: Seat, position: Position | undefined): Taken {
    const { room, member } = seat;
    const { name, epoch, log } = room;
    const isSameEpoch = position?.epoch === epoch;
    const from = position === undefined ? log.head : isSameEpoch ? Number(position.seq) : 0;
    seat.cursor = this.#outbox.open(room, from);
    const gap = this.#outbox.skipGap(seat.cursor);
    const { userId, displayName } = member;
    const recovered = isSameEpoch && gap === undefined;
    const standing = { headSeq: log.head, memberCount: room.toldMembers };
    return { joined: { room: name, userId, displayName, epoch, seq: seat.cursor.at, recovered, ...standing }, gap };
  }

  #close(seat: Seat): void {
    if (seat.cursor !== undefined) this.#outbox.close(seat.cursor);
    seat.cursor = undefined;
  }
}

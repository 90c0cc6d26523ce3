import type { LeaveReason, Refusal } from './errors.ts';
import type { MemberView, RoomEvent } from './events.ts';
import type { Fanout } from './fanout.ts';
import type { Limits } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Clock, EncodeRoomEvent } from './ports.ts';
import { RecentPosts } from './recent-posts.ts';
import { RoomLog } from './room-log.ts';

/** A session's seat in a room. */
export interface Member extends MemberView {
  readonly outbox: Outbox;
  /** Rises with each join of the room, so that it can stand in a page token. */
  readonly ordinal: number;
}

export interface RoomPorts {
  readonly clock: Clock;
  readonly fanout: Fanout;
  readonly encode: EncodeRoomEvent;
  readonly limits: Limits;
}

type Numbered = { readonly room: string; readonly seq: number; readonly utcMs: number };
type Unnumbered<E> = E extends RoomEvent ? Omit<E, keyof Numbered> : never;

/** A group of members with one log. Everything that happens in it is appended, in one order. */
export class Room {
  readonly name: string;
  /** New whenever a room is made anew, so an old position cannot pass for a new one. */
  readonly epoch: string;
  /** Rises with each room made, so that it can stand in a page token. */
  readonly ordinal: number;
  readonly log: RoomLog;
  /** By user id, in the order they joined. */
  readonly members: ReadonlyMap<string, Member>;
  readonly #members = new Map<string, Member>();
  readonly #recentPosts: RecentPosts;
  readonly #ports: RoomPorts;
  #lastOrdinal = 0;

  constructor(identity: { name: string; epoch: string; ordinal: number }, ports: RoomPorts) {
    this.name = identity.name;
    this.epoch = identity.epoch;
    this.ordinal = identity.ordinal;
    this.log = new RoomLog(ports.limits.roomHistoryBytes);
    this.members = this.#members;
    this.#recentPosts = new RecentPosts(ports.limits.maxMembersPerRoom);
    this.#ports = ports;
  }

  /** Whether this user could take a seat now. */
  refusesMember(userId: string): Refusal | undefined {
    const room = this.name;
    if (this.#members.has(userId)) {
      return { reason: 'user_taken', room, message: `${userId} is in ${room} already; take another user id` };
    }
    if (this.#members.size >= this.#ports.limits.maxMembersPerRoom) {
      return { reason: 'room_full', room, message: `${room} has its ${this.#members.size} members, no seat is free` };
    }
    return undefined;
  }

  /**
   * Seats a user whom the room does not refuse. The join is appended first, so
   * the others are told of it, and the new member's delivery begins after it.
   */
  join(user: { readonly userId: string; readonly displayName: string; readonly outbox: Outbox }): Member {
    const { clock } = this.#ports;
    const { userId, displayName, outbox } = user;
    this.#append({ kind: 'member_joined', userId, displayName });
    this.#lastOrdinal += 1;
    const member: Member = { userId, displayName, outbox, ordinal: this.#lastOrdinal, joinedAtUtcMs: clock.utcMs() };
    this.#members.set(userId, member);
    this.#recentPosts.resume(userId, clock.monotonicMs());
    return member;
  }

  /** Appends a member's words, unless it said them before under this (non-empty) message id. */
  post(member: Member, content: string, messageId: string): { readonly seq: number; readonly duplicate: boolean } {
    const { userId, displayName } = member;
    const known = messageId === '' ? undefined : this.#recentPosts.seqOf(userId, messageId);
    if (known !== undefined) return { seq: known, duplicate: true };
    const seq = this.#append({ kind: 'message', userId, displayName, content, messageId });
    if (messageId !== '') this.#recentPosts.remember(userId, messageId, seq);
    return { seq, duplicate: false };
  }

  /** Frees a seat. */
  vacate(member: Member): void {
    this.#members.delete(member.userId);
    this.#recentPosts.end(member.userId, this.#ports.clock.monotonicMs());
  }

  /** Tells those who are still there that a seat was vacated. Returns the leave's seq. */
  announceLeave({ userId, displayName }: Member, reason: LeaveReason): number {
    return this.#append({ kind: 'member_left', userId, displayName, reason });
  }

  #append(event: Unnumbered<RoomEvent>): number {
    const numbered: Numbered = { room: this.name, seq: this.log.head + 1, utcMs: this.#ports.clock.utcMs() };
    const seq = this.log.append(this.#ports.encode({ ...event, ...numbered } as RoomEvent));
    this.#ports.fanout.appended(this.#members);
    return seq;
  }
}

import type { LeaveReason, Refusal } from './errors.ts';
import type { MemberView, RoomEvent } from './events.ts';
import type { Fanout } from './fanout.ts';
import { type Limits, SWEEP_EVERY_MS } from './limits.ts';
import type { Outbox } from './outbox.ts';
import type { Clock, EncodeRoomEvent, MessageTrace } from './ports.ts';
import { RecentPosts } from './recent-posts.ts';
import { RoomLog } from './room-log.ts';

/** A session's seat in a room. */
export interface Member extends MemberView {
  readonly outbox: Outbox;
  /** Rises with each join of the room, so that it can stand in a page token. */
  readonly ordinal: number;
  isDetached: boolean;
  /** While detached: when the seat ends, in monotonic ms. */
  endsAtMs: number;
}

export interface RoomPorts {
  readonly clock: Clock;
  readonly fanout: Fanout;
  readonly encode: EncodeRoomEvent;
  readonly limits: Limits;
}

/** What a room tells whoever keeps all rooms. */
export interface RoomKeeper {
  /** The room's log holds so many bytes more, or less, and has given so many events up. */
  grew(room: Room, bytes: number, trimmed: number): void;
  /** The room has begun to fold; call `endFold` when its second is over. */
  folds(room: Room): void;
  /** The room keeps message ids of users that are gone; call `forgetPosts` now and then. */
  remembers(room: Room): void;
}

/** Where a message stands, and whether it was said before. */
export interface Posted {
  readonly seq: number;
  readonly duplicate: boolean;
}

type Numbered = { readonly room: string; readonly seq: number; readonly utcMs: number };
type Unnumbered<E> = E extends RoomEvent ? Omit<E, keyof Numbered> : never;
type Announcement = Extract<Unnumbered<RoomEvent>, { kind: 'member_joined' | 'member_left' }>;

const FOLD_WINDOW_MS = 1000;

/** A group of members with one log. Everything that happens in it is appended, in one order. */
export class Room {
  readonly name: string;
  /** New whenever a room is made anew, so an old position cannot pass for a new one. */
  readonly epoch: string;
  /** Rises with each room made, so that it can stand in a page token. */
  readonly ordinal: number;
  readonly log: RoomLog;
  /** By user id, in the order they joined; the detached ones too. */
  readonly members: ReadonlyMap<string, Member>;
  readonly #members = new Map<string, Member>();
  /** Those who are owed what is appended: the members that are not detached. */
  readonly #audience = new Map<string, Member>();
  /** Made with the first message that has an id. */
  #recentPosts: RecentPosts | undefined;
  readonly #ports: RoomPorts;
  readonly #keeper: RoomKeeper;
  #lastOrdinal = 0;
  /** Joins and leaves in the second that began then. */
  #announced = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };
  #fold: { joinedCount: number; leftCount: number } | undefined;

  constructor(identity: { name: string; epoch: string; ordinal: number }, ports: RoomPorts, keeper: RoomKeeper) {
    this.name = identity.name;
    this.epoch = identity.epoch;
    this.ordinal = identity.ordinal;
    this.log = new RoomLog(ports.limits.roomHistoryBytes);
    this.members = this.#members;
    this.#ports = ports;
    this.#keeper = keeper;
  }

  /** How many members the log has told of: while joins and leaves are folded, not the latest. */
  get toldMembers(): number {
    return this.#members.size - (this.#fold?.joinedCount ?? 0) + (this.#fold?.leftCount ?? 0);
  }

  /** Whether this user could take a seat now. */
  refusesMember(userId: string): Refusal | undefined {
    const room = this.name;
    const holder = this.#members.get(userId);
    if (holder?.isDetached) {
      // The seat ends at the sweep after its time.
      const leftMs = Math.max(0, Math.ceil(holder.endsAtMs - this.#ports.clock.monotonicMs()));
      const retryAfterMs = leftMs + SWEEP_EVERY_MS;
      const message = `${userId} is in ${room} with a session whose stream is gone; its seat ends in ${retryAfterMs} ms`;
      return { reason: 'user_taken', room, message, retryAfterMs };
    }
    if (holder !== undefined) {
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
    const ordinal = ++this.#lastOrdinal;
    const joinedAtUtcMs = clock.utcMs();
    const member: Member = { userId, displayName, outbox, ordinal, joinedAtUtcMs, isDetached: false, endsAtMs: 0 };
    this.#members.set(userId, member);
    try {
      this.#announce({ kind: 'member_joined', userId, displayName }, clock.monotonicMs());
    } catch (fault) {
      this.#members.delete(userId);
      throw fault;
    }
    this.#audience.set(userId, member);
    this.#recentPosts?.resume(userId, clock.monotonicMs());
    return member;
  }

  /** Appends a member's words, unless it said them before under this (non-empty) message id. */
  post(member: Member, content: string, messageId: string, trace: MessageTrace | undefined): Posted {
    const { userId, displayName } = member;
    const known = messageId === '' ? undefined : this.#recentPosts?.seqOf(userId, messageId);
    if (known !== undefined) return { seq: known, duplicate: true };
    const traceparent = trace?.traceparent ?? '';
    const seq = this.#append({ kind: 'message', userId, displayName, content, messageId, traceparent }, trace);
    if (messageId !== '') {
      this.#recentPosts ??= new RecentPosts(this.#ports.limits.maxMembersPerRoom);
      this.#recentPosts.remember(userId, messageId, seq);
    }
    return { seq, duplicate: false };
  }

  /** Keeps the seat, and owes it nothing until it is taken again; nobody is told. */
  detach(member: Member, endsAtMs: number): void {
    member.isDetached = true;
    member.endsAtMs = endsAtMs;
    this.#audience.delete(member.userId);
  }

  /** The member is back in its seat; nobody is told. */
  retake(member: Member): void {
    member.isDetached = false;
    this.#audience.set(member.userId, member);
  }

  /** Frees a seat. */
  vacate(member: Member): void {
    this.#members.delete(member.userId);
    this.#audience.delete(member.userId);
    this.#recentPosts?.end(member.userId, this.#ports.clock.monotonicMs());
    if (this.#recentPosts?.hasEnded) this.#keeper.remembers(this);
  }

  /** Forgets message ids whose time is over. Returns whether some are left of users that are gone. */
  forgetPosts(): boolean {
    this.#recentPosts?.forget(this.#ports.clock.monotonicMs());
    return this.#recentPosts?.hasEnded ?? false;
  }

  /** Tells those who are still there that a seat was vacated. Returns the leave's seq, 0 when it was folded. */
  announceLeave({ userId, displayName }: Member, reason: LeaveReason, nowMs: number): number {
    return this.#announce({ kind: 'member_left', userId, displayName, reason }, nowMs);
  }

  /** Appends a fold when its second is over by then. Returns whether it still goes on. */
  endFold(nowMs: number): boolean {
    if (this.#fold === undefined) return false;
    if (nowMs - this.#announced.sinceMs < FOLD_WINDOW_MS) return true;
    const fold = this.#fold;
    this.#fold = undefined;
    this.#append({ kind: 'fold', ...fold });
    return false;
  }

  /** Appends a join or leave, or folds it when its second has had too many. */
  #announce(announcement: Announcement, nowMs: number): number {
    if (nowMs - this.#announced.sinceMs >= FOLD_WINDOW_MS) {
      this.endFold(nowMs);
      this.#announced = { sinceMs: nowMs, count: 0 };
    }
    this.#announced.count += 1;
    if (this.#announced.count <= this.#ports.limits.foldAbove) return this.#append(announcement);
    if (this.#fold === undefined) this.#keeper.folds(this);
    this.#fold ??= { joinedCount: 0, leftCount: 0 };
    this.#fold[announcement.kind === 'member_joined' ? 'joinedCount' : 'leftCount'] += 1;
    return 0;
  }

  #append(event: Unnumbered<RoomEvent>, trace?: MessageTrace): number {
    const numbered: Numbered = { room: this.name, seq: this.log.head + 1, utcMs: this.#ports.clock.utcMs() };
    const { heldBytes, oldest } = this.log;
    const seq = this.log.append(this.#ports.encode({ ...event, ...numbered } as RoomEvent));
    this.#ports.fanout.appended(this.#audience, trace);
    const grown = this.log.heldBytes - heldBytes;
    const trimmed = this.log.oldest - oldest;
    if (grown !== 0 || trimmed !== 0) this.#keeper.grew(this, grown, trimmed);
    return seq;
  }
}

/**
 * The contract's twelve points as a plain model: arrays, no bytes, no cursors, no
 * outbox. It says what each command is answered with and what stands in each
 * room; what a client is delivered follows from that and its position.
 */

export const LIMITS = {
  rateLimit: 0,
  maxRooms: 3,
  maxMembersPerRoom: 3,
  maxRoomsPerSession: 2,
  foldAbove: 3,
  resumeGraceMs: 15_000,
  roomHistoryAgeMs: 60_000,
  roomHistoryBytes: 4096,
  // Judged by tests of their own.
  heartbeatIntervalMs: 2 ** 31,
  stuckWriteTimeoutMs: 2 ** 31,
};
const MESSAGE_IDS = 256;
const MESSAGE_IDS_MS = 120_000;

export type LoggedEvent =
  | { readonly kind: 'message'; readonly userId: string; readonly content: string }
  | { readonly kind: 'member_joined' | 'member_left'; readonly userId: string; readonly reason?: string }
  | { readonly kind: 'fold'; readonly joinedCount: number; readonly leftCount: number };

export interface Seat {
  readonly session: ReferenceSession;
  /** Live seats are delivered to; the others are kept until then. */
  isLive: boolean;
  endsAtMs: number;
}

export class ReferenceRoom {
  readonly name: string;
  readonly epoch: string;
  /** Index 0 has seq 1. */
  readonly events: LoggedEvent[] = [];
  readonly seats = new Map<string, Seat>();
  readonly posts = new Map<string, { ids: [string, number][]; endsAtMs: number }>();
  emptySinceMs: number | undefined;
  /** Among rooms that became empty in one moment, which did first. */
  emptyOrder = 0;
  second = { sinceMs: Number.NEGATIVE_INFINITY, count: 0 };
  fold = { joinedCount: 0, leftCount: 0 };

  constructor(name: string, epoch: string) {
    this.name = name;
    this.epoch = epoch;
  }

  get head(): number {
    return this.events.length;
  }

  get toldMembers(): number {
    return this.seats.size - this.fold.joinedCount + this.fold.leftCount;
  }

  append(event: LoggedEvent): number {
    return this.events.push(event);
  }

  announce(
    event: Extract<LoggedEvent, { userId: string; kind: 'member_joined' | 'member_left' }>,
    nowMs: number,
  ): number {
    if (nowMs - this.second.sinceMs >= 1000) {
      this.endFold(nowMs);
      this.second = { sinceMs: nowMs, count: 0 };
    }
    this.second.count += 1;
    if (this.second.count <= LIMITS.foldAbove) return this.append(event);
    this.fold[event.kind === 'member_joined' ? 'joinedCount' : 'leftCount'] += 1;
    return 0;
  }

  endFold(nowMs: number): void {
    if (nowMs - this.second.sinceMs >= 1000) this.endFoldNow();
  }

  endFoldNow(): void {
    if (this.fold.joinedCount + this.fold.leftCount === 0) return;
    this.append({ kind: 'fold', ...this.fold });
    this.fold = { joinedCount: 0, leftCount: 0 };
  }
}

export interface ReferenceSession {
  readonly userId: string;
  readonly token: string;
  phase: 'active' | 'detached' | 'closed';
  untilMs: number;
  reason: string;
  parkedUntilMs: number;
  readonly rooms: Set<ReferenceRoom>;
}

export type Expected = Readonly<Record<string, unknown>>;
const refused = (reason: string, more: Expected = {}): Expected => ({ $case: 'error', reason, ...more });

/** The whole server. Ids that the real one draws are told to it. */
export class Reference {
  readonly rooms = new Map<string, ReferenceRoom>();
  readonly sessions: ReferenceSession[] = [];
  nowMs = 0;
  #isDraining = false;
  #lastEmpty = 0;

  /** Nothing is appended any more but what was being folded. */
  drain(): void {
    for (const room of this.rooms.values()) room.endFoldNow();
    this.#isDraining = true;
  }

  welcome(userId: string, given: string, token: () => string): { session: ReferenceSession; resumed: boolean } {
    const known = this.sessions.find((one) => one.token === given && one.userId === userId && one.phase !== 'closed');
    if (known === undefined) {
      const fresh: ReferenceSession = {
        userId,
        token: token(),
        phase: 'active',
        untilMs: 0,
        reason: '',
        parkedUntilMs: Number.POSITIVE_INFINITY,
        rooms: new Set(),
      };
      this.sessions.push(fresh);
      return { session: fresh, resumed: false };
    }
    known.phase = 'active';
    known.parkedUntilMs = this.nowMs + LIMITS.resumeGraceMs;
    this.#park(known, known.parkedUntilMs);
    return { session: known, resumed: true };
  }

  /** `oldest` is what the real log still holds: how it trims is judged elsewhere. */
  join(
    session: ReferenceSession,
    name: string,
    position: { epoch: string; seq: number } | undefined,
    real: { oldest: () => number; epoch: () => string },
  ): Expected {
    if (this.#isDraining) return refused('draining');
    let room = this.rooms.get(name);
    const seat = room?.seats.get(session.userId);
    const isOwn = seat !== undefined && seat.session === session;
    if (isOwn && seat.isLive) return refused('already_joined');
    if (position !== undefined && room?.epoch === position.epoch && position.seq > room.head) {
      return refused('invalid_position');
    }
    if (isOwn) seat.isLive = true;
    else {
      if (session.rooms.size >= LIMITS.maxRoomsPerSession) return refused('too_many_rooms');
      if (seat !== undefined) {
        return refused('user_taken', { retryAfterMs: seat.isLive ? 0 : Math.ceil(seat.endsAtMs - this.nowMs) + 250 });
      }
      if (room !== undefined && room.seats.size >= LIMITS.maxMembersPerRoom) return refused('room_full');
      if (room === undefined && this.rooms.size >= LIMITS.maxRooms) {
        const idlest = [...this.rooms.values()]
          .filter(({ emptySinceMs }) => emptySinceMs !== undefined)
          .sort((a, b) => a.emptyOrder - b.emptyOrder)[0];
        if (idlest === undefined) return refused('server_full');
        this.rooms.delete(idlest.name);
      }
      room ??= new ReferenceRoom(name, real.epoch());
      this.rooms.set(name, room);
      room.emptySinceMs = undefined;
      room.seats.set(session.userId, { session, isLive: true, endsAtMs: 0 });
      session.rooms.add(room);
      room.announce({ kind: 'member_joined', userId: session.userId }, this.nowMs);
      const posts = room.posts.get(session.userId);
      if (posts !== undefined && posts.endsAtMs <= this.nowMs) room.posts.delete(session.userId);
      else if (posts !== undefined) posts.endsAtMs = Number.POSITIVE_INFINITY;
    }
    if (room === undefined) throw new Error('a seat in no room');
    const isSame = position?.epoch === room.epoch;
    const from = position === undefined ? room.head : isSame ? position.seq : 0;
    const reached = Math.max(from, Math.min(real.oldest() - 1, room.head));
    return {
      $case: 'joined',
      epoch: room.epoch,
      seq: reached,
      recovered: isSame && reached === from,
      headSeq: room.head,
      memberCount: room.toldMembers,
      gap: reached > from ? [from + 1, reached] : undefined,
    };
  }

  post(session: ReferenceSession, name: string, content: string, messageId: string): Expected {
    if (this.#isDraining) return refused('draining');
    const room = this.rooms.get(name);
    if (room === undefined || !this.#isLive(session, room)) return refused('not_a_member');
    const posts = room.posts.get(session.userId) ?? { ids: [], endsAtMs: Number.POSITIVE_INFINITY };
    const known = messageId === '' ? undefined : posts.ids.find(([id]) => id === messageId);
    if (known !== undefined) return { $case: 'ack', seq: known[1], duplicate: true, messageId };
    const seq = room.append({ kind: 'message', userId: session.userId, content });
    if (messageId !== '') {
      posts.ids.push([messageId, seq]);
      if (posts.ids.length > MESSAGE_IDS) posts.ids.shift();
      room.posts.set(session.userId, posts);
    }
    return { $case: 'ack', seq, duplicate: false, messageId };
  }

  leave(session: ReferenceSession, name: string): Expected {
    const room = this.rooms.get(name);
    if (room === undefined || !session.rooms.has(room)) return refused('not_a_member');
    const end = room.head;
    return { $case: 'left', seq: this.#free(session, room, 'left'), end };
  }

  /** The stream is over. */
  lose(session: ReferenceSession, reason: string): void {
    if (session.phase !== 'active') return;
    if (session.rooms.size === 0) {
      session.phase = 'closed';
      return;
    }
    session.phase = 'detached';
    session.untilMs = this.nowMs + LIMITS.resumeGraceMs;
    session.reason = reason;
    this.#park(session, session.untilMs);
  }

  /** Returns which parked seats have ended. */
  sweep(): { session: ReferenceSession; room: string; seq: number }[] {
    const ended: { session: ReferenceSession; room: string; seq: number }[] = [];
    for (const session of this.sessions) {
      if (session.phase === 'detached' && this.nowMs >= session.untilMs) {
        session.phase = 'closed';
        for (const room of [...session.rooms]) this.#free(session, room, session.reason);
      }
      if (session.phase !== 'active' || this.nowMs < session.parkedUntilMs) continue;
      session.parkedUntilMs = Number.POSITIVE_INFINITY;
      for (const room of [...session.rooms]) {
        if (this.#isLive(session, room)) continue;
        ended.push({ session, room: room.name, seq: this.#free(session, room, 'lost') });
      }
    }
    for (const room of this.rooms.values()) room.endFold(this.nowMs);
    for (const room of this.rooms.values()) {
      if (room.emptySinceMs !== undefined && this.nowMs - room.emptySinceMs >= LIMITS.roomHistoryAgeMs) {
        this.rooms.delete(room.name);
      }
    }
    return ended;
  }

  #isLive(session: ReferenceSession, room: ReferenceRoom): boolean {
    return session.rooms.has(room) && room.seats.get(session.userId)?.isLive === true;
  }

  #park(session: ReferenceSession, untilMs: number): void {
    for (const room of session.rooms) {
      const seat = room.seats.get(session.userId);
      if (seat !== undefined) Object.assign(seat, { isLive: false, endsAtMs: untilMs });
    }
  }

  #free(session: ReferenceSession, room: ReferenceRoom, reason: string): number {
    room.seats.delete(session.userId);
    session.rooms.delete(room);
    const posts = room.posts.get(session.userId);
    if (posts !== undefined) posts.endsAtMs = this.nowMs + MESSAGE_IDS_MS;
    const leave = { kind: 'member_left', userId: session.userId, reason } as const;
    const seq = this.#isDraining ? 0 : room.announce(leave, this.nowMs);
    if (room.seats.size === 0) {
      room.emptySinceMs = this.nowMs;
      room.emptyOrder = ++this.#lastEmpty;
    }
    return seq;
  }
}

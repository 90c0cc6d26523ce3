import { status } from '@grpc/grpc-js';
import { ChatError } from './errors.ts';
import type { ChatEvent, JoinedRoom, LeaveReason } from './events.ts';
import { handled } from './handled.ts';
import { RoomPosition } from './room-position.ts';
import { type Answer, type Envelope, refusalIn } from './stream.ts';
import type { Timing } from './timing.ts';

/** How often a seat waits for the end of the session that holds its name. */
const MOST_GHOSTS = 2;
/** The end of a session comes a moment after the told one, when the server next looks. */
const GHOST_AGAIN_MS = 1_000;

export interface SeatLink {
  readonly timing: Timing;
  /** Sends, when there is a stream. Never calls back when the stream ends first. */
  ask(message: Envelope, answered: (answer: Answer) => void): void;
  tell(event: ChatEvent): void;
  /** The room is joined, for the first time or again. */
  seated(): void;
  /** The seat is no more; what still waits for it fails with `why`. */
  gone(why: ChatError): void;
}

type Phase =
  /** A join is under way, or goes out with the next stream. */
  | { readonly kind: 'joining' }
  /** The server said when to ask again. */
  | { readonly kind: 'delayed'; readonly cancel: () => void }
  | { readonly kind: 'seated' }
  | { readonly kind: 'over' };

interface Leaving {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (failure: ChatError) => void;
  cancelRetry: () => void;
}

/** A room that this side wants to be in, from `join` to the end of `leave`, over all streams. */
export class Seat {
  readonly room: string;
  /** Settled by the first answer that is final. */
  readonly joined: Promise<JoinedRoom>;
  readonly #link: SeatLink;
  readonly #resolveJoined: (joined: JoinedRoom) => void;
  readonly #rejectJoined: (failure: ChatError) => void;
  #phase: Phase = { kind: 'joining' };
  /** Undefined before the first join is through. */
  #position: RoomPosition | undefined;
  #leaving: Leaving | undefined;
  /** Since when the room is out of reach, by the monotonic clock. */
  #lostAtMs: number | undefined;
  #ghosts = 0;

  constructor(room: string, link: SeatLink) {
    this.room = room;
    this.#link = link;
    const { promise, resolve, reject } = Promise.withResolvers<JoinedRoom>();
    this.joined = handled(promise);
    this.#resolveJoined = resolve;
    this.#rejectJoined = reject;
  }

  /** An answer to the caller's `join` or `leave` is outstanding. */
  get isPending(): boolean {
    return this.#position === undefined || this.#leaving !== undefined;
  }

  get phase(): Phase['kind'] {
    return this.#phase.kind;
  }

  get left(): Promise<void> | undefined {
    return this.#leaving?.promise;
  }

  /** Takes the seat, or takes it back where the application stood. */
  enter(): void {
    const value = { userId: '', room: this.room, displayName: '', position: this.#position?.at };
    this.#link.ask({ $case: 'join', value }, (answer) => this.#joinAnswered(answer));
  }

  /** Settled behind the last event of the room; without a stream, when the server knows. */
  leave(): Promise<void> {
    if (this.#leaving !== undefined) return this.#leaving.promise;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#leaving = { promise: handled(promise), resolve, reject, cancelRetry: () => {} };
    if (this.#phase.kind === 'delayed') {
      this.#phase.cancel();
      this.#phase = { kind: 'joining' };
    }
    this.sendLeave();
    return promise;
  }

  /** Once more, on a new stream. The seat may have ended with its session, and is then left all the same. */
  sendLeave(): void {
    const leaving = this.#leaving;
    if (leaving === undefined) return;
    this.#link.ask({ $case: 'leave', value: { userId: '', room: this.room } }, (answer) => {
      if (this.#phase.kind === 'over') return;
      if (answer.$case === 'left') return this.#end();
      const refusal = refusalIn(answer);
      if (refusal.reason === 'not_a_member') return this.#end();
      if (refusal.retryAfterMs !== undefined) {
        leaving.cancelRetry = this.#link.timing.after(refusal.retryAfterMs, () => this.sendLeave());
        return;
      }
      this.#leaving = undefined;
      leaving.reject(refusal);
    });
  }

  /** What the server sent from the room. */
  take(event: Parameters<RoomPosition['take']>[0]): void {
    for (const told of this.#position?.take(event) ?? []) this.#link.tell(told);
  }

  /** The seat is gone by the server's will. While a join is under way that is the one of before, which ended meanwhile. */
  removed(reason: LeaveReason): void {
    if (this.#leaving === undefined && this.#phase.kind !== 'seated') return;
    if (this.#leaving === undefined) this.#link.tell({ kind: 'removed', room: this.room, reason });
    this.#end();
  }

  streamLost(): void {
    this.#lostAtMs ??= this.#link.timing.monotonicMs();
    this.streamMoved();
  }

  /** Another stream has taken the place of the one before: the room is joined there again, and was never out of reach. */
  streamMoved(): void {
    this.#stopTimers();
    this.#phase = { kind: 'joining' };
  }

  /** The connection is over. */
  close(failure: ChatError): void {
    this.#stopTimers();
    this.#phase = { kind: 'over' };
    this.#rejectJoined(failure);
    this.#leaving?.reject(failure);
  }

  #joinAnswered(answer: Answer): void {
    if (answer.$case === 'joined') this.#seated(answer.value);
    else this.#refused(refusalIn(answer));
  }

  #seated(ack: Extract<Answer, { $case: 'joined' }>['value']): void {
    const awayMs = this.#lostAtMs === undefined ? undefined : this.#link.timing.monotonicMs() - this.#lostAtMs;
    this.#phase = { kind: 'seated' };
    this.#lostAtMs = undefined;
    this.#ghosts = 0;
    if (this.#position === undefined) {
      this.#position = new RoomPosition(ack);
      const { welcomeMessage, memberCount } = ack;
      this.#resolveJoined({ room: ack.room, welcomeMessage, memberCount, position: this.#position.at });
    } else {
      for (const told of this.#position.rejoined(ack, awayMs)) this.#link.tell(told);
    }
    this.#link.seated();
  }

  #refused(because: ChatError): void {
    // The stream ends soon; the next one joins.
    if (because.reason === 'draining') return;
    if (because.reason === 'user_taken') this.#ghosts += 1;
    if (because.retryAfterMs === undefined || this.#ghosts > MOST_GHOSTS) {
      if (this.#position !== undefined) this.#link.tell({ kind: 'rejoin_refused', room: this.room, because });
      this.#end(because);
      return;
    }
    const { timing } = this.#link;
    const delayMs = Math.max(because.retryAfterMs, this.#ghosts > 1 ? GHOST_AGAIN_MS : 0);
    const cancel = timing.after(delayMs, () => {
      this.#phase = { kind: 'joining' };
      this.enter();
    });
    this.#phase = { kind: 'delayed', cancel };
    const until = new Date(timing.utcMs() + delayMs);
    this.#link.tell({ kind: 'join_delayed', room: this.room, until, because });
  }

  #end(why = this.#notJoined): void {
    this.#stopTimers();
    this.#phase = { kind: 'over' };
    this.#rejectJoined(why);
    this.#leaving?.resolve();
    this.#link.gone(why);
  }

  get #notJoined(): ChatError {
    const how = this.#position === undefined ? 'was left before it was joined' : 'is not joined any more';
    const message = `${this.room} ${how}`;
    return new ChatError({ reason: 'not_a_member', code: status.FAILED_PRECONDITION, message, room: this.room });
  }

  #stopTimers(): void {
    if (this.#phase.kind === 'delayed') this.#phase.cancel();
    this.#leaving?.cancelRetry();
  }
}

import type { Command } from './commands.ts';
import { Dialogue, type Outcome } from './dialogue.ts';
import type { LeaveReason, Reason, Refusal } from './errors.ts';
import type { Answer } from './events.ts';
import type { Grant } from './grant.ts';
import { introduction } from './introduction.ts';
import { checkId, isNameOf } from './names.ts';
import { Outbox } from './outbox.ts';
import { Patience } from './patience.ts';
import type { ClientKind, Sink } from './ports.ts';
import { Seats } from './seats.ts';
import type { Speaker } from './speaker.ts';
import type { Surroundings } from './surroundings.ts';
import { TokenLife } from './token-life.ts';

/** What becomes of a stream by what its client did: it ends well, once everything owed is written; or with a refusal; or goes on as another session's. */
export type End =
  | { readonly kind: 'finished' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | { readonly kind: 'moved'; readonly to: Session };

/** Where the sessions are kept. */
export interface SessionDirectory {
  /** Counts a session that has just got its identity, or says why there can be no other. */
  readonly admit: (session: Session) => Refusal | undefined;
  /** The session that a resume token belongs to. */
  readonly find: (resumeToken: string) => Session | undefined;
  /** Forgets a session whose stream goes on as another's. */
  readonly forget: (session: Session) => void;
}

type Phase =
  | { readonly kind: 'joining' }
  | { readonly kind: 'active' }
  | { readonly kind: 'detached'; readonly untilMs: number; readonly reason: LeaveReason }
  | { readonly kind: 'closed' };

const ACTIVE: Phase = { kind: 'active' };

/** How the seats of a stream that is cut for this reason end; for any other it is `lost`. */
const LEAVE_BY_CUT: Partial<Record<Reason, LeaveReason>> = { slow_consumer: 'slow_consumer', banned: 'kicked' };

/**
 * One client: who it is, where it sits, and what becomes of what it says. The
 * session of a full client outlives its streams: without one it is detached, its
 * seats are kept for a grace, and the resume token brings it back.
 */
export class Session {
  readonly id: string;
  readonly resumeToken: string;
  readonly outbox: Outbox;
  readonly #surroundings: Surroundings & SessionDirectory;
  readonly #dialogue: Dialogue;
  readonly #patience: Patience;
  readonly #seats: Seats;
  /** Undefined until it says so. */
  #speaker: Speaker | undefined;
  /** Undefined when the stream is over. */
  #sink: Sink | undefined;
  #phase: Phase = { kind: 'joining' };

  constructor(
    names: { readonly id: string; readonly resumeToken: string; readonly grant: Grant | undefined },
    sink: Sink,
    surroundings: Surroundings & SessionDirectory,
  ) {
    const { clock, limits } = surroundings;
    this.id = names.id;
    this.resumeToken = names.resumeToken;
    this.outbox = new Outbox(this, surroundings);
    this.outbox.attach(sink);
    this.#seats = new Seats(this.outbox, surroundings);
    this.#sink = sink;
    this.#surroundings = surroundings;
    this.#dialogue = new Dialogue(names.id, this.#seats, surroundings);
    this.#patience = new Patience(new TokenLife(names.grant, clock), limits, clock.monotonicMs());
  }

  /** Which kind of client this is; `basic` as long as it did not say. */
  get client(): ClientKind {
    return this.#speaker?.client ?? 'basic';
  }

  /** Who speaks; undefined until it says so. */
  get speaker(): Speaker | undefined {
    return this.#speaker;
  }

  /** What the token of its stream grants; undefined where nobody needs one. */
  get grant(): Grant | undefined {
    return this.#patience.token.grant;
  }

  get phase(): Phase['kind'] {
    return this.#phase.kind;
  }

  /** Its client is not to be read for a while. */
  get isFull(): boolean {
    return this.outbox.isFull || this.#dialogue.isFlooded;
  }

  /** Handles one command. What it says to its client goes to the outbox. */
  receive(received: Command): End | undefined {
    // A basic client knows no request ids, and what it does not know is ignored.
    const knowsIds = this.client === 'full' || received.kind === 'hello';
    const command = knowsIds || received.requestId === '' ? received : { ...received, requestId: '' };
    const speaker = this.#speaker;
    if (this.#phase.kind === 'closed' || this.#phase.kind === 'detached') return undefined;
    this.#patience.heard(this.#surroundings.clock.monotonicMs());
    const outcome: Outcome | End =
      speaker === undefined ? this.#handleFirst(command) : this.#dialogue.handle(command, speaker);
    if (outcome === undefined) return undefined;
    if ('reason' in outcome) {
      if (speaker === undefined) return { kind: 'refused', refusal: outcome };
      const requestId = checkId('request_id', command.requestId) === undefined ? command.requestId : '';
      this.tell({ kind: 'refused', requestId, refusal: outcome }, outcome.room);
      return undefined;
    }
    // Nothing that a basic client says behind its last leave counts. What it is owed it is owed without a seat.
    if (outcome.kind === 'finished') this.#leaveStream('left');
    if (outcome.kind !== 'answered') return outcome;
    for (const answer of outcome.answers) this.tell(answer, outcome.room);
    return undefined;
  }

  /** Owes the client an answer; about a room, it comes behind what an ended seat there is still owed. */
  tell(answer: Answer, room?: string): void {
    this.outbox.answer(answer, room);
    this.#surroundings.fanout.answered(this.outbox);
  }

  /**
   * The client half-closed: a basic one has left, a full one is detached. What it
   * is owed up to here can still be written.
   */
  halfClose(): void {
    this.#leaveStream(this.client === 'full' ? 'lost' : 'left');
  }

  /** The stream on `sink` is gone. Returns whether the session is without one now; it may have gone on on another. */
  lose(sink: Sink): boolean {
    if (sink === this.#sink) this.#dropStream('lost');
    return this.#sink === undefined;
  }

  /** Ends the stream with a refusal, without regard to what is owed. */
  cut(refusal: Refusal): void {
    const sink = this.#sink;
    if (sink === undefined) return;
    this.#dropStream(LEAVE_BY_CUT[refusal.reason] ?? 'lost');
    sink.end(refusal);
  }

  /** The token is good no more: the stream ends. Of a banned user nothing is kept. */
  expel(refusal: Refusal): void {
    if (this.#phase.kind === 'detached' && refusal.reason === 'banned') this.#close('kicked');
    this.cut(refusal);
  }

  /** Looks at what is due. To be called a few times a second. */
  sweep(nowMs: number): void {
    try {
      this.#sweep(nowMs);
    } catch (fault) {
      if (this.#sink === undefined) this.#surroundings.faulted(fault);
      else this.#sink.failed(fault);
    }
  }

  #sweep(nowMs: number): void {
    const phase = this.#phase;
    if (phase.kind === 'detached' && nowMs >= phase.untilMs) this.#close(phase.reason);
    if (phase.kind === 'active') {
      this.#seats.freeDue({ nowMs, grant: this.grant, isSilent: this.#isDraining }, (room, reason, seq) => {
        this.tell({ kind: 'left', requestId: '', room, reason, seq }, room);
      });
    }
    const due = this.#patience.check(nowMs, this);
    if (due === undefined) return;
    if ('cut' in due) this.cut(due.cut);
    else this.tell('ask' in due ? { kind: 'heartbeat' } : { kind: 'refused', requestId: '', refusal: due.tell });
  }

  /** The server stood still for so long, and that is not the client's fault. */
  forgive(stalledMs: number): void {
    this.#patience.forgive(stalledMs, this.outbox);
  }

  /** Goes on on another stream: the old one ends, and the seats are parked until each is joined again. */
  takeOver(sink: Sink, requestId: string, token: TokenLife): void {
    const speaker = this.#speaker && { ...this.#speaker, grant: token.grant };
    if (speaker === undefined || this.#phase.kind === 'closed') return;
    this.cut({ reason: 'replaced', message: 'this session goes on on a newer stream' });
    const nowMs = this.#surroundings.clock.monotonicMs();
    this.outbox.attach(sink);
    this.#sink = sink;
    this.#speaker = speaker;
    this.#phase = ACTIVE;
    this.#patience.renew(token, nowMs);
    this.#seats.park(nowMs + this.#surroundings.limits.resumeGraceMs);
    this.#tellWelcome(speaker, requestId, true);
  }

  /** Whether this session would come back for whoever says to be `userId`; '' is anybody. */
  isOf(userId: string): boolean {
    const isUser = userId === '' || isNameOf(userId, this.#speaker?.userId ?? '');
    return isUser && this.#phase.kind !== 'closed';
  }

  #handleFirst(command: Command): Outcome | End {
    this.#dialogue.begin();
    const speaker = introduction(command, this.#surroundings, this.grant);
    if ('reason' in speaker) return speaker;
    if ('resumes' in speaker) return this.#goOnAs(speaker.resumes, command.requestId);
    const full = this.#surroundings.admit(this);
    if (full !== undefined) return full;
    this.#speaker = speaker;
    this.#phase = ACTIVE;
    if (command.kind === 'join') return this.#dialogue.enter(command, speaker);
    this.#tellWelcome(speaker, command.requestId, false);
    return undefined;
  }

  /** The stream of this session is from now on the other's. */
  #goOnAs(other: Session, requestId: string): End {
    if (this.#sink !== undefined) other.takeOver(this.#sink, requestId, this.#patience.token);
    this.#phase = { kind: 'closed' };
    this.#sink = undefined;
    this.#surroundings.forget(this);
    return { kind: 'moved', to: other };
  }

  #tellWelcome({ userId, displayName }: Speaker, requestId: string, resumed: boolean): void {
    const { id: sessionId, resumeToken } = this;
    const { limits } = this.#surroundings;
    this.tell({ kind: 'welcome', requestId, sessionId, resumeToken, resumed, userId, displayName, limits });
  }

  #dropStream(reason: LeaveReason): void {
    this.#leaveStream(reason);
    this.outbox.drop();
    this.#sink = undefined;
  }

  /** A full client's session that has seats is detached, any other is closed. */
  #leaveStream(reason: LeaveReason): void {
    const phase = this.#phase;
    if (phase.kind === 'detached' || phase.kind === 'closed') return;
    const { clock, limits, fanout } = this.#surroundings;
    if (this.client === 'basic' || this.#seats.size === 0 || reason === 'kicked') this.#close(reason);
    else {
      const untilMs = clock.monotonicMs() + limits.resumeGraceMs;
      this.#seats.park(untilMs);
      this.#phase = { kind: 'detached', untilMs, reason };
    }
    fanout.answered(this.outbox);
  }

  #close(reason: LeaveReason): void {
    this.#phase = { kind: 'closed' };
    this.#seats.freeAll(reason, this.#isDraining);
  }

  /** Nothing is appended any more. */
  get #isDraining(): boolean {
    return this.#surroundings.draining() !== undefined;
  }
}

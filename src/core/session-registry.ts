import type { Refusal } from './errors.ts';
import type { Grant } from './grant.ts';
import { SWEEP_EVERY_MS } from './limits.ts';
import type { NewId, Sink } from './ports.ts';
import { Session, type SessionDirectory } from './session.ts';
import type { Surroundings } from './surroundings.ts';

/** A sweep that comes this late says that the process stood still, and everybody else did not. */
const STALLED_MS = 8 * SWEEP_EVERY_MS;

/**
 * The sessions there are: those on a stream, from its first moment, so that this
 * bounds streams too; and the detached ones by their token.
 */
export class SessionRegistry {
  /** On a stream that has not said who it is. */
  readonly #joining = new Set<Session>();
  /** Active and detached, by session id. */
  readonly #sessions = new Map<string, Session>();
  /** Closed, and still on a stream that takes its time to read the rest. */
  readonly #ending = new Set<Session>();
  readonly #surroundings: Surroundings & SessionDirectory;
  readonly #newId: NewId;
  #draining: Refusal | undefined;
  #sweptAtMs: number;

  constructor(surroundings: Omit<Surroundings, 'draining'>, newId: NewId) {
    this.#surroundings = {
      ...surroundings,
      draining: () => this.#draining,
      admit: (session) => this.#admit(session),
      find: (resumeToken) => this.#find(resumeToken),
      forget: (session) => this.#joining.delete(session),
    };
    this.#newId = newId;
    this.#sweptAtMs = surroundings.clock.monotonicMs();
  }

  /** Sessions with an identity, the detached ones too. */
  get size(): number {
    return this.#sessions.size;
  }

  /** Events of rooms that sessions are owed and that have not left yet. */
  get behind(): number {
    let events = 0;
    for (const { outbox } of this.#sessions.values()) events += outbox.behind;
    for (const { outbox } of this.#ending) events += outbox.behind;
    return events;
  }

  all(): Iterable<Session> {
    return this.#sessions.values();
  }

  /** A session for a new stream, which came with a token if it needs one; or why there can be none. */
  open(sink: Sink, grant?: Grant): Session | Refusal {
    if (this.#draining !== undefined) return this.#draining;
    if (this.#joining.size >= this.#surroundings.limits.maxSessions) return this.#full();
    const id = this.#newId();
    const session = new Session({ id, resumeToken: `${id}.${this.#newId()}`, grant }, sink, this.#surroundings);
    this.#joining.add(session);
    this.#surroundings.turn.cameIn();
    return session;
  }

  /** The stream of a session, which was `sink`, is over. */
  close(session: Session, sink: Sink): void {
    let isWithoutStream = true;
    try {
      isWithoutStream = session.lose(sink);
    } finally {
      if (isWithoutStream) {
        this.#joining.delete(session);
        this.#ending.delete(session);
        if (session.phase === 'closed') this.#sessions.delete(session.id);
      }
    }
  }

  /** Ends every session whose token is good no more. @param revoked says why; undefined for one that is. */
  expel(revoked: (grant: Grant) => Refusal | undefined): void {
    for (const session of [...this.#joining, ...this.#sessions.values()]) {
      const refusal = session.grant && revoked(session.grant);
      if (refusal !== undefined) session.expel(refusal);
    }
  }

  /** From now on nothing is appended and nobody comes in; those who ask are told `refusal`. */
  drain(refusal: Refusal): void {
    this.#surroundings.rooms.endFolds();
    this.#draining = refusal;
  }

  /** Ends what is due: graces, handshakes, silent and stuck streams. To be called every SWEEP_EVERY_MS. */
  sweep(): void {
    const nowMs = this.#surroundings.clock.monotonicMs();
    const lateMs = nowMs - this.#sweptAtMs - SWEEP_EVERY_MS;
    this.#sweptAtMs = nowMs;
    // What arrived meanwhile is not read yet: judge the next time.
    const isStalled = lateMs >= STALLED_MS;
    for (const session of [...this.#joining, ...this.#sessions.values(), ...this.#ending]) {
      if (isStalled) session.forgive(lateMs);
      else session.sweep(nowMs);
      if (session.phase !== 'closed') continue;
      this.#sessions.delete(session.id);
      if (session.outbox.isEmpty) this.#ending.delete(session);
      else this.#ending.add(session);
    }
    if (!isStalled) this.#cutLongestWrites();
  }

  #admit(session: Session): Refusal | undefined {
    if (this.#sessions.size >= this.#surroundings.limits.maxSessions) return this.#full();
    this.#joining.delete(session);
    this.#sessions.set(session.id, session);
    return undefined;
  }

  #find(resumeToken: string): Session | undefined {
    const session = this.#sessions.get(resumeToken.slice(0, resumeToken.indexOf('.')));
    return session !== undefined && isSameSecret(session.resumeToken, resumeToken) ? session : undefined;
  }

  /** Above the budget of all unfinished writes, ends the streams of the longest ones. */
  #cutLongestWrites(): void {
    const { maxUnfinishedBytes } = this.#surroundings.limits;
    const writes = [...this.#sessions.values(), ...this.#ending].flatMap((session) => {
      const { unfinished } = session.outbox;
      return unfinished === undefined ? [] : [{ session, unfinished }];
    });
    let bytes = writes.reduce((sum, { unfinished }) => sum + unfinished.bytes, 0);
    if (bytes <= maxUnfinishedBytes) return;
    writes.sort((a, b) => a.unfinished.sinceMs - b.unfinished.sinceMs);
    for (const { session, unfinished } of writes) {
      if (bytes <= maxUnfinishedBytes) return;
      bytes -= unfinished.bytes;
      session.cut({ reason: 'slow_consumer', message: 'the server holds too much that is not read; read faster' });
    }
  }

  #full(): Refusal {
    const { maxSessions } = this.#surroundings.limits;
    return { reason: 'server_full', message: `the server has its ${maxSessions} sessions; try again later` };
  }
}

/** Compares in a time that tells nothing about where two texts of one length differ. */
function isSameSecret(known: string, given: string): boolean {
  if (known.length !== given.length) return false;
  let difference = 0;
  for (let i = 0; i < known.length; i++) difference |= known.charCodeAt(i) ^ given.charCodeAt(i);
  return difference === 0;
}

import type { Refusal } from './errors.ts';
import type { NewId, Sink } from './ports.ts';
import { Session, type SessionSurroundings } from './session.ts';

/** The sessions there are. A stream is one from its first moment, so that this bounds streams too. */
export class SessionRegistry {
  readonly #sessions = new Set<Session>();
  readonly #surroundings: SessionSurroundings;
  readonly #newId: NewId;
  #draining: Refusal | undefined;

  constructor(surroundings: Omit<SessionSurroundings, 'draining'>, newId: NewId) {
    this.#surroundings = { ...surroundings, draining: () => this.#draining };
    this.#newId = newId;
  }

  get size(): number {
    return this.#sessions.size;
  }

  /** A session for a new stream, or why there can be none. */
  open(sink: Sink): Session | Refusal {
    const { maxSessions } = this.#surroundings.limits;
    if (this.#draining !== undefined) return this.#draining;
    if (this.#sessions.size >= maxSessions) {
      return { reason: 'server_full', message: `the server has its ${maxSessions} sessions; try again later` };
    }
    const session = new Session(this.#newId(), sink, this.#surroundings);
    this.#sessions.add(session);
    return session;
  }

  /** The session's stream is over. */
  close(session: Session): void {
    session.outbox.drop();
    session.end('lost');
    this.#sessions.delete(session);
  }

  /** From now on nothing is appended and nobody comes in; those who ask are told `refusal`. */
  drain(refusal: Refusal): void {
    this.#draining = refusal;
  }
}

import type { Command, Heartbeat, History, Join, Leave, Members, Post } from './commands.ts';
import type { Reason, Refusal } from './errors.ts';
import type { Answer } from './events.ts';
import { PAGE_COST } from './limits.ts';
import { checkContent, checkId, checkName } from './names.ts';
import type { MessageTrace } from './ports.ts';
import { historyPage, memberPage } from './queries.ts';
import { RateLimit } from './rate-limit.ts';
import type { Seats } from './seats.ts';
import { refusesUser, type Speaker } from './speaker.ts';
import type { Surroundings } from './surroundings.ts';

/**
 * What becomes of a command: it is answered; refused, and changed nothing; or the
 * stream ends, well or with a refusal.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly answers: readonly Answer[]; readonly room?: string }
  | { readonly kind: 'finished' }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  | Refusal
  | undefined;

/** What a client says once it is known who it is, command by command, and no faster than it may. */
export class Dialogue {
  readonly #sessionId: string;
  readonly #seats: Seats;
  readonly #surroundings: Surroundings;
  readonly #rate: RateLimit;

  constructor(sessionId: string, seats: Seats, surroundings: Surroundings) {
    const { clock, limits } = surroundings;
    this.#sessionId = sessionId;
    this.#seats = seats;
    this.#surroundings = surroundings;
    this.#rate = new RateLimit(limits, clock.monotonicMs());
  }

  /** The first envelope counts like any other. */
  begin(): void {
    this.#rate.take(1, this.#surroundings.clock.monotonicMs());
  }

  /** So much was refused as too fast that for a moment nothing more is to be read. */
  get isFlooded(): boolean {
    return this.#rate.isFlooded(this.#surroundings.clock.monotonicMs());
  }

  /** What becomes of a command of a client whose identity is known. */
  handle(command: Command, speaker: Speaker): Outcome {
    if (command.kind !== 'post') return this.#handle(command, speaker, undefined);
    const { observer, traffic } = this.#surroundings;
    const { traceparent, messageId } = command;
    traffic.received += 1;
    const trace = observer.follow({ sessionId: this.#sessionId, traceparent, messageId });
    let outcome: Outcome;
    try {
      outcome = this.#handle(command, speaker, trace);
    } catch (fault) {
      trace?.rejected({ reason: 'internal', message: 'an internal error' });
      throw fault;
    }
    if (outcome !== undefined && 'reason' in outcome) {
      traffic.reject(outcome.reason);
      trace?.rejected(outcome);
    }
    return outcome;
  }

  #handle(command: Command, speaker: Speaker, trace: MessageTrace | undefined): Outcome {
    const { clock, limits } = this.#surroundings;
    const isFull = speaker.client === 'full';
    const waitMs = this.#rate.take(this.#costOf(command), clock.monotonicMs());
    if (waitMs > 0) {
      if (this.#rate.isExhausted) return ended('rate_limited', 'for ten seconds you were too fast in each');
      const message = `more than ${limits.rateLimit} envelopes a second; wait ${waitMs} ms`;
      const seat = 'room' in command ? this.#seats.taken(command.room) : undefined;
      return { reason: 'rate_limited', message, retryAfterMs: waitMs, ...(seat && { room: seat.room.name }) };
    }
    const malformed = isFull ? checkId('request_id', command.requestId) : undefined;
    if (malformed !== undefined) return malformed;
    switch (command.kind) {
      case 'hello':
        return ended('already_welcomed', 'hello comes first on a stream, and once');
      case 'join':
        return this.enter(command, speaker);
      case 'post':
        return this.#post(command, speaker, trace);
      case 'leave':
        return this.#leave(command, speaker);
      case 'history':
        return isFull ? this.#history(command) : notForBasic();
      case 'members':
        return isFull ? this.#members(command, speaker) : notForBasic();
      case 'heartbeat':
        return isFull ? this.#heartbeat(command) : notForBasic();
      case 'unrecognised':
        return isFull
          ? { reason: 'unsupported', message: 'this server does not know such an envelope' }
          : notForBasic();
    }
  }

  #costOf(command: Command): number {
    if (command.kind === 'history' || command.kind === 'members') return PAGE_COST;
    if (command.kind !== 'heartbeat') return 1;
    return this.#rate.costOfHeartbeat(this.#surroundings.clock.monotonicMs());
  }

  /** Takes a seat. */
  enter(command: Join & { readonly requestId: string }, speaker: Speaker): Outcome {
    const name = this.#concerns(command, speaker);
    if (typeof name !== 'string') return name;
    const goingAway = this.#surroundings.draining();
    if (goingAway !== undefined) return { ...goingAway, room: name };
    if (!mayJoin(speaker, name)) return forbidden(name);
    const position = speaker.client === 'full' ? command.position : undefined;
    const taken = this.#seats.take(name, { ...speaker, position });
    if ('reason' in taken) return taken;
    const { resumed } = this.#surroundings.traffic;
    if (position !== undefined) resumed[taken.joined.recovered ? 'recovered' : 'unrecovered'] += 1;
    const joined: Answer = { kind: 'joined', requestId: command.requestId, ...taken.joined };
    const answers = taken.gap === undefined ? [joined] : [joined, taken.gap];
    return { kind: 'answered', answers, room: name };
  }

  #post(command: Post & { readonly requestId: string }, speaker: Speaker, trace: MessageTrace | undefined): Outcome {
    const { limits, draining } = this.#surroundings;
    const { content, requestId } = command;
    const name = this.#concerns(command, speaker);
    if (typeof name !== 'string') return name;
    const messageId = speaker.client === 'full' ? command.messageId : '';
    const malformed = checkId('message_id', messageId);
    if (malformed !== undefined) return { ...malformed, room: name };
    const goingAway = draining();
    if (goingAway !== undefined) return { ...goingAway, room: name };
    const seat = this.#seats.taken(name);
    if (seat === undefined) return notAMember(name);
    if (speaker.grant?.mayPost(name) === false) {
      return { reason: 'muted', message: `your token does not let you speak in ${name}`, room: name };
    }
    const unsayable = checkContent(content, limits.maxContentBytes);
    if (unsayable !== undefined) return { ...unsayable, room: name };
    const posted = seat.room.post(seat.member, content, messageId, trace);
    trace?.appended(posted.seq, posted.duplicate);
    if (requestId === '') return undefined;
    return { kind: 'answered', answers: [{ kind: 'acked', requestId, room: name, messageId, ...posted }], room: name };
  }

  #leave(command: Leave & { readonly requestId: string }, speaker: Speaker): Outcome {
    const { requestId } = command;
    const name = this.#concerns(command, speaker);
    if (typeof name !== 'string') return name;
    const seq = this.#seats.free(name, 'left', this.#surroundings.draining() !== undefined);
    if (seq === undefined) return notAMember(name);
    if (speaker.client === 'basic' && this.#seats.size === 0) return { kind: 'finished' };
    return { kind: 'answered', answers: [{ kind: 'left', requestId, room: name, reason: 'left', seq }], room: name };
  }

  #history(command: History & { readonly requestId: string }): Outcome {
    const { limits } = this.#surroundings;
    const name = checkName('room', command.room, limits.maxNameBytes);
    if (typeof name !== 'string') return name;
    const seat = this.#seats.taken(name);
    return seat === undefined ? notAMember(name) : answered(historyPage(seat.room, command, limits.maxPageSize), name);
  }

  #members(command: Members & { readonly requestId: string }, speaker: Speaker): Outcome {
    const { limits, rooms } = this.#surroundings;
    const name = checkName('room', command.room, limits.maxNameBytes);
    if (typeof name !== 'string') return name;
    if (!mayJoin(speaker, name)) return forbidden(name);
    return answered(memberPage(name, rooms.get(name), command, limits.maxPageSize), name);
  }

  #heartbeat(command: Heartbeat): Outcome {
    if (command.nonce.length > 16) return { reason: 'invalid_id', message: 'a nonce has at most 16 bytes' };
    return command.reply
      ? undefined
      : { kind: 'answered', answers: [{ kind: 'heartbeat_reply', nonce: command.nonce }] };
  }

  /** The room a command is about, after a look at whose name it is in. */
  #concerns(command: { readonly userId: string; readonly room: string }, speaker: Speaker): string | Refusal {
    const name = checkName('room', command.room, this.#surroundings.limits.maxNameBytes);
    if (typeof name !== 'string') return name;
    const otherUser = refusesUser(command.userId, speaker.userId);
    return otherUser === undefined ? name : { ...otherUser, room: name };
  }
}

function answered(answer: Answer | Refusal, room: string): Outcome {
  return 'kind' in answer ? { kind: 'answered', answers: [answer], room } : { ...answer, room };
}

function ended(reason: Reason, message: string): Outcome {
  return { kind: 'refused', refusal: { reason, message } };
}

function notForBasic(): Outcome {
  return ended('invalid_envelope', 'send hello first to use more than join, chat and leave');
}

function mayJoin({ grant }: Speaker, room: string): boolean {
  return grant === undefined || grant.mayJoin(room);
}

function forbidden(room: string): Refusal {
  return { reason: 'room_forbidden', message: `your token does not let you into ${room}`, room };
}

function notAMember(room: string): Refusal {
  return { reason: 'not_a_member', message: `join ${room} first`, room };
}

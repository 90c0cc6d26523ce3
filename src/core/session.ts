import type { Command, Heartbeat, Hello, History, Join, Leave, Members, Post } from './commands.ts';
import type { Deliveries } from './deliveries.ts';
import type { LeaveReason, Reason, Refusal } from './errors.ts';
import type { Answer } from './events.ts';
import type { Fanout } from './fanout.ts';
import { type Limits, PAGE_COST, TokenBucket } from './limits.ts';
import { checkId, checkName } from './names.ts';
import { type Cursor, Outbox } from './outbox.ts';
import type { ClientKind, Clock, EncodeAnswer, Sink } from './ports.ts';
import { historyPage, memberPage } from './queries.ts';
import type { Member, Room } from './room.ts';
import type { RoomRegistry } from './room-registry.ts';

/** How a stream must end, by what its client did: well, once everything owed is written; or with a refusal. */
export type End = { readonly kind: 'finished' } | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What becomes of a command. Handlers return it, `receive` carries it out. */
type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer; readonly room?: string }
  | End
  | Refusal
  | undefined;

/** What all sessions share. */
export interface SessionSurroundings {
  readonly rooms: RoomRegistry;
  readonly fanout: Fanout;
  readonly deliveries: Deliveries;
  readonly encode: EncodeAnswer;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Set while the server goes away. */
  readonly draining: () => Refusal | undefined;
}

type Phase =
  | { readonly kind: 'joining' }
  | { readonly kind: 'active'; readonly userId: string; readonly displayName: string }
  | { readonly kind: 'closed' };

type Identity = Extract<Phase, { kind: 'active' }>;

interface Seat {
  readonly room: Room;
  readonly member: Member;
  readonly cursor: Cursor;
}

/** One client: who it is, where it sits, and what becomes of what it says. */
export class Session {
  readonly id: string;
  readonly outbox: Outbox;
  readonly #surroundings: SessionSurroundings;
  readonly #envelopes: TokenBucket;
  readonly #heartbeats: TokenBucket;
  readonly #seats = new Map<string, Seat>();
  #client: ClientKind = 'basic';
  #phase: Phase = { kind: 'joining' };

  constructor(id: string, sink: Sink, surroundings: SessionSurroundings) {
    const { clock, limits, encode, deliveries } = surroundings;
    this.id = id;
    this.outbox = new Outbox(sink, (answer) => encode(answer, this.client), deliveries);
    this.#surroundings = surroundings;
    this.#envelopes = new TokenBucket(limits.rateLimit, limits.rateBurst, clock.monotonicMs());
    this.#heartbeats = new TokenBucket(1, 1, clock.monotonicMs());
  }

  /** Which kind of client this is; `basic` as long as it did not say. */
  get client(): ClientKind {
    return this.#client;
  }

  /** Handles one command. What it says to its client goes to the outbox; a return value ends the stream. */
  receive(command: Command): End | undefined {
    const phase = this.#phase;
    if (phase.kind === 'closed') return undefined;
    const isFirst = phase.kind === 'joining';
    const outcome = phase.kind === 'joining' ? this.#handleFirst(command) : this.#handle(command, phase);
    if (outcome === undefined) return undefined;
    if ('reason' in outcome) {
      if (isFirst) return { kind: 'refused', refusal: outcome };
      const requestId = checkId('request_id', command.requestId) === undefined ? command.requestId : '';
      this.tell({ kind: 'refused', requestId, refusal: outcome }, outcome.room);
      return undefined;
    }
    if (outcome.kind !== 'answered') return outcome;
    this.tell(outcome.answer, outcome.room);
    return undefined;
  }

  /** Owes the client an answer; about a room, it comes behind what an ended seat there is still owed. */
  tell(answer: Answer, room?: string): void {
    this.outbox.answer(answer, room);
    this.#surroundings.fanout.answered(this.outbox);
  }

  /** The client said its last: its seats are freed. What it is owed up to here can still be written. */
  end(reason: LeaveReason): void {
    this.#phase = { kind: 'closed' };
    for (const seat of this.#seats.values()) this.#free(seat, reason);
  }

  #handleFirst(command: Command): Outcome {
    this.#envelopes.take(1, this.#surroundings.clock.monotonicMs());
    switch (command.kind) {
      case 'hello':
        return this.#welcome(command);
      case 'join':
        return this.#joinAsBasic(command);
      case 'post':
      case 'leave':
        return { reason: 'join_required', message: 'send hello or join before anything else' };
      case 'history':
      case 'members':
      case 'heartbeat':
      case 'unrecognised':
        return { reason: 'invalid_envelope', message: 'send hello first to use more than join, chat and leave' };
    }
  }

  #handle(command: Command, identity: Identity): Outcome {
    const { clock, limits } = this.#surroundings;
    const isFull = this.#client === 'full';
    const malformed = isFull ? checkId('request_id', command.requestId) : undefined;
    if (malformed !== undefined) return malformed;
    const waitMs = this.#envelopes.take(this.#costOf(command), clock.monotonicMs());
    if (waitMs > 0) {
      const message = `more than ${limits.rateLimit} envelopes a second; wait ${waitMs} ms`;
      const seat = 'room' in command ? this.#seats.get(command.room) : undefined;
      return { reason: 'rate_limited', message, retryAfterMs: waitMs, ...(seat && { room: seat.room.name }) };
    }
    switch (command.kind) {
      case 'hello':
        return ended('already_welcomed', 'hello comes first on a stream, and once');
      case 'join':
        return this.#join(command, identity);
      case 'post':
        return this.#post(command, identity);
      case 'leave':
        return this.#leave(command, identity);
      case 'history':
        return isFull ? this.#history(command) : notForBasic();
      case 'members':
        return isFull ? this.#members(command) : notForBasic();
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
    return this.#heartbeats.take(1, this.#surroundings.clock.monotonicMs()) === 0 ? 0 : 1;
  }

  #welcome(command: Hello & { readonly requestId: string }): Outcome {
    const malformed = checkId('client', command.client) ?? checkId('request_id', command.requestId);
    if (malformed !== undefined) return malformed;
    if (command.resumeToken !== '') return { reason: 'unsupported', message: 'this server does not resume sessions' };
    const identity = this.#identify(command);
    if ('reason' in identity) return identity;
    this.#client = 'full';
    this.#phase = identity;
    const { userId, displayName } = identity;
    const { limits } = this.#surroundings;
    const { requestId } = command;
    return {
      kind: 'answered',
      answer: { kind: 'welcome', requestId, sessionId: this.id, userId, displayName, limits },
    };
  }

  #joinAsBasic(command: Join & { readonly requestId: string }): Outcome {
    const identity = this.#identify(command);
    if ('reason' in identity) return identity;
    this.#phase = identity;
    return this.#join(command, identity);
  }

  #identify(said: { readonly userId: string; readonly displayName: string }): Identity | Refusal {
    const { maxNameBytes } = this.#surroundings.limits;
    const userId = checkName('user_id', said.userId, maxNameBytes);
    if (typeof userId !== 'string') return userId;
    const displayName = said.displayName === '' ? userId : checkName('display_name', said.displayName, maxNameBytes);
    if (typeof displayName !== 'string') return displayName;
    return { kind: 'active', userId, displayName };
  }

  #join(command: Join & { readonly requestId: string }, identity: Identity): Outcome {
    const { rooms, limits, draining } = this.#surroundings;
    const { userId, displayName } = identity;
    const { requestId } = command;
    const name = this.#concerns(command, identity);
    if (typeof name !== 'string') return name;
    const refused = (reason: Reason, message: string): Refusal => ({ reason, message, room: name });
    if (this.#client === 'full' && command.hasPosition)
      return refused('unsupported', 'this server does not replay what was missed');
    const goingAway = draining();
    if (goingAway !== undefined) return { ...goingAway, room: name };
    if (this.#seats.has(name)) return refused('already_joined', `you are in ${name} already`);
    if (this.#seats.size >= limits.maxRoomsPerSession) {
      return refused('too_many_rooms', `you are in ${this.#seats.size} rooms; leave one first`);
    }
    const refusal = rooms.get(name)?.refusesMember(userId);
    if (refusal !== undefined) return refusal;
    const room = rooms.obtain(name);
    if (room === undefined) return refused('server_full', `no place for another room beside ${limits.maxRooms}`);

    const member = room.join({ userId, displayName, outbox: this.outbox });
    const seq = room.log.head;
    const { epoch, members } = room;
    const place = { room: name, epoch, seq, headSeq: seq, memberCount: members.size };
    // Told before the cursor is opened, so that it stands in front of what the cursor owes.
    this.tell({ kind: 'joined', requestId, userId, displayName, ...place }, name);
    this.#seats.set(name, { room, member, cursor: this.outbox.open(room, seq) });
    return undefined;
  }

  #post(command: Post & { readonly requestId: string }, identity: Identity): Outcome {
    const { limits, draining } = this.#surroundings;
    const { content, requestId } = command;
    const name = this.#concerns(command, identity);
    if (typeof name !== 'string') return name;
    const messageId = this.#client === 'full' ? command.messageId : '';
    const malformed = checkId('message_id', messageId);
    if (malformed !== undefined) return { ...malformed, room: name };
    const goingAway = draining();
    if (goingAway !== undefined) return { ...goingAway, room: name };
    const seat = this.#seats.get(name);
    if (seat === undefined) return notAMember(name);
    if (content === '') return { reason: 'empty_message', message: 'a message needs content', room: name };
    const bytes = Buffer.byteLength(content);
    if (bytes > limits.maxContentBytes) {
      const message = `the message has ${bytes} bytes, at most ${limits.maxContentBytes} are allowed`;
      return { reason: 'message_too_long', message, room: name };
    }
    const posted = seat.room.post(seat.member, content, messageId);
    if (requestId === '') return undefined;
    return { kind: 'answered', answer: { kind: 'acked', requestId, room: name, messageId, ...posted }, room: name };
  }

  #leave(command: Leave & { readonly requestId: string }, identity: Identity): Outcome {
    const { requestId } = command;
    const name = this.#concerns(command, identity);
    if (typeof name !== 'string') return name;
    const seat = this.#seats.get(name);
    if (seat === undefined) return notAMember(name);
    const seq = this.#free(seat, 'left');
    if (this.#client === 'basic' && this.#seats.size === 0) return { kind: 'finished' };
    return { kind: 'answered', answer: { kind: 'left', requestId, room: name, reason: 'left', seq }, room: name };
  }

  #history(command: History & { readonly requestId: string }): Outcome {
    const { limits } = this.#surroundings;
    const name = checkName('room', command.room, limits.maxNameBytes);
    if (typeof name !== 'string') return name;
    const room = this.#seats.get(name)?.room;
    return room === undefined ? notAMember(name) : answered(historyPage(room, command, limits.maxPageSize), name);
  }

  #members(command: Members & { readonly requestId: string }): Outcome {
    const { limits, rooms } = this.#surroundings;
    const name = checkName('room', command.room, limits.maxNameBytes);
    if (typeof name !== 'string') return name;
    return answered(memberPage(name, rooms.get(name), command, limits.maxPageSize), name);
  }

  #heartbeat(command: Heartbeat): Outcome {
    if (command.nonce.length > 16) return { reason: 'invalid_id', message: 'a nonce has at most 16 bytes' };
    return command.reply ? undefined : { kind: 'answered', answer: { kind: 'heartbeat_reply', nonce: command.nonce } };
  }

  /** The room a command is about, after a look at whose name it is in. */
  #concerns(command: { readonly userId: string; readonly room: string }, identity: Identity): string | Refusal {
    const name = checkName('room', command.room, this.#surroundings.limits.maxNameBytes);
    if (typeof name === 'string' && command.userId !== '' && command.userId.normalize('NFC') !== identity.userId) {
      return { reason: 'not_your_identity', message: `you are ${identity.userId} on this stream`, room: name };
    }
    return name;
  }

  /** Frees a seat; the seq of the leave, or 0 while the server goes away and nothing is appended any more. */
  #free(seat: Seat, reason: LeaveReason): number {
    this.outbox.close(seat.cursor);
    seat.room.vacate(seat.member);
    const seq = this.#surroundings.draining() ? 0 : seat.room.announceLeave(seat.member, reason);
    this.#surroundings.rooms.left(seat.room);
    this.#surroundings.fanout.answered(this.outbox);
    this.#seats.delete(seat.room.name);
    return seq;
  }
}

function answered(answer: Answer | Refusal, room: string): Outcome {
  return 'kind' in answer ? { kind: 'answered', answer, room } : { ...answer, room };
}

function ended(reason: Reason, message: string): End {
  return { kind: 'refused', refusal: { reason, message } };
}

function notForBasic(): End {
  return ended('invalid_envelope', 'send hello first to use more than join, chat and leave');
}

function notAMember(room: string): Refusal {
  return { reason: 'not_a_member', message: `join ${room} first`, room };
}

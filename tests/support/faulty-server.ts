import { randomUUID } from 'node:crypto';
import { promisify } from 'node:util';
import { Server, ServerCredentials, type ServerDuplexStream, status } from '@grpc/grpc-js';
import {
  type ChatPayload,
  ChatServiceService,
  type ClientEnvelope,
  LeaveReason,
  Member_State,
  type ServerEvent,
  ServerNotice_Type,
} from '../../api/gen/chat/v1/chat.ts';
import type { Told } from './raw-client.ts';
import { type Deliver, type FaultyDelivery, faultyDelivery, type Injected, type ServerFault } from './server-faults.ts';

export type { Injected, ServerFault };

export type FaultyServer = Awaited<ReturnType<typeof startFaultyServer>>;

/**
 * A server that keeps the contract but for one fault, of which it keeps book: it
 * happens to each `every`-th delivery, post or ack of the whole server. There is
 * no resume and no history; whoever loses its stream has left. Each event is a
 * write of its own. `withoutSeqs` sends basic clients what the Go ancestor sends.
 */
export async function startFaultyServer(options: {
  readonly fault: ServerFault;
  readonly every?: number;
  readonly withoutSeqs?: boolean;
}) {
  const { fault, every = 1_000, withoutSeqs = false } = options;
  const delivery = faultyDelivery(fault, every);
  const rooms = new Map<string, Room>();
  const roomOf = (name: string) => {
    const room = rooms.get(name) ?? new Room(name, delivery);
    rooms.set(name, room);
    return room;
  };
  const server = new Server();
  const channel = (call: Call) => serve(call, roomOf, withoutSeqs);
  server.addService(ChatServiceService, { channel, listRooms: () => {} });
  const listen = promisify(server.bindAsync.bind(server));
  const port = await listen('127.0.0.1:0', ServerCredentials.createInsecure());
  return {
    port,
    /** What has gone wrong so far, in order. */
    get injected(): readonly Injected[] {
      return delivery.injected();
    },
    /** Cuts every transport and listens no more. */
    stop: () => server.forceShutdown(),
    [Symbol.dispose]: () => server.forceShutdown(),
  };
}

type Call = ServerDuplexStream<ClientEnvelope, ServerEvent>;
type User = Pick<ChatPayload, 'userId' | 'displayName'>;
type Seat = User & { readonly send: (event: Told) => void };

class Room {
  readonly #name: string;
  readonly #epoch = randomUUID();
  readonly #deliver: Deliver;
  readonly #isRepeated: FaultyDelivery['isRepeated'];
  readonly #seats = new Set<Seat>();
  #head = 0n;

  constructor(name: string, { deliver, isRepeated }: FaultyDelivery) {
    this.#name = name;
    this.#deliver = deliver;
    this.#isRepeated = isRepeated;
  }

  join(seat: Seat, requestId: string): void {
    this.#announce(seat, ServerNotice_Type.USER_JOINED, LeaveReason.UNSPECIFIED);
    this.#seats.add(seat);
    const { userId, displayName } = seat;
    const position = { epoch: this.#epoch, seq: this.#head };
    const words = { welcomeMessage: `Welcome to ${this.#name}, ${displayName}!`, recovered: false, requestId };
    seat.send({ $case: 'joined', value: { userId, position, ...words, ...this.#place() } });
  }

  /** Answers the one who left, unless it has only gone. */
  leave(seat: Seat, reason: LeaveReason, requestId?: string): void {
    this.#seats.delete(seat);
    this.#announce(seat, ServerNotice_Type.USER_LEFT, reason);
    if (requestId === undefined) return;
    this.#deliver(seat, { $case: 'left', value: { requestId, room: this.#name, reason, seq: this.#head } });
  }

  say(seat: Seat, { content, messageId }: ChatPayload, requestId: string): void {
    const { userId, displayName } = seat;
    const value = { userId, displayName, content, messageId, traceparent: '', ...this.#next() };
    for (const member of this.#seats) this.#deliver(member, { $case: 'broadcast', value });
    const { room, seq } = value;
    if (requestId !== '') {
      this.#deliver(seat, { $case: 'ack', value: { requestId, room, messageId, seq, duplicate: false } });
    }
    if (!this.#isRepeated(seat, { $case: 'broadcast', value })) return;
    const again = { ...value, ...this.#next() };
    for (const member of this.#seats) this.#deliver(member, { $case: 'broadcast', value: again });
  }

  /** All members in one page. */
  page() {
    const state = { joinedAtUtc: 0n, state: Member_State.ACTIVE };
    const members = [...this.#seats].map(({ userId, displayName }) => ({ userId, displayName, ...state }));
    return { members, nextPageToken: '', ...this.#place() };
  }

  /** Comes to the others alone: while it is sent, whom it is about has no seat. */
  #announce({ userId, displayName }: User, type: ServerNotice_Type, reason: LeaveReason): void {
    const words = { message: `${displayName} came or went`, joinedCount: 0, leftCount: 0 };
    const value = { type, userId, displayName, reason, ...words, ...this.#next() };
    for (const member of this.#seats) this.#deliver(member, { $case: 'notice', value });
  }

  #next() {
    this.#head += 1n;
    return { room: this.#name, seq: this.#head, timestampUtc: BigInt(Date.now()) };
  }

  #place() {
    return { room: this.#name, headSeq: this.#head, memberCount: this.#seats.size };
  }
}

/** The defaults of our server, without a rate limit and without a grace, because nobody can come back. */
const LIMITS = {
  ...{ maxEnvelopeBytes: 16_384, maxContentBytes: 4_096, maxNameBytes: 64, maxRooms: 32, maxPageSize: 500 },
  ...{ envelopesPerSecond: 0, envelopeBurst: 40, maxUnacked: 256, resumeGraceMs: 0 },
};

function serve(call: Call, roomOf: (name: string) => Room, withoutSeqs: boolean): void {
  const seats = new Map<Room, Seat>();
  let user: User = { userId: '', displayName: '' };
  let isFull = false;
  const send = (told: Told) => {
    const event = isFull ? told : basic(told, withoutSeqs);
    if (event !== undefined) call.write({ event, batch: [] });
  };

  call.on('data', ({ message, requestId }: ClientEnvelope) => {
    const room = roomOf(message !== undefined && 'room' in message.value ? message.value.room : '');
    const seat = seats.get(room);
    if (message?.$case === 'hello') {
      isFull = true;
      user = named(message.value);
      const session = { sessionId: randomUUID(), resumeToken: randomUUID(), resumed: false, server: 'faulty/1' };
      const value = { ...session, ...user, heartbeatIntervalMs: 25_000, limits: LIMITS, requestId };
      send({ $case: 'welcome', value });
    } else if (message?.$case === 'join') {
      if (user.userId === '') user = named(message.value);
      const taken = { ...user, send };
      seats.set(room, taken);
      room.join(taken, requestId);
    } else if (message?.$case === 'members') {
      send({ $case: 'members', value: { ...room.page(), requestId } });
    } else if (message?.$case === 'heartbeat') {
      if (!message.value.reply) send({ $case: 'heartbeat', value: { ...message.value, reply: true } });
    } else if (message?.$case === 'chat' && seat !== undefined) {
      room.say(seat, message.value, isFull ? requestId : '');
    } else if (message?.$case === 'leave' && seat !== undefined) {
      seats.delete(room);
      room.leave(seat, LeaveReason.LEFT, requestId);
      if (!isFull && seats.size === 0) call.end();
    } else {
      const words = { reason: 'not_a_member', message: 'no seat, or nothing that is known here', room: '' };
      send({ $case: 'error', value: { code: status.FAILED_PRECONDITION, ...words, retryAfterMs: 0, requestId } });
    }
  });

  const gone = () => {
    for (const [room, seat] of seats) room.leave(seat, LeaveReason.LOST);
    seats.clear();
  };
  call.on('cancelled', gone);
  call.on('error', gone);
  call.on('end', () => {
    gone();
    call.end();
  });
}

function named({ userId, displayName }: User): User {
  return { userId, displayName: displayName || userId };
}

/** What the Go ancestor does not have. */
const UNKNOWN_TO_IT = { seq: 0n, messageId: '', displayName: '', position: undefined, headSeq: 0n, memberCount: 0 };

function basic(told: Told, withoutSeqs: boolean): Told | undefined {
  if (!['joined', 'broadcast', 'notice'].includes(told.$case)) return undefined;
  return withoutSeqs ? ({ ...told, value: { ...told.value, ...UNKNOWN_TO_IT } } as Told) : told;
}

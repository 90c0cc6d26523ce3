import { BinaryWriter } from '@bufbuild/protobuf/wire';
import {
  ClientEnvelope,
  HistoryPage,
  Member_State,
  ServerEvent,
  ServerNotice_Type,
  LeaveReason as WireLeaveReason,
} from '../../api/gen/chat/v1/chat.ts';
import type { Command } from '../core/commands.ts';
import type { LeaveReason } from '../core/errors.ts';
import type { Answer, Gap, HistoryPage as HistoryAnswer, Joined, Refused, RoomEvent } from '../core/events.ts';
import { type Limits, MESSAGE_IDS_KEPT } from '../core/limits.ts';
import type { ClientKind } from '../core/ports.ts';
import { codeOf } from './status.ts';
import { assertWellFormed } from './well-formed.ts';

/**
 * Between the bytes of the contract and the words of the core. No generated type
 * goes further in than this file.
 */

/** Tag of `ServerEvent.batch` and of `HistoryPage.events`: number 15, length-delimited. */
const ENTRY_TAG = (15 << 3) | 2;
const HISTORY_TAG = (8 << 3) | 2;

const WIRE_LEAVE_REASON: Record<LeaveReason, WireLeaveReason> = {
  left: WireLeaveReason.LEFT,
  lost: WireLeaveReason.LOST,
  slow_consumer: WireLeaveReason.SLOW_CONSUMER,
  kicked: WireLeaveReason.KICKED,
  forbidden: WireLeaveReason.FORBIDDEN,
};

type Arm = NonNullable<ServerEvent['event']>;

/** Decodes an envelope; undefined where the bytes are none. */
export function decodeCommand(bytes: Uint8Array): Command | undefined {
  let envelope: ClientEnvelope;
  try {
    assertWellFormed(bytes);
    envelope = ClientEnvelope.decode(bytes);
  } catch {
    return undefined;
  }
  const { message, requestId } = envelope;
  switch (message?.$case) {
    case 'hello': {
      const { client, userId, displayName, resumeToken } = message.value;
      return { kind: 'hello', requestId, client, userId, displayName, resumeToken };
    }
    case 'join': {
      const { userId, room, displayName, position } = message.value;
      return { kind: 'join', requestId, userId, room, displayName, position };
    }
    case 'chat': {
      const { userId, room, content, messageId } = message.value;
      return { kind: 'post', requestId, userId, room, content, messageId, traceparent: envelope.traceparent };
    }
    case 'leave': {
      const { userId, room } = message.value;
      return { kind: 'leave', requestId, userId, room };
    }
    case 'history': {
      const { room, epoch, beforeSeq, limit } = message.value;
      return { kind: 'history', requestId, room, epoch, beforeSeq, limit };
    }
    case 'members': {
      const { room, pageSize, pageToken } = message.value;
      return { kind: 'members', requestId, room, pageSize, pageToken };
    }
    case 'heartbeat': {
      const { nonce, reply } = message.value;
      return { kind: 'heartbeat', requestId, nonce, reply };
    }
    case undefined:
      return { kind: 'unrecognised', requestId };
  }
}

/** An event of a room as an entry; see `EncodeRoomEvent`. */
export function encodeRoomEvent(event: RoomEvent): Uint8Array {
  switch (event.kind) {
    case 'message': {
      const { userId, room, content, messageId, displayName, traceparent } = event;
      const numbers = { timestampUtc: BigInt(event.utcMs), seq: BigInt(event.seq) };
      const value = { userId, room, content, messageId, displayName, traceparent, ...numbers };
      return entryOf({ $case: 'broadcast', value });
    }
    case 'member_joined':
      return entryOf(
        notice({ ...event, type: ServerNotice_Type.USER_JOINED, message: `${event.displayName} joined ${event.room}` }),
      );
    case 'member_left':
      return entryOf(
        notice({
          ...event,
          type: ServerNotice_Type.USER_LEFT,
          message: `${event.displayName} left ${event.room}`,
          reason: WIRE_LEAVE_REASON[event.reason],
        }),
      );
    case 'fold': {
      const { joinedCount, leftCount } = event;
      const message = `${joinedCount} joined and ${leftCount} left ${event.room}`;
      return entryOf(notice({ ...event, type: ServerNotice_Type.GENERIC, message }));
    }
  }
}

/** What one session is told, as an entry; see `EncodeAnswer`. */
export function answerEncoder(server: string): (answer: Answer, client: ClientKind) => Uint8Array | undefined {
  return (answer, client) => (client === 'full' ? encodeForFull(answer, server) : encodeForBasic(answer));
}

/** Cuts a run of entries, which must not change any more, into the `ServerEvent`s that they hold. */
export function serverEventsIn(run: Uint8Array): Uint8Array[] {
  const events: Uint8Array[] = [];
  let at = 0;
  while (at < run.length) {
    at += 1; // the tag, which is one byte
    let length = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = run[at++] ?? 0;
      length |= (byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    events.push(run.subarray(at, at + length));
    at += length;
  }
  return events;
}

function encodeForFull(answer: Answer, server: string): Uint8Array {
  switch (answer.kind) {
    case 'welcome': {
      const { requestId, sessionId, resumeToken, resumed, userId, displayName } = answer;
      const { heartbeatIntervalMs } = answer.limits;
      const session = { sessionId, resumeToken, resumed, heartbeatIntervalMs };
      const value = { requestId, ...session, userId, displayName, server, limits: wireLimits(answer.limits) };
      return entryOf({ $case: 'welcome', value });
    }
    case 'joined':
      return entryOf(joinAck(answer));
    case 'acked': {
      const { requestId, room, messageId, duplicate } = answer;
      return entryOf({ $case: 'ack', value: { requestId, room, messageId, duplicate, seq: BigInt(answer.seq) } });
    }
    case 'refused':
      return entryOf(error(answer));
    case 'gap': {
      const { room, epoch, fromSeq, toSeq } = answer;
      return entryOf({ $case: 'gap', value: { room, epoch, fromSeq: BigInt(fromSeq), toSeq: BigInt(toSeq) } });
    }
    case 'history':
      return historyPage(answer);
    case 'members': {
      const { requestId, room, nextPageToken, memberCount } = answer;
      const members = answer.members.map(({ userId, displayName, joinedAtUtcMs, isDetached }) => {
        const state = isDetached ? Member_State.DETACHED : Member_State.ACTIVE;
        return { userId, displayName, joinedAtUtc: BigInt(joinedAtUtcMs), state };
      });
      const value = { requestId, room, nextPageToken, memberCount, members, headSeq: BigInt(answer.headSeq) };
      return entryOf({ $case: 'members', value });
    }
    case 'heartbeat':
      return entryOf({ $case: 'heartbeat', value: { nonce: Buffer.alloc(0), reply: false } });
    case 'heartbeat_reply':
      return entryOf({ $case: 'heartbeat', value: { nonce: Buffer.from(answer.nonce), reply: true } });
    case 'draining': {
      const value = { reason: 'the server is shutting down', reconnectAfterMs: answer.reconnectAfterMs };
      return entryOf({ $case: 'draining', value });
    }
    case 'left': {
      const { requestId, room } = answer;
      const reason = WIRE_LEAVE_REASON[answer.reason];
      return entryOf({ $case: 'left', value: { requestId, room, reason, seq: BigInt(answer.seq) } });
    }
  }
}

/** A basic client knows JoinAck; refusals and gaps reach it in words; of the rest it is told nothing. */
function encodeForBasic(answer: Answer): Uint8Array | undefined {
  switch (answer.kind) {
    case 'joined':
      return entryOf(joinAck(answer));
    case 'refused': {
      const { message, room = '' } = answer.refusal;
      return entryOf(notice({ type: ServerNotice_Type.ERROR, message, room }));
    }
    case 'gap':
      return entryOf(notice({ type: ServerNotice_Type.GENERIC, message: gapInWords(answer), room: answer.room }));
    default:
      return undefined;
  }
}

function gapInWords({ fromSeq, toSeq }: Gap): string {
  const count = toSeq - fromSeq + 1;
  return count === 1 ? '1 event could not be delivered' : `${count} events could not be delivered`;
}

function entryOf(event: Arm): Uint8Array {
  return ServerEvent.encode({ event: undefined, batch: [{ event, batch: [] }] }).finish();
}

function joinAck(answer: Joined): Arm {
  const { requestId, room, userId, displayName, epoch, recovered, memberCount } = answer;
  const position = { epoch, seq: BigInt(answer.seq) };
  const welcomeMessage = `Welcome to ${room}, ${displayName}!`;
  const headSeq = BigInt(answer.headSeq);
  return {
    $case: 'joined',
    value: { requestId, room, userId, welcomeMessage, position, recovered, headSeq, memberCount },
  };
}

function error({ requestId, refusal }: Refused): Arm {
  const { reason, message, retryAfterMs = 0, room = '' } = refusal;
  return { $case: 'error', value: { requestId, code: codeOf(reason), reason, message, retryAfterMs, room } };
}

function notice(said: {
  readonly type: ServerNotice_Type;
  readonly message: string;
  readonly room: string;
  readonly userId?: string;
  readonly displayName?: string;
  readonly seq?: number;
  readonly utcMs?: number;
  readonly reason?: WireLeaveReason;
  readonly joinedCount?: number;
  readonly leftCount?: number;
}): Arm {
  const { type, message, room, userId = '', displayName = '', seq = 0, utcMs = 0 } = said;
  const { reason = WireLeaveReason.UNSPECIFIED, joinedCount = 0, leftCount = 0 } = said;
  const numbers = { seq: BigInt(seq), timestampUtc: BigInt(utcMs), joinedCount, leftCount };
  return { $case: 'notice', value: { type, message, room, userId, displayName, reason, ...numbers } };
}

/** The entries are copied as they lie in the log: number 15 in a page too. */
function historyPage({ requestId, room, epoch, hasMore, entries }: HistoryAnswer): Uint8Array {
  const head = HistoryPage.encode({ requestId, room, epoch, hasMore, events: [] }).finish();
  const page = Buffer.concat([head, ...entries]);
  const event = new BinaryWriter().uint32(HISTORY_TAG).bytes(page).finish();
  return new BinaryWriter().uint32(ENTRY_TAG).bytes(event).finish();
}

function wireLimits(limits: Limits) {
  return {
    maxEnvelopeBytes: limits.maxEnvelopeBytes,
    maxContentBytes: limits.maxContentBytes,
    maxNameBytes: limits.maxNameBytes,
    maxRooms: limits.maxRoomsPerSession,
    envelopesPerSecond: limits.rateLimit,
    envelopeBurst: limits.rateBurst,
    maxUnacked: MESSAGE_IDS_KEPT,
    resumeGraceMs: limits.resumeGraceMs,
    maxPageSize: limits.maxPageSize,
  };
}

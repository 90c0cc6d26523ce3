import { type ServerEvent, ServerNotice_Type, LeaveReason as Wire } from '../../api/gen/chat/v1/chat.ts';
import type { ChatEvent, LeaveReason } from './events.ts';

const LEAVE_REASONS = new Map<number, LeaveReason>([
  [Wire.LEFT, 'left'],
  [Wire.LOST, 'lost'],
  [Wire.SLOW_CONSUMER, 'slow_consumer'],
  [Wire.REPLACED, 'replaced'],
  [Wire.KICKED, 'kicked'],
  [Wire.ROOM_CLOSED, 'room_closed'],
  [Wire.FORBIDDEN, 'forbidden'],
]);

/** What an event tells the application; `undefined` for answers and for what this client does not know. */
export function chatEventOf(event: NonNullable<ServerEvent['event']>): ChatEvent | undefined {
  switch (event.$case) {
    case 'broadcast': {
      const { room, seq, userId, displayName, content, messageId, timestampUtc } = event.value;
      return { kind: 'message', room, seq, userId, displayName, content, messageId, at: dateOf(timestampUtc) };
    }
    case 'notice': {
      const { type, room, seq, userId, displayName, timestampUtc, message } = event.value;
      const at = dateOf(timestampUtc);
      if (type === ServerNotice_Type.USER_JOINED) return { kind: 'member_joined', room, seq, userId, displayName, at };
      if (type !== ServerNotice_Type.USER_LEFT) {
        const { joinedCount, leftCount } = event.value;
        return { kind: 'notice', room, seq, text: message, joinedCount, leftCount };
      }
      return { kind: 'member_left', room, seq, userId, displayName, at, reason: leaveReasonOf(event.value.reason) };
    }
    case 'gap': {
      const { room, epoch, fromSeq, toSeq } = event.value;
      return { kind: 'gap', room, epoch, fromSeq, toSeq };
    }
    case 'draining':
      return { kind: 'draining', reconnectAfterMs: event.value.reconnectAfterMs };
    default:
      return undefined;
  }
}

/** The word for it; `unknown` for one that this client does not know. */
export function leaveReasonOf(reason: number): LeaveReason {
  return LEAVE_REASONS.get(reason) ?? 'unknown';
}

/** Milliseconds since 1970. */
export function dateOf(utcMs: bigint): Date {
  return new Date(Number(utcMs));
}

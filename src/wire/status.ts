import { Metadata, status } from '@grpc/grpc-js';
import type { Reason, Refusal } from '../core/errors.ts';

/** The gRPC status of each reason; the contract's table of errors. */
const CODES: Record<Reason, status> = {
  invalid_envelope: status.INVALID_ARGUMENT,
  unsupported: status.UNIMPLEMENTED,
  envelope_too_large: status.RESOURCE_EXHAUSTED,
  join_required: status.FAILED_PRECONDITION,
  already_welcomed: status.FAILED_PRECONDITION,
  invalid_room: status.INVALID_ARGUMENT,
  invalid_user: status.INVALID_ARGUMENT,
  invalid_name: status.INVALID_ARGUMENT,
  invalid_id: status.INVALID_ARGUMENT,
  invalid_position: status.INVALID_ARGUMENT,
  user_taken: status.ALREADY_EXISTS,
  already_joined: status.ALREADY_EXISTS,
  not_a_member: status.FAILED_PRECONDITION,
  not_your_identity: status.PERMISSION_DENIED,
  empty_message: status.INVALID_ARGUMENT,
  message_too_long: status.INVALID_ARGUMENT,
  rate_limited: status.RESOURCE_EXHAUSTED,
  room_full: status.RESOURCE_EXHAUSTED,
  too_many_rooms: status.RESOURCE_EXHAUSTED,
  server_full: status.RESOURCE_EXHAUSTED,
  unauthenticated: status.UNAUTHENTICATED,
  token_expired: status.UNAUTHENTICATED,
  keys_unavailable: status.UNAVAILABLE,
  room_forbidden: status.PERMISSION_DENIED,
  muted: status.PERMISSION_DENIED,
  banned: status.PERMISSION_DENIED,
  overloaded: status.UNAVAILABLE,
  draining: status.UNAVAILABLE,
  handshake_timeout: status.DEADLINE_EXCEEDED,
  heartbeat_timeout: status.UNAVAILABLE,
  slow_consumer: status.RESOURCE_EXHAUSTED,
  replaced: status.ABORTED,
  internal: status.INTERNAL,
};

export function codeOf(reason: Reason): status {
  return CODES[reason];
}

/** The name of the status with which a stream ends. */
export function statusNameOf(reason: Reason | 'ok' | 'lost'): string {
  const code = reason === 'ok' ? status.OK : reason === 'lost' ? status.CANCELLED : codeOf(reason);
  return status[code];
}

/** How grpc-js is told to end a call with a refusal: status, text, trailers. */
export function statusOf(refusal: Refusal): { code: status; details: string; metadata: Metadata } {
  const metadata = new Metadata();
  metadata.set('chat-reason', refusal.reason);
  if (refusal.retryAfterMs !== undefined) metadata.set('chat-retry-after-ms', `${refusal.retryAfterMs}`);
  return { code: codeOf(refusal.reason), details: statusText(refusal.message), metadata };
}

/** What a client is told of a fault of ours, which stands in the log under this id. */
export function internalFault(correlationId: string): Refusal {
  return { reason: 'internal', message: `internal error; give the operator this id: ${correlationId}` };
}

/**
 * At most 200 characters, without half a surrogate pair: Node sets the text as a
 * header, and a lone surrogate there crashes the process (grpc-js 1.14.7).
 */
function statusText(message: string): string {
  const cut = message.slice(0, 200);
  return (/[\uD800-\uDBFF]$/.test(cut) && cut.length < message.length ? cut.slice(0, -1) : cut).toWellFormed();
}

/**
 * Everything that can be refused, by the one word it has on the wire, in logs
 * and in metrics. Which of them end a stream depends on what was refused, so
 * that is said by the outcome (session.ts) and not here.
 */
export type Reason =
  | 'invalid_envelope'
  | 'unsupported'
  | 'envelope_too_large'
  | 'join_required'
  | 'already_welcomed'
  | 'invalid_room'
  | 'invalid_user'
  | 'invalid_name'
  | 'invalid_id'
  | 'invalid_position'
  | 'user_taken'
  | 'already_joined'
  | 'not_a_member'
  | 'not_your_identity'
  | 'empty_message'
  | 'message_too_long'
  | 'rate_limited'
  | 'room_full'
  | 'too_many_rooms'
  | 'server_full'
  | 'unauthenticated'
  | 'token_expired'
  | 'keys_unavailable'
  | 'room_forbidden'
  | 'muted'
  | 'banned'
  | 'overloaded'
  | 'draining'
  | 'handshake_timeout'
  | 'heartbeat_timeout'
  | 'slow_consumer'
  | 'replaced'
  | 'internal';

/** A command that changed nothing, and why. */
export interface Refusal {
  readonly reason: Reason;
  /** For people: what happened, to what, and what to do. */
  readonly message: string;
  /** Milliseconds after which trying again makes sense. */
  readonly retryAfterMs?: number;
  readonly room?: string;
}

/** Why a seat ended; the words of `LeaveReason` in the contract. */
export type LeaveReason = 'left' | 'lost' | 'slow_consumer' | 'kicked' | 'forbidden';

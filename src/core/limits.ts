/** What one session, room and server may take. Sizes in bytes, times in milliseconds. */
export interface Limits {
  readonly maxEnvelopeBytes: number;
  readonly maxContentBytes: number;
  readonly maxNameBytes: number;
  readonly maxRoomsPerSession: number;
  readonly maxMembersPerRoom: number;
  readonly maxRooms: number;
  readonly maxSessions: number;
  /** Envelopes a second and session; 0 is no limit. */
  readonly rateLimit: number;
  readonly rateBurst: number;
  readonly roomHistoryBytes: number;
  /** How long an empty room is remembered. */
  readonly roomHistoryAgeMs: number;
  readonly maxPageSize: number;
  /** Memory of the logs of all rooms. */
  readonly historyBytes: number;
  /** Joins and leaves of a room in a second, beyond which the rest of that second becomes one notice. */
  readonly foldAbove: number;
  /** How long the seats of a session are kept without a stream. */
  readonly resumeGraceMs: number;
  /** How long a stream may say nothing at first. */
  readonly handshakeTimeoutMs: number;
  /** Silence after which a full client is asked whether it is there, and how long its answer may take. */
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  /** How long one write may be unfinished, and the memory of all that are. */
  readonly stuckWriteTimeoutMs: number;
  readonly maxUnfinishedBytes: number;
}

/** One write to a connection, and so any `ServerEvent`. */
export const MAX_WRITE_BYTES = 64 * 1024;
/** After a write that took longer than this, the next is a quarter as large, but not below the least. */
export const SLOW_WRITE_MS = 1000;
export const LEAST_WRITE_BYTES = 4 * 1024;
/** More than an encoded gap can have: a room's name, an epoch, two numbers. */
export const MAX_GAP_BYTES = 512;
/** Events or members in one page; leaves room for what stands around them in a write. */
export const MAX_PAGE_BYTES = 48 * 1024;
/** Answers waiting in an outbox, beyond which its connection is not read from. */
export const MAX_WAITING_ANSWERS = 64;
export const MAX_WAITING_ANSWER_BYTES = 64 * 1024;
/** Message ids of one user in one room that sending again is measured against. */
export const MESSAGE_IDS_KEPT = 256;
/** How long they outlive the seat. */
export const MESSAGE_IDS_KEPT_MS = 120_000;

/** How often time-outs are looked at. */
export const SWEEP_EVERY_MS = 250;

/** What an envelope costs that makes the server gather a page. */
export const PAGE_COST = 5;

/**
 * Token bucket: `rate` envelopes a second on average, `burst` at once. Takes the
 * time from its caller; a clock that stands still gives no tokens.
 */
export class TokenBucket {
  readonly #ratePerSecond: number;
  readonly #burst: number;
  #tokens: number;
  #filledAtMs: number;

  constructor(ratePerSecond: number, burst: number, nowMs: number) {
    this.#ratePerSecond = ratePerSecond;
    this.#burst = burst;
    this.#tokens = burst;
    this.#filledAtMs = nowMs;
  }

  /** 0 when `cost` was taken; otherwise nothing was, and it is there in that many milliseconds. */
  take(cost: number, nowMs: number): number {
    if (this.#ratePerSecond === 0) return 0;
    const gained = ((nowMs - this.#filledAtMs) / 1000) * this.#ratePerSecond;
    this.#tokens = Math.min(this.#burst, this.#tokens + gained);
    this.#filledAtMs = nowMs;
    if (this.#tokens < cost) return Math.max(1, Math.ceil(((cost - this.#tokens) / this.#ratePerSecond) * 1000));
    this.#tokens -= cost;
    return 0;
  }
}

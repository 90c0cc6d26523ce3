import type { Refusal } from './errors.ts';

/** What a token says of whoever holds it. */
export interface Grant {
  /** A user id as the contract has it, in NFC. */
  readonly userId: string;
  /** '' where the token does not say; otherwise a display name as the contract has it, in NFC. */
  readonly displayName: string;
  /** By which it can be revoked; '' where it has none. */
  readonly tokenId: string;
  /** From when on it is good for nothing, in milliseconds since 1970, the tolerated skew included. */
  readonly untilUtcMs: number;
  /** Whether the room, a name in NFC, may be joined and seen, and spoken in. */
  readonly mayJoin: (room: string) => boolean;
  readonly mayPost: (room: string) => boolean;
}

/** Says who holds a token. Undefined in its place: identity is off, and everybody is who they say. */
export interface Authenticator {
  /**
   * @param authorization as it stands in the call's metadata; '' when there is none.
   * @returns what the token grants, or why it is refused: `unauthenticated`, `token_expired`, `banned`, or
   * `keys_unavailable` while tokens cannot be checked. Never rejects.
   */
  check(authorization: string): Promise<Grant | Refusal>;
  /** Why a grant that was given before is good no more: `unauthenticated` or `banned`; undefined while it is. */
  revoked(grant: Grant): Refusal | undefined;
}

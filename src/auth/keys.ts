import { createSecretKey, type KeyObject } from 'node:crypto';
import type { CryptoKey, JWSHeaderParameters } from 'jose';

/** What tokens are checked with. */
export interface Keys {
  /** The only ones that go with these keys, whatever a token says of itself. */
  readonly algorithms: readonly string[];
  /**
   * The key that a token with this header was to be signed with.
   * Rejects with `KeysUnavailable`, and with an error of jose's when no key fits.
   */
  keyFor(header: JWSHeaderParameters): Promise<CryptoKey | KeyObject>;
}

/** Tokens cannot be checked now, by no fault of theirs. */
export class KeysUnavailable extends Error {
  override readonly name = 'KeysUnavailable';
  /** When it makes sense to try again, in milliseconds. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super(`keys are not there, try again in ${retryAfterMs} ms`);
    this.retryAfterMs = retryAfterMs;
  }
}

/** Whoever checks tokens with a secret can issue them too. */
export function secretKeys(secret: string): Keys {
  const key = createSecretKey(secret, 'utf8');
  return { algorithms: ['HS256'], keyFor: async () => key };
}

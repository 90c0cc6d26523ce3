import { errors, type JWTPayload, jwtVerify } from 'jose';
import type { Refusal } from '../core/errors.ts';
import type { Authenticator, Grant } from '../core/grant.ts';
import type { Clock } from '../core/ports.ts';
import { EXPIRED, grantOf, refused, SKEW_S } from './claims.ts';
import { type Keys, KeysUnavailable } from './keys.ts';
import type { Revocations } from './revocations.ts';

const MAX_TOKEN_BYTES = 8 * 1024;
const LONGEST_SCHEME = 'Bearer '.length;

export interface TokenAuthenticatorOptions {
  /** Who must have issued a token (`iss`), and for whom (`aud`). */
  readonly issuer: string;
  readonly audience: string;
  readonly maxNameBytes: number;
  readonly clock: Pick<Clock, 'utcMs'>;
  /** As they are now. */
  readonly keys: () => Keys;
  readonly revocations: () => Revocations;
}

/** Takes bearer tokens (RFC 6750) that are JWTs (RFC 7519), signed, in the compact form. */
export class TokenAuthenticator implements Authenticator {
  readonly #options: TokenAuthenticatorOptions;

  constructor(options: TokenAuthenticatorOptions) {
    this.#options = options;
  }

  async check(authorization: string): Promise<Grant | Refusal> {
    const token = bearerOf(authorization);
    if (typeof token !== 'string') return token;
    try {
      const nowUtcMs = this.#options.clock.utcMs();
      const claims = await this.#verified(token, nowUtcMs);
      const grant = grantOf(claims, this.#options.maxNameBytes, nowUtcMs);
      return 'reason' in grant ? grant : (this.revoked(grant) ?? grant);
    } catch (error) {
      return refusalOf(error);
    }
  }

  revoked({ userId, tokenId }: Grant): Refusal | undefined {
    const revocations = this.#options.revocations();
    if (revocations.hasUser(userId)) return { reason: 'banned', message: 'you are banned from this server' };
    if (tokenId !== '' && revocations.hasToken(tokenId)) {
      return { reason: 'unauthenticated', message: 'this token was revoked: get a new one' };
    }
    return undefined;
  }

  async #verified(token: string, nowUtcMs: number): Promise<JWTPayload> {
    const { issuer, audience } = this.#options;
    const keys = this.#options.keys();
    const { payload } = await jwtVerify(token, (header) => keys.keyFor(header), {
      algorithms: [...keys.algorithms],
      issuer,
      audience,
      requiredClaims: ['exp', 'sub'],
      clockTolerance: SKEW_S,
      currentDate: new Date(nowUtcMs),
    });
    return payload;
  }
}

function bearerOf(authorization: string): string | Refusal {
  const how = 'send "authorization: Bearer <token>"';
  if (authorization === '') return { reason: 'unauthenticated', message: `this server needs a token: ${how}` };
  if (authorization.length > LONGEST_SCHEME + MAX_TOKEN_BYTES)
    return refused(`it has more than ${MAX_TOKEN_BYTES} bytes`);
  const [, token] = /^bearer +([\w.-]+)$/i.exec(authorization) ?? [];
  return token ?? { reason: 'unauthenticated', message: `the authorization is no bearer token: ${how}` };
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof KeysUnavailable) {
    const { retryAfterMs } = error;
    return { reason: 'keys_unavailable', message: 'tokens cannot be checked just now: try again later', retryAfterMs };
  }
  if (error instanceof errors.JWTExpired) return EXPIRED;
  if (error instanceof errors.JWTClaimValidationFailed) return refused(wrongClaim(error.claim, error.reason));
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return refused('it was signed with another key than this server has');
  }
  if (error instanceof errors.JWKSNoMatchingKey) return refused('this server has no such key as it was signed with');
  if (error instanceof errors.JWKSMultipleMatchingKeys) {
    return refused('it must name the key it was signed with (kid), since this server has several');
  }
  if (error instanceof errors.JOSEAlgNotAllowed) {
    return refused('the algorithm it was signed with does not go with the keys of this server');
  }
  return refused('it is no signed JWT in the compact form');
}

function wrongClaim(claim: string, reason: string): string {
  if (reason === 'missing') return `its claim "${claim}" is missing`;
  if (claim === 'nbf' && reason === 'check_failed') return 'it is not valid yet (nbf): are the clocks right?';
  if (claim === 'iss') return 'somebody else issued it (iss) than this server trusts';
  if (claim === 'aud') return 'it is meant for somebody else (aud) than this server';
  return `its claim "${claim}" is malformed`;
}

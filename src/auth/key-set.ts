import { createPublicKey } from 'node:crypto';
import { createLocalJWKSet, type JWK } from 'jose';
import { AuthError } from './auth-error.ts';
import type { Keys } from './keys.ts';
import { algorithmsOf, PUBLIC_KEY_ALGORITHMS } from './public-key.ts';

const MAX_KEYS = 100;

/**
 * Public keys as a JSON Web Key Set (RFC 7517). Which one checks a token is said by the token's `kid` and `alg`;
 * with neither, only one may fit. Keys for something else, or too weak, are passed by. Symmetric and private keys
 * have no business in a set that others can read, so that a set with one is refused as a whole.
 *
 * @throws AuthError when it is none, or has no key that can be used.
 */
export function keySet(json: string): Keys {
  const keys = membersOf(json);
  if (keys.some((key) => key['kty'] === 'oct')) throw new AuthError('holds a symmetric key (kty "oct")');
  if (keys.some((key) => 'd' in key)) throw new AuthError('holds a private key; only the public ones belong there');
  const usable = keys.filter(isUsable);
  if (usable.length === 0) throw new AuthError('holds no public key that tokens can be checked with');
  const find = createLocalJWKSet({ keys: usable });
  return { algorithms: PUBLIC_KEY_ALGORITHMS, keyFor: (header) => find(header) };
}

function membersOf(json: string): readonly JWK[] {
  let set: unknown;
  try {
    set = JSON.parse(json);
  } catch {
    throw new AuthError('is no JSON');
  }
  const keys: unknown = isObject(set) ? set['keys'] : undefined;
  if (!Array.isArray(keys) || !keys.every(isObject)) throw new AuthError('is no JWKS: {"keys": [...]}');
  if (keys.length > MAX_KEYS) throw new AuthError(`holds ${keys.length} keys, at most ${MAX_KEYS} are allowed`);
  return keys;
}

function isUsable(jwk: JWK): boolean {
  const { alg, use, key_ops: operations } = jwk;
  if (use !== undefined && use !== 'sig') return false;
  if (operations !== undefined && !(Array.isArray(operations) && operations.includes('verify'))) return false;
  try {
    const algorithms = algorithmsOf(createPublicKey({ key: jwk, format: 'jwk' }));
    return alg === undefined || algorithms.includes(alg);
  } catch {
    return false;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

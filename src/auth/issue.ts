import { createPrivateKey, createSecretKey, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { AuthError } from './auth-error.ts';
import { algorithmsOf } from './public-key.ts';

/** What tokens are signed with. */
export interface Signer {
  readonly algorithm: string;
  readonly key: KeyObject;
}

export interface TokenContents {
  readonly issuer: string;
  readonly audience: string;
  readonly userId: string;
  /** '' for none. */
  readonly displayName: string;
  readonly tokenId: string;
  /** From patterns to "join" and "post". */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
  /** Seconds since 1970. */
  readonly issuedS: number;
  readonly expiresS: number;
}

export function secretSigner(secret: string): Signer {
  return { algorithm: 'HS256', key: createSecretKey(secret, 'utf8') };
}

/**
 * @param pem a private key without a passphrase.
 * @throws AuthError when it is none, or a server would not take its public one.
 */
export function privateKeySigner(pem: string): Signer {
  const key = privateKeyOf(pem);
  const [algorithm = ''] = algorithmsOf(key);
  return { algorithm, key };
}

/** A token as this server takes them. */
export function issueToken(contents: TokenContents, { algorithm, key }: Signer): Promise<string> {
  const { issuer, audience, userId, displayName, tokenId, rooms, issuedS, expiresS } = contents;
  return new SignJWT({ rooms, ...(displayName !== '' && { name: displayName }) })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuer(issuer)
    .setAudience(audience)
    .setSubject(userId)
    .setJti(tokenId)
    .setIssuedAt(issuedS)
    .setExpirationTime(expiresS)
    .sign(key);
}

function privateKeyOf(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    // The cause may tell of its bytes.
    throw new AuthError('holds no PEM of a private key without a passphrase');
  }
}

import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { type JWTHeaderParameters, type JWTPayload, SignJWT } from 'jose';

/** When tokens of tests are issued, in seconds since 1970. */
export const ISSUED_S = Date.UTC(2026, 0, 1) / 1000;
export const SECRET = 'a secret for tests alone, of 32 bytes and more';

/** What a good token says: an hour of ana in every room. */
export const CLAIMS: JWTPayload = {
  iss: 'chat-grpc',
  aud: 'chat-grpc',
  sub: 'ana',
  iat: ISSUED_S,
  exp: ISSUED_S + 3600,
  rooms: { '*': ['join', 'post'] },
};

/** @param claims beside the good ones; undefined takes one away. */
export function signed(
  claims: Readonly<Record<string, unknown>> = {},
  key: KeyObject | Uint8Array = Buffer.from(SECRET),
  header: JWTHeaderParameters = { alg: 'HS256' },
): Promise<string> {
  return new SignJWT({ ...CLAIMS, ...claims }).setProtectedHeader(header).sign(key);
}

/** Parts laid together as they are; what jose would not sign. */
export function laidTogether(header: object | string, claims: object | string, signature = ''): string {
  const parts = [header, claims].map((part) => (typeof part === 'string' ? part : JSON.stringify(part)));
  return [...parts.map((part) => Buffer.from(part).toString('base64url')), signature].join('.');
}

export const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 });
export const P256 = generateKeyPairSync('ec', { namedCurve: 'P-256' });
export const ED25519 = generateKeyPairSync('ed25519');

export function pemOf(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

/** A public key as a member of a set. */
export function jwkOf(key: KeyObject, also: object = {}): object {
  return { ...key.export({ format: 'jwk' }), ...also };
}

import { z } from 'zod';
import { filePath, isShownPath } from './file-path.ts';

const LEAST_SECRET_BYTES = 32;

/** Where the keys are that tokens are checked with. Paths are the operator's. */
export type KeyConfig =
  | { readonly kind: 'secret'; readonly secret: string }
  | { readonly kind: 'public key'; readonly path: string }
  | { readonly kind: 'jwks'; readonly path: string }
  | { readonly kind: 'jwks url'; readonly url: string };

export interface AuthConfig {
  readonly key: KeyConfig;
  /** Who must have issued a token, and for whom. */
  readonly issuer: string;
  readonly audience: string;
  /** Path of the list of what is revoked. */
  readonly revoked: string | undefined;
}

/** The settings of identity, without their prefix; docs/security.md tells of them. */
export const AUTH_SETTINGS = {
  AUTH_SECRET: z
    .string()
    .refine((secret) => Buffer.byteLength(secret) >= LEAST_SECRET_BYTES, {
      message: `must have at least ${LEAST_SECRET_BYTES} bytes; openssl rand -base64 ${LEAST_SECRET_BYTES} makes one`,
    })
    .optional(),
  AUTH_PUBLIC_KEY: filePath().optional(),
  AUTH_JWKS: z
    .string()
    .trim()
    .refine((text) => (isUrl(text) ? isFetched(text) : isShownPath(text)), {
      message: 'must be a path, an https:// URL, or an http:// URL of this machine, and without user or password',
    })
    .optional(),
  AUTH_ISSUER: z.string().default('chat-grpc'),
  AUTH_AUDIENCE: z.string().default('chat-grpc'),
  AUTH_REVOKED: filePath().optional(),
};

/** Of these a wrong value is not shown: it is a secret, or may hold one. */
export const UNSHOWN_SETTINGS: readonly string[] = ['AUTH_SECRET', 'AUTH_PUBLIC_KEY', 'AUTH_JWKS', 'AUTH_REVOKED'];

const KEYS = ['AUTH_SECRET', 'AUTH_PUBLIC_KEY', 'AUTH_JWKS'];

/**
 * What is wrong with settings that are right each for itself. A setting of identity that would do nothing is
 * wrong, since whoever gave it believes that identity is on.
 *
 * @param given names without their prefix.
 */
export function authProblems(given: readonly string[], prefix: string): string[] {
  const problems = given
    .filter((name) => name.startsWith('AUTH_') && !(name in AUTH_SETTINGS))
    .map((name) => `${prefix}${name}: there is no such setting of identity`);
  const full = (names: readonly string[]) => names.map((name) => prefix + name).join(', ');
  const keys = KEYS.filter((name) => given.includes(name));
  if (keys.length > 1) problems.push(`${full(keys)}: only one of these can be given`);
  const others = Object.keys(AUTH_SETTINGS).filter((name) => given.includes(name) && !keys.includes(name));
  if (keys.length === 0 && others.length > 0) {
    problems.push(`${full(others)}: identity is off unless one of ${full(KEYS)} is given too`);
  }
  return problems;
}

/** Undefined: identity is off. */
export function authBy(data: z.infer<z.ZodObject<typeof AUTH_SETTINGS>>): AuthConfig | undefined {
  const key = keyBy(data);
  if (key === undefined) return undefined;
  return { key, issuer: data.AUTH_ISSUER, audience: data.AUTH_AUDIENCE, revoked: data.AUTH_REVOKED };
}

function keyBy(data: z.infer<z.ZodObject<typeof AUTH_SETTINGS>>): KeyConfig | undefined {
  const { AUTH_SECRET: secret, AUTH_PUBLIC_KEY: pem, AUTH_JWKS: jwks } = data;
  if (secret !== undefined) return { kind: 'secret', secret };
  if (pem !== undefined) return { kind: 'public key', path: pem };
  if (jwks === undefined) return undefined;
  return isUrl(jwks) ? { kind: 'jwks url', url: jwks } : { kind: 'jwks', path: jwks };
}

function isUrl(text: string): boolean {
  return /^https?:|:\/\//i.test(text);
}

/** Whether keys may be fetched there: nobody on the way can put others in their place. */
function isFetched(text: string): boolean {
  const url = URL.parse(text);
  if (url === null || url.username !== '' || url.password !== '') return false;
  return (
    url.protocol === 'https:' || (url.protocol === 'http:' && /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url.hostname))
  );
}

import { AuthError } from './auth/auth-error.ts';
import { fetchJwks } from './auth/jwks-url.ts';
import { keySet } from './auth/key-set.ts';
import { type Keys, secretKeys } from './auth/keys.ts';
import { publicKeys } from './auth/public-key.ts';
import { type After, RefreshedKeys } from './auth/refreshed-keys.ts';
import { Revocations } from './auth/revocations.ts';
import { TokenAuthenticator } from './auth/token-authenticator.ts';
import type { AuthConfig, KeyConfig } from './auth-settings.ts';
import type { Authenticator } from './core/grant.ts';
import type { Clock } from './core/ports.ts';
import { WatchedFile, WatchedFileError } from './watched-file.ts';

/** A hundred thousand lines of the longest names. */
const MAX_REVOKED_BYTES = 32 * 1024 * 1024;

export interface IdentityOptions {
  readonly auth: AuthConfig;
  readonly maxNameBytes: number;
  readonly clock: Clock;
  /** For the operator; holds nothing secret. */
  readonly warn: (message: string) => void;
  /** Another list of what is revoked is in force: `revoked` may say something else of a grant than before. */
  readonly changed: () => void;
}

export interface Identity extends Authenticator {
  /** Looks at no file and fetches nothing any more. */
  close(): void;
}

/**
 * Puts together what checks tokens, and keeps its files watched.
 * @throws AuthError when a file cannot be read or used, in one line that names it.
 */
export async function openIdentity({ auth, maxNameBytes, clock, warn, changed }: IdentityOptions): Promise<Identity> {
  const keys = await openKeys(auth.key, { clock, warn });
  // After the keys, which may take their time: nothing is told to have changed before this returns.
  const revocations = await openRevocations(auth.revoked, { warn, changed }).catch((error: unknown) => {
    keys.close();
    throw error;
  });
  const { issuer, audience } = auth;
  const authenticator = new TokenAuthenticator({
    issuer,
    audience,
    maxNameBytes,
    clock,
    keys: () => keys.now,
    revocations: () => revocations.now,
  });
  return {
    check: (authorization) => authenticator.check(authorization),
    revoked: (grant) => authenticator.revoked(grant),
    close: () => {
      keys.close();
      revocations.close();
    },
  };
}

type Around = Pick<IdentityOptions, 'clock' | 'warn'>;

/** Something that may be another one later. */
interface Current<T> {
  readonly now: T;
  close(): void;
}

async function openRevocations(path: string | undefined, told: Following): Promise<Current<Revocations>> {
  if (path === undefined) return { now: Revocations.NONE, close: () => {} };
  return follow(path, Revocations.read, { ...told, maxBytes: MAX_REVOKED_BYTES });
}

async function openKeys(key: KeyConfig, { clock, warn }: Around): Promise<Current<Keys>> {
  switch (key.kind) {
    case 'secret':
      return { now: secretKeys(key.secret), close: () => {} };
    case 'public key':
      return follow(key.path, publicKeys, { warn });
    case 'jwks':
      return follow(key.path, keySet, { warn });
    case 'jwks url':
      return fetched(key.url, { clock, warn });
  }
}

/** Waits for the first answer, so that whoever comes first is let in, but not for a good one. */
async function fetched(url: string, { clock, warn }: Around): Promise<Current<Keys>> {
  // What stands behind its path may be a secret.
  const { origin, pathname } = new URL(url);
  const keys = new RefreshedKeys({
    fetch: (signal) => fetchJwks(url, { signal }),
    clock,
    after,
    warn: (message) => warn(`${origin}${pathname}: ${message}`),
  });
  await keys.refresh();
  return { now: keys, close: () => keys.close() };
}

/** Keeps no program from ending. */
const after: After = (ms, task) => {
  const timer = setTimeout(task, ms).unref();
  return () => clearTimeout(timer);
};

interface Following {
  readonly warn: (message: string) => void;
  readonly changed?: () => void;
  readonly maxBytes?: number;
}

/** Reads a file and what it is changed to; of a change that cannot be used it warns, and what was in force stays. */
async function follow<T>(
  path: string,
  read: (text: string) => T,
  { warn, changed, ...bounds }: Following,
): Promise<Current<T>> {
  const stays = (reason: string) => warn(`${reason}; what it held before stays in force`);
  const usable = (content: Buffer) => {
    try {
      return read(content.toString());
    } catch (error) {
      throw error instanceof AuthError ? new AuthError(`${path} ${error.message}`) : error;
    }
  };
  const file = await WatchedFile.open(path, { failed: stays, ...bounds }).catch((error: unknown) => {
    throw error instanceof WatchedFileError ? new AuthError(error.message) : error;
  });
  let now: T;
  try {
    now = usable(file.content);
  } catch (error) {
    file.close();
    throw error;
  }
  file.onChange((content) => {
    try {
      now = usable(content);
    } catch (error) {
      return stays(error instanceof Error ? error.message : String(error));
    }
    changed?.();
  });
  return {
    get now() {
      return now;
    },
    close: () => file.close(),
  };
}

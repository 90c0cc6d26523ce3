import type { ServerAccess } from '../connection/index.ts';

export interface Identity {
  readonly userId: string;
  readonly displayName: string;
}

/** Who somebody of this name is to a server. To one that is shown a token, the token says so, and the name is for show. */
export function identityBy(name: string, { token }: ServerAccess): Identity {
  return { userId: token === undefined ? name : '', displayName: name };
}

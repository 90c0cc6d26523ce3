import type { Refusal } from './errors.ts';
import type { Grant } from './grant.ts';
import { checkName, isNameOf } from './names.ts';
import type { ClientKind } from './ports.ts';

/** Who says it, and as which kind of client. */
export interface Speaker {
  readonly client: ClientKind;
  readonly userId: string;
  readonly displayName: string;
  /** What the program calls itself, "name/version"; '' when it does not. */
  readonly program: string;
  /** What the token allows; undefined where nobody needs one. */
  readonly grant: Grant | undefined;
}

interface Said {
  readonly userId: string;
  readonly displayName: string;
}

/** Who somebody is by the token, or without one by what it says; names normalised. Or what is wrong with that. */
export function speakerBy(
  said: Said,
  as: Pick<Speaker, 'client' | 'program' | 'grant'>,
  maxNameBytes: number,
): Speaker | Refusal {
  const { grant } = as;
  const otherUser = grant === undefined ? undefined : refusesUser(said.userId, grant.userId);
  if (otherUser !== undefined) return otherUser;
  const userId = grant?.userId ?? checkName('user_id', said.userId, maxNameBytes);
  if (typeof userId !== 'string') return userId;
  const chosen = grant?.displayName || said.displayName;
  const displayName = chosen === '' ? userId : checkName('display_name', chosen, maxNameBytes);
  if (typeof displayName !== 'string') return displayName;
  return { client: as.client, userId, displayName, program: as.program, grant };
}

/** Nobody speaks in the name of another; '' is one's own. */
export function refusesUser(said: string, userId: string): Refusal | undefined {
  if (said === '' || isNameOf(said, userId)) return undefined;
  return { reason: 'not_your_identity', message: `you are ${userId} on this stream` };
}

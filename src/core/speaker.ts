import type { Refusal } from './errors.ts';
import { checkName } from './names.ts';
import type { ClientKind } from './ports.ts';

/** Who says it, and as which kind of client. */
export interface Speaker {
  readonly client: ClientKind;
  readonly userId: string;
  readonly displayName: string;
  /** What the program calls itself, "name/version"; '' when it does not. */
  readonly program: string;
}

interface Said {
  readonly userId: string;
  readonly displayName: string;
}

/** Who somebody is by what it says, names normalised, or what is wrong with that. */
export function speakerBy(
  said: Said,
  as: Pick<Speaker, 'client' | 'program'>,
  maxNameBytes: number,
): Speaker | Refusal {
  const userId = checkName('user_id', said.userId, maxNameBytes);
  if (typeof userId !== 'string') return userId;
  const displayName = said.displayName === '' ? userId : checkName('display_name', said.displayName, maxNameBytes);
  if (typeof displayName !== 'string') return displayName;
  return { ...as, userId, displayName };
}

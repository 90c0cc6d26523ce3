import { pid } from 'node:process';
import { type Identity, identityBy } from '../chat/identity.ts';
import type { ServerAccess } from '../connection/index.ts';
import { EXIT_USAGE, exitCodeOfError } from '../plain/exit-codes.ts';
import { printable } from '../terminal/printable.ts';
import { loginName } from './options.ts';
import type { Surroundings } from './surroundings.ts';

/** Runs it; what it throws is told on a line and becomes an exit code. Being told to stop is no failure. */
export async function orExitCode({ complain, stop }: Surroundings, command: () => Promise<number>): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (stop.aborted) return 0;
    complain(printable(messageOf(error)));
    return exitCodeOfError(error);
  }
}

/**
 * The user of the name that was given, or of the token. Without either, a user of this process alone under the name of
 * the login, for a user is in a room once and two programs of a person may be. The exit code where there is none of them.
 */
export function identityOf(
  flags: { readonly name?: string },
  server: ServerAccess,
  { complain }: Surroundings,
): Identity | number {
  const given = flags.name?.trim() ?? '';
  if (given !== '' || server.token !== undefined) return identityBy(given, server);
  const login = loginName();
  if (login !== undefined) return { userId: `${login}-${pid}`, displayName: login };
  complain('a name is needed: --name ana');
  return EXIT_USAGE;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

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

/** The name given, or that of the login; the exit code where there is neither. */
export function nameOf({ name }: { readonly name?: string }, { complain }: Surroundings): string | number {
  const known = name?.trim() || loginName();
  if (known !== undefined) return known;
  complain('a name is needed: --name ana');
  return EXIT_USAGE;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

import { ChatError } from '../connection/index.ts';

/** As in sysexits.h. */
export const EXIT_USAGE = 64;
/** There is none, or it went away, or it is there for nobody now. */
const EXIT_NO_SERVER = 69;
export const EXIT_REFUSED = 77;
/** As a shell has it for one that Ctrl+C ended. */
export const EXIT_STOPPED = 130;

const NO_SERVER: ReadonlySet<string> = new Set([
  'unreachable',
  'lost',
  'draining',
  'heartbeat_timeout',
  'overloaded',
  'keys_unavailable',
]);
/** What was given to come with. */
const UNUSABLE: ReadonlySet<string> = new Set(['invalid_tls', 'no_token']);

/** What a program ends with that could not do what it was started for. */
export function exitCodeOf({ reason }: { readonly reason: string }): number {
  if (UNUSABLE.has(reason)) return EXIT_USAGE;
  return NO_SERVER.has(reason) ? EXIT_NO_SERVER : EXIT_REFUSED;
}

export const EXIT_CODES_HELP = 'Exit codes: 0 done, 64 wrong usage, 69 no server or it went away, 77 refused.';

export function exitCodeOfError(error: unknown): number {
  return error instanceof ChatError ? exitCodeOf(error) : EXIT_REFUSED;
}

import type { ReadStream, WriteStream } from 'node:tty';
import { NO_PAINT, PAINT } from '../plain/paint.ts';
import { IN_JSON, inWords, type Telling } from '../plain/telling.ts';

/** What a command needs of the process that it runs in. */
export interface Surroundings {
  readonly input: ReadStream;
  readonly output: WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** "name/version", for the server's log. */
  readonly client: string;
  /** For what went wrong: a line on standard error. */
  readonly complain: (line: string) => void;
  /** Aborted when the program is told to stop, or nobody reads what it writes. */
  readonly stop: AbortSignal;
  /** Runs a command that talks, with its traces exported where the environment says so; its result is the exit code. */
  readonly traced: (command: () => Promise<number>) => Promise<void>;
  /** Sets a variable that libraries read when they are loaded. */
  readonly setVariable: (name: string, value: string) => void;
}

export function wantsColours({ output, environment }: Surroundings, isWanted: boolean): boolean {
  const isAble = output.isTTY === true && environment['TERM'] !== 'dumb';
  return isWanted && isAble && (environment['NO_COLOR'] ?? '') === '';
}

/** How a command tells what happens, a line each. */
export function tellingFor(flags: { readonly json?: true; readonly color: boolean }, to: Surroundings): Telling {
  if (flags.json === true) return IN_JSON;
  return inWords(wantsColours(to, flags.color) ? PAINT : NO_PAINT);
}

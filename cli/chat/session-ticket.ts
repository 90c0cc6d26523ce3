import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What a program that was killed leaves to the next one, so that it comes back as
 * itself: the resume token of its session, in a file that only its user can read.
 * A program that ends by itself leaves none, and that of a program that still
 * runs is not taken. Without such a file, or where none can be written, one
 * waits for the end of the session as everybody does.
 */
export class SessionTicket {
  readonly #folder: string;
  readonly #server: string;
  #file: string | undefined;

  constructor(folder: string, server: string) {
    this.#folder = folder;
    this.#server = server;
  }

  /** The token of a session that nobody holds any more; undefined when there is none. */
  take(name: string): string | undefined {
    this.forget();
    try {
      const { token, pid } = JSON.parse(readFileSync(this.#fileOf(name), 'utf8'));
      return typeof token === 'string' && typeof pid === 'number' && !isRunning(pid) ? token : undefined;
    } catch {
      return undefined;
    }
  }

  keep(name: string, token: string): void {
    const file = this.#fileOf(name);
    try {
      if (this.#file === undefined && isHeldByAnother(file)) return;
      mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
      writeFileSync(file, `${JSON.stringify({ token, pid: process.pid })}\n`, { mode: 0o600 });
      this.#file = file;
    } catch {
      // A convenience that cannot be had.
    }
  }

  forget(): void {
    if (this.#file !== undefined) rmSync(this.#file, { force: true });
    this.#file = undefined;
  }

  #fileOf(name: string): string {
    const words = `${this.#server} ${name.normalize('NFC')}`;
    return join(this.#folder, `${Buffer.from(words).toString('base64url')}.json`);
  }
}

/** Where the state of programs is kept (XDG Base Directory Specification). */
export function ticketFolder(environment: Environment): string {
  const state = environment['XDG_STATE_HOME'] || join(homedir(), '.local', 'state');
  return join(state, 'chat-client');
}

function isHeldByAnother(file: string): boolean {
  try {
    const { pid } = JSON.parse(readFileSync(file, 'utf8'));
    return typeof pid === 'number' && pid !== process.pid && isRunning(pid);
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

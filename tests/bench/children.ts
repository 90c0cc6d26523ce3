import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** Of what a process says, as much as is kept. */
const KEPT_CHARACTERS = 16 * 1024;

type Process = ChildProcessByStdio<null, Readable, Readable>;

/** Processes that were started here. None outlives this one, however it ends, unless it is killed by SIGKILL. */
export class Children {
  readonly #processes = new Set<Process>();

  constructor() {
    process.on('exit', () => {
      for (const child of this.#processes) child.kill('SIGKILL');
    });
    // Exiting runs the above; 128 + the number of the signal is what a shell expects.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    process.once('SIGHUP', () => process.exit(129));
  }

  /** @param words a program and its arguments. */
  start(words: readonly string[], environment: NodeJS.ProcessEnv): Child {
    const [program = '', ...rest] = words;
    // A directory without a .env, which the server would read.
    const options = { env: environment, cwd: import.meta.dirname };
    const started = spawn(program, rest, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#processes.add(started);
    return new Child(started, () => this.#processes.delete(started));
  }
}

export class Child {
  /** The end of what it has said so far. */
  readonly said = { stdout: '', stderr: '' };
  readonly #process: Process;
  readonly #over: Promise<string>;

  constructor(started: Process, gone: () => void) {
    this.#process = started;
    this.#over = new Promise((resolve) => {
      started.once('error', (error) => resolve(`could not be started: ${error.message}`));
      started.once('close', (code, signal) => resolve(`ended with ${signal ?? `exit code ${code}`}`));
    });
    void this.#over.then(gone);
    for (const stream of ['stdout', 'stderr'] as const) {
      started[stream].setEncoding('utf8').on('data', (text: string) => {
        this.said[stream] = (this.said[stream] + text).slice(-KEPT_CHARACTERS);
      });
    }
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Settled when its output passes. @throws when it ends before, or after `patienceMs`. */
  says(passes: (stdout: string) => boolean, patienceMs: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const settled = () => {
        clearTimeout(timer);
        this.#process.stdout.off('data', heard);
      };
      const heard = () => {
        if (!passes(this.said.stdout)) return;
        settled();
        resolve();
      };
      const failed = (why: string) => {
        settled();
        reject(new Error(why));
      };
      const timer = setTimeout(() => failed(`took longer than ${patienceMs / 1000} s`), patienceMs);
      void this.#over.then(failed);
      this.#process.stdout.on('data', heard);
    });
  }

  /** Settled when it has ended well, or with exit code 1. @throws when it ended otherwise, or after `patienceMs`. */
  async ends(patienceMs: number): Promise<void> {
    const late = new Promise<never>((_, reject) => {
      setTimeout(() => reject(new Error(`took longer than ${patienceMs / 1000} s`)), patienceMs).unref();
    });
    const how = await Promise.race([this.#over, late]);
    // 1: something that it was to hold did not, which is told in its report.
    if (!/^ended with exit code [01]$/.test(how)) throw new Error(how);
  }

  /** Kills it, and waits until it is gone. */
  async end(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#over;
  }
}

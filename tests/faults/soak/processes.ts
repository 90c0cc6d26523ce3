import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Of what a process says, as much as is kept. */
const KEPT_CHARACTERS = 16 * 1024;

interface Started {
  readonly process: ChildProcess;
  /** The end of what it wrote. */
  readonly said: { text: string };
  /** Its exit code, or the signal that ended it. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
}

/** Processes that were started here; none outlives this one, however it ends, unless that is by SIGKILL. */
export class Processes {
  readonly #running = new Set<ChildProcess>();

  constructor() {
    process.on('exit', () => {
      for (const child of this.#running) child.kill('SIGKILL');
    });
    // Exiting runs the above; 128 + the number of the signal is what a shell expects.
    process.once('SIGINT', () => process.exit(130));
    process.once('SIGTERM', () => process.exit(143));
    process.once('SIGHUP', () => process.exit(129));
  }

  /** @param program a file beside this one. `env`: its whole environment, beside PATH. */
  start(
    program: string,
    { env = {}, execArgv = [] }: { env?: Record<string, string>; execArgv?: string[] } = {},
  ): Started {
    const child = fork(fileURLToPath(new URL(program, import.meta.url)), [], {
      execArgv,
      cwd: import.meta.dirname,
      env: { PATH: process.env['PATH'], ...env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#running.add(child);
    const said = { text: '' };
    for (const output of [child.stdout, child.stderr]) {
      output?.setEncoding('utf8').on('data', (text: string) => {
        said.text = (said.text + text).slice(-KEPT_CHARACTERS);
      });
    }
    // A message to one that is gone is no fault of ours.
    child.on('error', () => {});
    const exit = once(child, 'exit').then(([code, signal]) => {
      this.#running.delete(child);
      return code ?? signal;
    });
    return { process: child, said, exit };
  }
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const PROGRAMS = {
  server: '../../dist/src/main.js',
  client: '../../dist/cli/main.js',
  healthcheck: '../../dist/src/healthcheck.js',
  /** A client by hand that tells what it hears; see there. */
  member: '../faults/support/member.ts',
};

interface ProgramOptions {
  readonly args?: readonly string[];
  /** Settings, beside an environment that has none. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A built program as a process; what it writes is kept and can be waited for. Ended with its scope. */
export class Program {
  stdout = '';
  stderr = '';
  /** Its exit code, or the signal that ended it, once all that it wrote is read. */
  readonly exit: Promise<number | NodeJS.Signals | null>;
  readonly #process: ChildProcess;

  /** @param program one of ours, or the words of any other command. */
  constructor(program: keyof typeof PROGRAMS | readonly string[], { args = [], env = {}, cwd }: ProgramOptions = {}) {
    const command = typeof program === 'string' ? [process.execPath, programFile(program)] : program;
    const [file = '', ...words] = command;
    this.#process = spawn(file, [...words, ...args], {
      cwd,
      env: { ...withoutSettings(), ...env },
    });
    this.exit = once(this.#process, 'close').then(([code, signal]) => code ?? signal);
    this.#process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.#process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    // A program may end before it read everything.
    this.#process.stdin?.on('error', () => {});
  }

  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Lines of its standard output so far, unfinished ones too. */
  get lines(): string[] {
    return this.stdout.split('\n').filter((line) => line !== '');
  }

  type(text: string): void {
    this.#process.stdin?.write(text);
  }

  endInput(): void {
    this.#process.stdin?.end();
  }

  /** Nobody reads its standard output any more. */
  closeOutput(): void {
    this.#process.stdout?.destroy();
  }

  signal(signal: NodeJS.Signals): void {
    this.#process.kill(signal);
  }

  /** Settled when it has written `text` to its standard output. Fails when it ends without. */
  async shows(text: string): Promise<void> {
    const { stdout } = this.#process;
    const ended = this.exit.then(() => 'ended');
    while (!this.stdout.includes(text)) {
      const next = stdout === null ? ended : Promise.race([ended, once(stdout, 'data')]);
      if ((await next) !== 'ended' || this.stdout.includes(text)) continue;
      throw new Error(`it ended without showing "${text}"; stdout: ${this.stdout}; stderr: ${this.stderr}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exit;
  }
}

/** Where it is; fails when it was not built. */
export function programFile(name: keyof typeof PROGRAMS): string {
  const file = fileURLToPath(new URL(PROGRAMS[name], import.meta.url));
  if (!existsSync(file)) throw new Error(`${file} is not built: make build`);
  return file;
}

/** Settled with the port of a server that was started with port 0, when it listens. */
export async function portOf(server: Program): Promise<number> {
  await server.shows('"listening"');
  return Number(/"address":"[^"]*:(\d+)"/.exec(server.stdout)?.[1]);
}

/** A port of 127.0.0.1 where nothing listens. */
export async function freePort(): Promise<number> {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  listener.close();
  await once(listener, 'close');
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return address.port;
}

function withoutSettings(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('CHAT_GRPC_')));
}

import { vi } from 'vitest';
import { Program } from '../../support/program.ts';

/** No limit on what a client says, and no time-out that the test did not ask for. */
const QUIET = {
  CHAT_GRPC_RATE_LIMIT: '0',
  CHAT_GRPC_HEARTBEAT_INTERVAL: '1h',
  CHAT_GRPC_KEEPALIVE_TIME: '1h',
  CHAT_GRPC_SHUTDOWN_GRACE: '10m',
};

/** The built server as a process; its log can be looked at. Ended with its scope. */
export class ServerProcess {
  readonly port: number;
  readonly #program: Program;

  /** @param settings without their prefix. `environment`: what stands beside them as it is. */
  static async start(
    settings: Readonly<Record<string, string>> = {},
    environment: Readonly<Record<string, string>> = {},
  ): Promise<ServerProcess> {
    const given = Object.entries(settings).map(([name, value]) => [`CHAT_GRPC_${name}`, value]);
    const env = {
      ...QUIET,
      CHAT_GRPC_PORT: '0',
      CHAT_GRPC_LOG_LEVEL: 'debug',
      ...Object.fromEntries(given),
      ...environment,
    };
    const program = new Program('server', { env, cwd: import.meta.dirname });
    try {
      await program.shows('"listening"}\n');
    } catch (error) {
      await program[Symbol.asyncDispose]();
      throw error;
    }
    return new ServerProcess(program);
  }

  private constructor(program: Program) {
    this.#program = program;
    const address = String(this.logged('listening')[0]?.['address']);
    this.port = Number(address.slice(address.lastIndexOf(':') + 1));
  }

  get pid(): number {
    return this.#program.pid;
  }

  get exit(): Program['exit'] {
    return this.#program.exit;
  }

  signal(signal: NodeJS.Signals): void {
    this.#program.signal(signal);
  }

  /** Lines of its log with this message so far. */
  logged(message: string): Record<string, unknown>[] {
    return this.log.filter(({ msg }) => msg === message);
  }

  /** All lines of its log so far. */
  get log(): Record<string, unknown>[] {
    const whole = this.#program.stdout.slice(0, this.#program.stdout.lastIndexOf('\n') + 1);
    return whole
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  }

  /** Why streams ended so far, in order. */
  get closed(): unknown[] {
    return this.logged('stream closed').map(({ reason }) => reason);
  }

  /** Settled when a stream ended for this reason. */
  async hasClosed(reason: string): Promise<void> {
    await vi.waitFor(
      () => {
        if (!this.closed.includes(reason)) throw new Error(`no stream ended with ${reason}, but ${this.closed}`);
      },
      { timeout: 50_000, interval: 20 },
    );
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#program[Symbol.asyncDispose]();
  }
}

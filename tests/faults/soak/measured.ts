import type { Asked, Measured } from './measured-server.ts';
import type { Processes } from './processes.ts';

/** What the last minute may hold beyond what the fifth did. */
const MOST_GROWTH = 1.05;
const MINUTE_MS = 60_000;
/** Before that everything fills up that is meant to be filled. */
const STEADY_FROM_MS = 4 * MINUTE_MS;

interface Sample {
  readonly atMs: number;
  readonly bytes: number;
}

/** The server with its memory in reach. */
export class MeasuredServer {
  readonly port: number;
  readonly exit: Promise<number | NodeJS.Signals | null>;
  readonly #started: ReturnType<Processes['start']>;
  readonly #samples: Sample[] = [];

  static async start(processes: Processes, settings: Readonly<Record<string, string>>): Promise<MeasuredServer> {
    const started = processes.start('measured-server.ts', {
      // As `make run` starts it, and with its memory in reach.
      execArgv: ['--max-semi-space-size=8', '--expose-gc'],
      env: { CHAT_GRPC_PORT: '0', ...settings },
    });
    let isOver = false;
    void started.exit.then(() => {
      isOver = true;
    });
    let port: string | undefined;
    while (port === undefined) {
      if (isOver) throw new Error(`the server ended: ${started.said.text}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      port = /"address":"[^"]*:(\d+)","msg":"listening"/.exec(started.said.text)?.[1];
    }
    return new MeasuredServer(started, Number(port));
  }

  private constructor(started: ReturnType<Processes['start']>, port: number) {
    this.#started = started;
    this.port = port;
    this.exit = started.exit;
  }

  get pid(): number {
    return this.#started.process.pid ?? 0;
  }

  /** The end of what it wrote. */
  get said(): string {
    return this.#started.said.text;
  }

  /** Heap and external bytes after a forced collection; noted as of `atMs`. Undefined when it is gone. */
  async measure(atMs: number): Promise<Measured | undefined> {
    const measured = await this.#ask({ snapshot: undefined });
    if (measured !== undefined) this.#samples.push({ atMs, bytes: measured.heapUsed + measured.external });
    return measured;
  }

  /** As above, of before it wrote a snapshot of its heap to `path`; nothing is noted. */
  snapshot(path: string): Promise<Measured | undefined> {
    return this.#ask({ snapshot: path });
  }

  async #ask(asked: Asked): Promise<Measured | undefined> {
    const { process } = this.#started;
    if (!process.connected) return undefined;
    const answer = new Promise<Measured | undefined>((resolve) => {
      process.once('message', (measured: Measured) => resolve(measured));
      void this.exit.then(() => resolve(undefined));
    });
    // That it has gone meanwhile is told by its exit.
    process.send(asked, () => {});
    return answer;
  }

  stop(signal: NodeJS.Signals = 'SIGTERM'): void {
    this.#started.process.kill(signal);
  }

  /** Whether memory has grown from minute five to the last one; undefined when the run was too short to say. */
  growth(totalMs: number): { readonly factor: number; readonly isTooMuch: boolean } | undefined {
    const within = (fromMs: number, toMs: number) =>
      median(this.#samples.filter(({ atMs }) => atMs >= fromMs && atMs < toMs).map(({ bytes }) => bytes));
    const fifth = within(STEADY_FROM_MS, STEADY_FROM_MS + MINUTE_MS);
    const last = within(totalMs - MINUTE_MS, Number.POSITIVE_INFINITY);
    if (totalMs < STEADY_FROM_MS + 2 * MINUTE_MS || fifth === undefined || last === undefined) return undefined;
    return { factor: last / fifth, isTooMuch: last > fifth * MOST_GROWTH };
  }
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >>> 1];
}

import { writeSync } from 'node:fs';
import { constants } from 'node:os';
import { type IPty, spawn } from '@lydell/node-pty';

interface PseudoTerminalOptions {
  readonly file: string;
  readonly args: readonly string[];
  readonly columns: number;
  readonly rows: number;
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  readonly onOutput: (text: string) => void;
}

export interface Ending {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** What its declarations leave out. */
interface Pty extends IPty {
  readonly fd: number;
  on(event: 'close', listener: () => void): void;
  /** Closes it, and sends SIGHUP too. */
  destroy(): void;
}

const RETRY_MS = 5;

/**
 * A process at a pseudo terminal.
 *
 * node-pty's own `write` stops this whole process until the other one has read,
 * which never happens when that one waits for its output to be read: hence the
 * writing by hand.
 */
export class PseudoTerminal {
  readonly ended: Promise<Ending>;
  readonly #pty: Pty;
  #unwritten = Buffer.alloc(0);
  #isOpen = true;

  constructor({ file, args, columns, rows, env, cwd, onOutput }: PseudoTerminalOptions) {
    const size = { cols: columns, rows };
    this.#pty = spawn(file, [...args], { ...size, env, ...(cwd === undefined ? {} : { cwd }) }) as Pty;
    this.#pty.onData(onOutput);
    this.#pty.on('close', () => {
      this.#isOpen = false;
    });
    this.ended = new Promise((resolve) => {
      this.#pty.onExit(({ exitCode, signal }) => resolve(endingOf(exitCode, signal)));
    });
  }

  get pid(): number {
    return this.#pty.pid;
  }

  write(text: string): void {
    const isWaiting = this.#unwritten.length > 0;
    this.#unwritten = Buffer.concat([this.#unwritten, Buffer.from(text)]);
    if (!isWaiting) this.#flush();
  }

  resize(columns: number, rows: number): void {
    if (this.#isOpen) this.#pty.resize(columns, rows);
  }

  signal(signal: NodeJS.Signals): void {
    this.#pty.kill(signal);
  }

  /**
   * As when its window is closed. Programs that this process started after it hold
   * it open (node-pty does not keep it from them), so its reader sees the end for
   * certain only where there is none; the signal comes in any case.
   */
  hangUp(): void {
    this.#isOpen = false;
    this.#pty.destroy();
  }

  /** What it started too, unless that has a group of its own. */
  kill(): void {
    try {
      process.kill(-this.#pty.pid, 'SIGKILL');
    } catch {
      // It ended by itself.
    }
    this.hangUp();
  }

  #flush(): void {
    while (this.#isOpen && this.#unwritten.length > 0) {
      try {
        this.#unwritten = this.#unwritten.subarray(writeSync(this.#pty.fd, this.#unwritten));
      } catch (error) {
        // Nobody has read what was written before.
        if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') {
          setTimeout(() => this.#flush(), RETRY_MS);
          return;
        }
        // Nobody is there any more.
        this.#isOpen = false;
      }
    }
    this.#unwritten = Buffer.alloc(0);
  }
}

function endingOf(code: number, number: number | undefined): Ending {
  const signals = Object.entries(constants.signals) as [NodeJS.Signals, number][];
  const signal = signals.find(([, value]) => value === number)?.[0] ?? null;
  return { code: signal === null ? code : null, signal };
}

import { EventEmitter, once } from 'node:events';
import { Emulator } from './emulator.ts';
import { programFile } from './program.ts';
import { type Ending, PseudoTerminal } from './pseudo-terminal.ts';

interface TerminalOptions {
  /** What runs there: the client unless something else is named. */
  readonly command?: string;
  readonly args?: readonly string[];
  /** Beside an environment that has nothing but where programs and scratch files are, TERM and LANG. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly columns?: number;
  readonly rows?: number;
}

/** A part of the screen, or what holds of all of it. */
type Sight = string | RegExp | ((screen: string) => boolean);

const KEPT_OUTPUT = 1024 * 1024;
/** Below the limit of a test, so that it fails with what the screen shows. */
const LIMIT_MS = 50_000;

/** A command and its arguments that start the client: for a shell at the terminal, say. */
export const clientCommand = (...args: string[]): string[] => [process.execPath, programFile('client'), ...args];

/** A program at a terminal, whose screen can be waited for. Ended with its scope. */
export class TerminalProgram {
  readonly emulator: Emulator;
  /** How it ended, once all that it wrote is on the screen. */
  readonly exit: Promise<Ending>;
  /** The last mebibyte of what it wrote, control sequences and all. */
  output = '';
  readonly #terminal: PseudoTerminal;
  readonly #changes = new EventEmitter<{ change: [] }>();
  #shown = Promise.resolve();
  #ending: Ending | undefined;

  constructor({ command, args = [], env = {}, cwd, columns = 80, rows = 24 }: TerminalOptions = {}) {
    const [file = '', ...words] = command === undefined ? clientCommand(...args) : [command, ...args];
    const size = { columns, rows };
    this.emulator = new Emulator({ ...size, answer: (text) => this.#terminal.write(text) });
    this.#terminal = new PseudoTerminal({
      ...{ file, args: words, ...size, cwd },
      env: { ...cleanEnvironment(), ...env },
      onOutput: (text) => this.#show(text),
    });
    this.exit = this.#terminal.ended.then(async (ending) => {
      await this.#shown;
      this.#ending = ending;
      this.#changes.emit('change');
      return ending;
    });
  }

  /** All rows of the screen. */
  get screen(): string {
    return this.emulator.rows.join('\n');
  }

  /** Keys as a terminal sends them: Enter is `\r`. */
  type(keys: string): void {
    this.#terminal.write(keys);
  }

  /** Marked as a paste when the program asked for that. */
  paste(text: string): void {
    const keys = text.replaceAll(/\r?\n/g, '\r');
    this.type(this.emulator.modes.bracketedPaste ? `\x1b[200~${keys}\x1b[201~` : keys);
  }

  resize(columns: number, rows: number): void {
    this.emulator.resize(columns, rows);
    this.#terminal.resize(columns, rows);
  }

  signal(signal: NodeJS.Signals): void {
    this.#terminal.signal(signal);
  }

  /** The window is closed. */
  hangUp(): void {
    this.#terminal.hangUp();
  }

  /** Settled when the screen shows it. Fails with the screen when the program ends without. */
  shows(sight: Sight, what = `${sight}`): Promise<void> {
    return this.#until(() => isSeen(sight, this.screen), `show ${what}`);
  }

  showsNot(sight: Sight, what = `${sight}`): Promise<void> {
    return this.#until(() => !isSeen(sight, this.screen), `stop to show ${what}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#ending !== undefined) return;
    this.#terminal.kill();
    await this.exit;
  }

  #show(text: string): void {
    this.output = (this.output + text).slice(-KEPT_OUTPUT);
    this.#shown = this.emulator.write(text).then(() => {
      this.#changes.emit('change');
    });
  }

  async #until(holds: () => boolean, what: string): Promise<void> {
    const limit = AbortSignal.timeout(LIMIT_MS);
    while (this.#isUnfinished() || !holds()) {
      if (this.#ending !== undefined || limit.aborted) throw new Error(this.#complaint(what));
      await once(this.#changes, 'change', { signal: limit }).catch(() => {});
    }
  }

  /** In the middle of an update nobody looks. */
  #isUnfinished(): boolean {
    return this.#ending === undefined && this.emulator.modes.unfinishedUpdate;
  }

  #complaint(what: string): string {
    const state = this.#ending === undefined ? 'it runs' : `it ended with ${this.#ending.signal ?? this.#ending.code}`;
    const { x, y } = this.emulator.cursor;
    return `the terminal did not ${what} (${state}; cursor at ${x},${y}); it shows:\n${this.screen.trimEnd()}`;
  }
}

function isSeen(sight: Sight, screen: string): boolean {
  if (typeof sight === 'string') return screen.includes(sight);
  return sight instanceof RegExp ? sight.test(screen) : sight(screen);
}

function cleanEnvironment(): Record<string, string> {
  const { PATH = '', HOME = '/', TMPDIR } = process.env;
  return { PATH, HOME, ...(TMPDIR === undefined ? {} : { TMPDIR }), TERM: 'xterm-256color', LANG: 'C.UTF-8' };
}

import { clearScreenDown, createInterface, cursorTo, type Interface, moveCursor } from 'node:readline';

/** Lines of a person or a pipe, one at a time, with what is printed meanwhile kept apart from what is being typed. */
export class Prompt {
  /** `prevRows` is Node's own: how far down it believes the cursor to be in what is typed. Pasted text escapes it. */
  readonly #lines: Interface & { prevRows?: number };
  readonly #iterator: AsyncIterator<string>;
  readonly #isTerminal: boolean;
  readonly #output: NodeJS.WriteStream;
  #isAsking = false;
  #isClosed = false;

  /**
   * @param isMute asks nothing and edits nothing, on a terminal too.
   * @param interrupted called on Ctrl+C, which is no signal while a terminal is read key by key.
   */
  constructor(
    input: NodeJS.ReadStream,
    output: NodeJS.WriteStream,
    { interrupted, isMute = false }: { readonly interrupted: () => void; readonly isMute?: boolean },
  ) {
    this.#isTerminal = !isMute && input.isTTY === true && output.isTTY === true;
    this.#output = output;
    this.#lines = createInterface({ input, output, terminal: this.#isTerminal });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
    this.#lines.on('SIGINT', interrupted);
    // Back from Ctrl+Z: Node has paused the input.
    this.#lines.on('SIGCONT', () => this.#lines.resume());
    this.#lines.once('close', () => {
      this.#isClosed = true;
    });
  }

  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** The next line; undefined at the end of input or once closed. The question is shown on a terminal only. */
  async ask(question: string): Promise<string | undefined> {
    if (this.#isTerminal && !this.#isClosed) {
      this.#isAsking = true;
      this.#lines.setPrompt(question);
      this.#lines.prompt();
    }
    const { done, value } = await this.#iterator.next();
    if (done) this.#endLine();
    this.#isAsking = false;
    return done ? undefined : value;
  }

  /** Prints a line above what is being typed. */
  print(line: string): void {
    if (!this.#isAsking) {
      this.#output.write(`${line}\n`);
      return;
    }
    // What is typed may be wrapped over several rows; it goes, and is drawn anew below the line.
    moveCursor(this.#output, 0, -this.#lines.getCursorPos().rows);
    cursorTo(this.#output, 0);
    clearScreenDown(this.#output);
    this.#output.write(`${line}\n`);
    this.#lines.prevRows = 0;
    this.#lines.prompt(true);
  }

  /** Whoever asks is told the end of input. */
  close(): void {
    this.#endLine();
    this.#lines.close();
  }

  /** What comes next on a terminal begins on a line of its own. */
  #endLine(): void {
    if (this.#isAsking) this.#output.write('\n');
    this.#isAsking = false;
  }
}

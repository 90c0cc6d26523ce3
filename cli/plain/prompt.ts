import { createInterface, type Interface } from 'node:readline';

/** Lines of a person or a pipe, one at a time, with what is printed meanwhile kept apart from what is being typed. */
export class Prompt {
  readonly #lines: Interface;
  readonly #iterator: AsyncIterator<string>;
  readonly #isTerminal: boolean;
  readonly #output: NodeJS.WriteStream;
  #isAsking = false;

  constructor(input: NodeJS.ReadStream, output: NodeJS.WriteStream) {
    this.#isTerminal = input.isTTY === true && output.isTTY === true;
    this.#output = output;
    this.#lines = createInterface({ input, output, terminal: this.#isTerminal });
    this.#iterator = this.#lines[Symbol.asyncIterator]();
    // Ctrl+C ends the input, like Ctrl+D.
    this.#lines.on('SIGINT', () => this.#lines.close());
  }

  get isTerminal(): boolean {
    return this.#isTerminal;
  }

  /** The next line; undefined at the end of input. The question is shown on a terminal only. */
  async ask(question: string): Promise<string | undefined> {
    if (this.#isTerminal) {
      this.#isAsking = true;
      this.#lines.setPrompt(question);
      this.#lines.prompt();
    }
    const { done, value } = await this.#iterator.next();
    this.#isAsking = false;
    return done ? undefined : value;
  }

  /** Prints a line above what is being typed. */
  print(line: string): void {
    if (!this.#isAsking) {
      this.#output.write(`${line}\n`);
      return;
    }
    this.#output.write(`\r\x1b[K${line}\n`);
    this.#lines.prompt(true);
  }

  close(): void {
    if (this.#isAsking) this.#output.write('\n');
    this.#isAsking = false;
    this.#lines.close();
  }
}

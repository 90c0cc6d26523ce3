import type { ReadStream, WriteStream } from 'node:tty';

/** Bracketed paste and reports of focus on; no wrapping at the right edge, no arrow keys for the wheel of the mouse. */
const ON = '\u001b[?2004h\u001b[?1004h\u001b[?7l\u001b[?1007l';
const OFF = '\u001b[?2004l\u001b[?1004l\u001b[?7h\u001b[?1007h';

/**
 * What the screen needs of a terminal beside the alternate screen, which Ink
 * turns on and off. Without wrapping, a row that the terminal draws wider than
 * it was measured ends at the edge and shifts no other.
 */
export class TerminalModes {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  #isOn = false;

  constructor(input: ReadStream, output: WriteStream) {
    this.#input = input;
    this.#output = output;
  }

  enter(): void {
    this.#isOn = true;
    this.#input.setRawMode(true);
    this.#output.write(ON);
  }

  /** Works while the process ends, too: a terminal is written to at once. One that is gone is none to mend. */
  leave(): void {
    if (!this.#isOn) return;
    this.#isOn = false;
    try {
      this.#output.write(OFF);
      this.#input.setRawMode(false);
    } catch {}
  }
}

import { fittedLine, type Line, lineCells, written } from '../terminal/line.ts';

/** As much of a terminal as is needed. */
export interface TerminalOutput {
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): unknown;
}

/** What a terminal is taken for that does not say how large it is. */
const USUAL_COLUMNS = 80;
const USUAL_ROWS = 24;

/**
 * A terminal with lines that scroll, and beneath them a foot that is drawn anew. Each
 * change is one write that draws over what is there and clears only what is left of
 * it: nothing flickers, and the scrollback keeps what has scrolled.
 */
export class Screen {
  readonly #output: TerminalOutput;
  readonly #colours: boolean;
  #foot: readonly Line[] = [];

  constructor(output: TerminalOutput, { colours }: { readonly colours: boolean }) {
    this.#output = output;
    this.#colours = colours;
  }

  /** As many lines as a foot may have: half of the screen is for what scrolls. */
  get mostFootLines(): number {
    return Math.floor((this.#output.rows || USUAL_ROWS) / 2);
  }

  /** Lets lines scroll in above the foot, which becomes this one. */
  draw(lines: readonly Line[], foot: readonly Line[]): void {
    const columns = this.#output.columns || USUAL_COLUMNS;
    // Made narrower, a terminal has wrapped what stood there.
    const rowsBack = this.#foot.reduce((sum, line) => sum + Math.max(1, Math.ceil(lineCells(line) / columns)), 0);
    // A line that fills the last column leaves the cursor upon it, and clearing would take that character.
    this.#foot = foot.map((line) => fittedLine(line, columns - 1));
    const drawn = [...lines.map((line) => fittedLine(line, columns - 1)), ...this.#foot]
      .map((line) => `${written(line, { colours: this.#colours })}\u001b[K\n`)
      .join('');
    this.#output.write(`${rowsBack > 0 ? `\u001b[${rowsBack}A` : ''}\r${drawn}\u001b[J`);
  }
}

import { Unicode11Addon } from '@xterm/addon-unicode11';
import xterm, { type IBuffer } from '@xterm/headless';
import { type Cell, cellOf } from './cell.ts';

/** What a program switched on or off. */
interface Modes {
  readonly autowrap: boolean;
  readonly bracketedPaste: boolean;
  readonly focusReporting: boolean;
  /** Between the two marks of an update: what is on the screen is not meant to be seen. */
  readonly unfinishedUpdate: boolean;
}

interface EmulatorOptions {
  readonly columns: number;
  readonly rows: number;
  /** Takes what a terminal answers when it is asked for its kind or for the place of its cursor. */
  readonly answer?: (text: string) => void;
}

const SHOW_OR_HIDE_CURSOR = 25;

/** A terminal without a window: it is fed what a program writes, and tells what would be seen. */
export class Emulator {
  /** Each title that was set, the one that came back too. */
  readonly titles: string[] = [];
  bells = 0;
  isCursorVisible = true;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;

  constructor({ columns, rows, answer = () => {} }: EmulatorOptions) {
    this.#terminal = new xterm.Terminal({
      cols: columns,
      rows,
      allowProposedApi: true,
      windowOptions: { pushTitle: true, popTitle: true },
    });
    this.#terminal.loadAddon(new Unicode11Addon());
    this.#terminal.unicode.activeVersion = '11';
    this.#terminal.onData(answer);
    this.#terminal.onBell(() => {
      this.bells += 1;
    });
    this.#terminal.onTitleChange((title) => this.titles.push(title));
    this.#watchCursor();
  }

  /** Settled when all of it is on the screen. */
  write(output: string | Uint8Array): Promise<void> {
    return new Promise((resolve) => this.#terminal.write(output, resolve));
  }

  resize(columns: number, rows: number): void {
    this.#terminal.resize(columns, rows);
  }

  /** The screen, a string a row, without the blanks at its end. */
  get rows(): string[] {
    const { active } = this.#terminal.buffer;
    return linesOf(active, active.baseY);
  }

  /** The main screen and all that went off its top, also while a program shows the alternate one. */
  get scrollback(): string {
    return linesOf(this.#terminal.buffer.normal, 0).join('\n').trimEnd();
  }

  cells(row: number): Cell[] {
    const { active } = this.#terminal.buffer;
    const line = active.getLine(active.baseY + row);
    if (line === undefined) throw new RangeError(`there is no row ${row}`);
    return Array.from({ length: this.#terminal.cols }, (_, column) => {
      const cell = line.getCell(column);
      return cell && cellOf(cell, column);
    }).filter((cell) => cell !== undefined);
  }

  /** From 0; behind the last column when the next character wraps. */
  get cursor(): { x: number; y: number } {
    const { cursorX, cursorY } = this.#terminal.buffer.active;
    return { x: cursorX, y: cursorY };
  }

  get isAlternate(): boolean {
    return this.#terminal.buffer.active.type === 'alternate';
  }

  get modes(): Modes {
    const { wraparoundMode, bracketedPasteMode, sendFocusMode, synchronizedOutputMode } = this.#terminal.modes;
    return {
      autowrap: wraparoundMode,
      bracketedPaste: bracketedPasteMode,
      focusReporting: sendFocusMode,
      unfinishedUpdate: synchronizedOutputMode,
    };
  }

  /** xterm itself does not tell it. */
  #watchCursor(): void {
    const { parser } = this.#terminal;
    for (const [final, visible] of [
      ['h', true],
      ['l', false],
    ] as const)
      parser.registerCsiHandler({ prefix: '?', final }, (modes) => {
        if (modes.includes(SHOW_OR_HIDE_CURSOR)) this.isCursorVisible = visible;
        return false;
      });
    const reset = () => {
      this.isCursorVisible = true;
      return false;
    };
    parser.registerEscHandler({ final: 'c' }, reset);
    parser.registerCsiHandler({ intermediates: '!', final: 'p' }, reset);
  }
}

function linesOf(buffer: IBuffer, first: number): string[] {
  const count = buffer.length - first;
  return Array.from(
    { length: count },
    (_, row) =>
      buffer
        .getLine(first + row)
        ?.translateToString()
        .trimEnd() ?? '',
  );
}

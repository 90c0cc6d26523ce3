import type { ReadStream, WriteStream } from 'node:tty';
import { type Instance, render } from 'ink';
import { Screen, type ScreenSource } from '../ui/screen.tsx';
import { type KeyboardEvents, readKeyboard } from './keyboard.ts';
import { TerminalModes } from './terminal-modes.ts';

/** A shell has the terminal sooner than this. */
const SUSPENDED_MS = 100;

export interface DisplayEvents extends KeyboardEvents {
  readonly resized: (size: { readonly columns: number; readonly rows: number }) => void;
}

/** The terminal while the program has it: what is drawn, and what is typed. */
export class Display {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #colours: boolean;
  readonly #store: ScreenSource;
  readonly #events: DisplayEvents;
  readonly #modes: TerminalModes;
  #showAgain: NodeJS.Timeout | undefined;
  #shown: { readonly screen: Instance; readonly deafen: () => void } | undefined;

  constructor(
    terminal: { input: ReadStream; output: WriteStream; colours: boolean },
    store: ScreenSource,
    events: DisplayEvents,
  ) {
    this.#colours = terminal.colours;
    this.#input = terminal.input;
    this.#output = terminal.output;
    this.#store = store;
    this.#events = events;
    this.#modes = new TerminalModes(terminal.input, terminal.output);
  }

  show(): void {
    if (this.#shown !== undefined) return;
    process.once('exit', this.#leaveModes);
    // Before Ink hears of it, so that what it draws has the new size.
    this.#output.on('resize', this.#resized);
    this.#resized();
    this.#modes.enter();
    const screen = render(<Screen store={this.#store} colours={this.#colours} />, {
      stdin: this.#input,
      stdout: this.#output,
      alternateScreen: true,
      exitOnCtrlC: false,
      incrementalRendering: true,
      // By itself Ink draws nothing where CI is set.
      interactive: true,
      // What the network tells is drawn more rarely, by the store; what a person types does not wait.
      maxFps: 240,
      patchConsole: false,
    });
    this.#shown = { screen, deafen: readKeyboard(this.#input, this.#events) };
  }

  /** The terminal is as it was. */
  hide(): void {
    clearTimeout(this.#showAgain);
    if (this.#shown === undefined) return;
    const { screen, deafen } = this.#shown;
    this.#shown = undefined;
    deafen();
    this.#output.off('resize', this.#resized);
    screen.unmount();
    this.#leaveModes();
    process.off('exit', this.#leaveModes);
  }

  /** Draws all of it anew, whatever else has written to the terminal. */
  redraw(): void {
    this.hide();
    this.show();
  }

  /** Hands the terminal back to the shell until the program is continued; where no shell takes it, it is drawn again. */
  suspend(): void {
    this.hide();
    // The whole job, as the terminal itself would: `make client` is more than one process.
    process.kill(0, 'SIGTSTP');
    // A process that is stopped has no timers: this comes when it goes on.
    this.#showAgain = setTimeout(() => this.show(), SUSPENDED_MS);
  }

  readonly #leaveModes = () => this.#modes.leave();

  readonly #resized = () => {
    this.#events.resized({ columns: this.#output.columns || 80, rows: this.#output.rows || 24 });
  };
}

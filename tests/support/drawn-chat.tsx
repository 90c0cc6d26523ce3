import { Writable } from 'node:stream';
import { type Instance, render } from 'ink';
import { Screen } from '../../cli/ui/screen.tsx';
import { Emulator } from './emulator.ts';
import type { PlayedChat } from './played-chat.ts';

/** Without wrapping, as the program runs it. */
const NO_WRAP = '\u001b[?7l';

/** A played chat as Ink draws it on a terminal. Ended with its scope. */
export class DrawnChat {
  readonly emulator: Emulator;
  readonly #instance: Instance;
  #written: Promise<void>;

  constructor(chat: PlayedChat) {
    const { columns, rows } = chat.state;
    this.emulator = new Emulator({ columns, rows });
    this.#written = this.emulator.write(NO_WRAP);
    const write = (chunk: Buffer, _: unknown, done: () => void) => {
      // As the driver of a terminal does.
      this.#written = this.emulator.write(chunk.toString().replaceAll('\n', '\r\n'));
      done();
    };
    const output = Object.assign(new Writable({ write }), { columns, rows, isTTY: true });
    this.#instance = render(<Screen store={chat.store} colours />, {
      stdout: output as never,
      alternateScreen: true,
      exitOnCtrlC: false,
      incrementalRendering: true,
      interactive: true,
      patchConsole: false,
    });
  }

  /** Settled when all that happened is on the screen. */
  async drawn(): Promise<void> {
    await this.#instance.waitUntilRenderFlush();
    await this.#written;
  }

  [Symbol.dispose](): void {
    this.#instance.unmount();
  }
}

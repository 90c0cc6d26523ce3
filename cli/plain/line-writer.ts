import { once } from 'node:events';
import type { Writable } from 'node:stream';

/** Writes lines as fast as they are read, and no faster; nothing once `stop` is aborted. */
export class LineWriter {
  readonly #output: Writable;
  readonly #stop: AbortSignal;

  constructor(output: Writable, stop: AbortSignal) {
    this.#output = output;
    this.#stop = stop;
  }

  /** Settled when there is room for the next. */
  async write(line: string): Promise<void> {
    if (this.#stop.aborted || this.#output.write(`${line}\n`)) return;
    await once(this.#output, 'drain', { signal: this.#stop }).catch(() => {});
  }
}

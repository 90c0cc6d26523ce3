import { appendFileSync, closeSync, openSync } from 'node:fs';

/** A file of JSON, a line for each thing that arrived. Written at once: what was shown is in it. */
export class RecordFile {
  readonly #descriptor: number;

  /** Begins it anew. @throws Node's error when that cannot be. */
  constructor(path: string) {
    this.#descriptor = openSync(path, 'w');
  }

  /** @throws Node's error, such as ENOSPC. */
  add(signal: 'span' | 'metric' | 'log', records: readonly object[]): void {
    if (records.length === 0) return;
    const lines = records.map((record) => `${JSON.stringify({ signal, ...record }, withoutBigInts)}\n`);
    appendFileSync(this.#descriptor, lines.join(''));
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** Nanoseconds as decimal digits, as in OTLP's own JSON. */
function withoutBigInts(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}` : value;
}

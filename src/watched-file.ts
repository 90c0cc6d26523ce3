/**
 * A file whose content may change while the program runs: keys, certificates, lists of what is revoked.
 *
 * The file is looked at again and again instead of being watched by the system: a path that leads through symbolic
 * links to a file that is replaced by renaming (as editors, certbot and Kubernetes do it) has no single file whose
 * events tell everything, and network file systems tell nothing.
 *
 * Most looks are a `stat`. The content is read when that differs, and for some looks after it stopped to differ: a
 * second write within the resolution of the file's times (2 s on some file systems) leaves them as they were. A
 * content that differs is taken once it was found twice, so that one which is just being written is not.
 */
import { open, stat } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_EVERY_MS = 500;
/** Between the two findings of a new content. */
const SETTLES_MS = 50;
const STEADY_LOOKS = 6;
const MAX_BYTES = 1024 * 1024;

export interface WatchedFileOptions {
  /** Milliseconds from the end of one look to the next; 500 if not given. */
  readonly everyMs?: number;
  /** Beyond which a content is refused; 1 MiB if not given. */
  readonly maxBytes?: number;
  /** The file cannot be read any more, in words; once for each reason until it can be read. The content stays. */
  readonly failed: (reason: string) => void;
}

/** A file cannot be read; the message names it and says why. */
export class WatchedFileError extends Error {
  override readonly name = 'WatchedFileError';
}

/** Looked at until it is closed, which keeps no program from ending. */
export class WatchedFile {
  readonly path: string;
  readonly #everyMs: number;
  readonly #maxBytes: number;
  readonly #failed: (reason: string) => void;
  readonly #listeners: ((content: Buffer) => void)[] = [];
  #content: Buffer;
  #stamp = '';
  #steadyLooks = 0;
  #lastFailure = '';
  #timer: NodeJS.Timeout | undefined;
  #isClosed = false;

  private constructor(path: string, content: Buffer, options: WatchedFileOptions) {
    this.path = path;
    this.#content = content;
    this.#everyMs = options.everyMs ?? LOOK_EVERY_MS;
    this.#maxBytes = options.maxBytes ?? MAX_BYTES;
    this.#failed = options.failed;
    this.#lookLater();
  }

  /** @throws WatchedFileError when it cannot be read now. */
  static async open(path: string, options: WatchedFileOptions): Promise<WatchedFile> {
    const { content } = await read(path, options.maxBytes ?? MAX_BYTES);
    return new WatchedFile(path, content, options);
  }

  /** As it was last taken. */
  get content(): Buffer {
    return this.#content;
  }

  /** Calls back with every other content. Must not throw: of one that is bad the listener tells, and keeps what it had. */
  onChange(listener: (content: Buffer) => void): void {
    this.#listeners.push(listener);
  }

  /** Nobody is called back after this. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#timer = setTimeout(() => this.#look().finally(() => this.#lookLater()), this.#everyMs).unref();
  }

  async #look(): Promise<void> {
    try {
      const content = await this.#otherContent();
      this.#lastFailure = '';
      if (content === undefined || this.#isClosed) return;
      this.#content = content;
    } catch (error) {
      if (!(error instanceof WatchedFileError)) throw error;
      this.#steadyLooks = 0;
      if (error.message === this.#lastFailure || this.#isClosed) return;
      this.#lastFailure = error.message;
      this.#failed(error.message);
      return;
    }
    for (const listener of this.#listeners) listener(this.#content);
  }

  /** What stands in it now, if that is something else and is not just being written. */
  async #otherContent(): Promise<Buffer | undefined> {
    const stamp = await stampOf(this.path, this.#maxBytes);
    this.#steadyLooks = stamp === this.#stamp ? this.#steadyLooks + 1 : 0;
    this.#stamp = stamp;
    if (this.#steadyLooks > STEADY_LOOKS) return undefined;
    const found = await read(this.path, this.#maxBytes);
    if (found.content.equals(this.#content)) return undefined;
    await wait(Math.min(SETTLES_MS, this.#everyMs), undefined, { ref: false });
    const again = await read(this.path, this.#maxBytes);
    if (again.stamp === found.stamp && again.content.equals(found.content)) return again.content;
    this.#steadyLooks = 0;
    return undefined;
  }
}

/** Differs when another file is in its place or it was written to, as far as its times can tell. */
async function stampOf(path: string, maxBytes: number): Promise<string> {
  try {
    const found = await stat(path, { bigint: true });
    // To open a pipe would wait for whoever writes to it.
    if (!found.isFile()) throw new Error('it is no regular file');
    const { dev, ino, size, mtimeNs, ctimeNs } = found;
    if (size > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return [dev, ino, size, mtimeNs, ctimeNs].join(' ');
  } catch (error) {
    throw failure(path, error);
  }
}

async function read(path: string, maxBytes: number): Promise<{ content: Buffer; stamp: string }> {
  const stamp = await stampOf(path, maxBytes);
  try {
    const file = await open(path);
    const chunks: Buffer[] = [];
    // `end` is included: a byte more than is allowed shows that there is one.
    for await (const chunk of file.createReadStream({ end: maxBytes })) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    if (content.length > maxBytes) throw new Error(`it is larger than ${maxBytes} bytes`);
    return { content, stamp };
  } catch (error) {
    throw failure(path, error);
  }
}

function failure(path: string, error: unknown): WatchedFileError {
  if (error instanceof WatchedFileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const why =
    code === 'ENOENT' ? 'there is no such file' : code === 'EACCES' ? 'reading it is not permitted' : (code ?? message);
  return new WatchedFileError(`cannot read ${path}: ${why}`);
}

import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { FrameCutter, PREFACE, SETTINGS_ACK, type Setting, settings, TYPE } from '../../support/h2-frames.ts';

export interface FloodBounds {
  /** How many pieces at most. */
  readonly pieces: number;
  /** How long at most. */
  readonly forMs: number;
}

/** How a transport ended, as its peer sees it. */
export interface Ending {
  /** The code of the GOAWAY, where there was one. */
  readonly goaway: number | undefined;
  readonly goawayText: string;
}

/** A peer that sends whatever bytes it likes, and counts the frames that come back. */
export class HostilePeer {
  /** Frames that came, by their type. */
  readonly frames = new Map<number, number>();
  /** Codes of the RST_STREAMs that came, by the stream. */
  readonly resets = new Map<number, number>();
  /** All bytes that came, up to a few KiB: for what is no HTTP/2. */
  raw = Buffer.alloc(0);
  /** Settled when the server has ended the transport, or it was ended here. */
  readonly ended: Promise<Ending>;
  readonly #answered = new Set<number>();
  readonly #socket: Socket;
  readonly #cutter = new FrameCutter();
  #goaway: number | undefined;
  #goawayText = '';
  #isOver = false;
  #waiting: (() => void)[] = [];

  static async connect(port: number, host = '127.0.0.1'): Promise<HostilePeer> {
    const socket = connect({ host, port, noDelay: true });
    await once(socket, 'connect');
    return new HostilePeer(socket);
  }

  /** Connected, and past what every HTTP/2 client says first. */
  static async greet(port: number, ...own: readonly Setting[]): Promise<HostilePeer> {
    const peer = await HostilePeer.connect(port);
    await peer.send(Buffer.concat([PREFACE, settings(...own), SETTINGS_ACK]));
    await peer.until(() => peer.count(TYPE.settings) > 0);
    return peer;
  }

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#take(bytes));
    socket.on('drain', () => this.#wake());
    socket.on('error', () => {});
    this.ended = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isOver = true;
        this.#wake();
        resolve({ goaway: this.#goaway, goawayText: this.#goawayText });
      });
    });
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The code of the GOAWAY that came. */
  get goaway(): number | undefined {
    return this.#goaway;
  }

  /** Streams that were answered, or reset. */
  get answered(): number {
    return this.#answered.size;
  }

  count(type: number): number {
    return this.frames.get(type) ?? 0;
  }

  /** Settled when the bytes are with the system, or will never be. */
  async send(bytes: Uint8Array): Promise<void> {
    if (this.#isOver || this.#socket.write(bytes)) return;
    await this.until(() => !this.#socket.writableNeedDrain);
  }

  /** Sends one piece after another, as fast as they are taken, until the transport ends or a bound is reached; how many were. */
  async flood(piece: (nth: number) => Uint8Array, { pieces, forMs }: FloodBounds): Promise<number> {
    const untilMs = performance.now() + forMs;
    let sent = 0;
    while (sent < pieces && !this.#isOver && performance.now() < untilMs) {
      await this.send(piece(sent));
      sent += 1;
      // What comes back is to be read as well.
      if (sent % 8 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    return sent;
  }

  /** Reads nothing more from the network. */
  freeze(): void {
    this.#socket.pause();
  }

  /** Sends nothing more. */
  halfClose(): void {
    this.#socket.end();
  }

  end(): void {
    this.#socket.destroy();
  }

  /** Settled as soon as this holds; false when the transport ended before. */
  async until(holds: () => boolean): Promise<boolean> {
    while (!holds()) {
      if (this.#isOver) return false;
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return true;
  }

  #take(bytes: Buffer): void {
    if (this.raw.length < 4096) this.raw = Buffer.concat([this.raw, bytes]);
    for (const { type, stream, payload } of this.#cutter.push(bytes)) {
      this.frames.set(type, this.count(type) + 1);
      if (type === TYPE.headers || type === TYPE.reset) this.#answered.add(stream);
      if (type === TYPE.reset) this.resets.set(stream, payload.readUInt32BE(0));
      if (type === TYPE.goaway) {
        this.#goaway = payload.readUInt32BE(4);
        this.#goawayText = payload.subarray(8).toString();
      }
    }
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

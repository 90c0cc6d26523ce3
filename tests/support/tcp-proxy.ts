import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** Which way bytes go: up to the server or down to the client. */
export type Direction = 'up' | 'down';

/** How bytes are passed on. */
export interface Passage {
  /** They arrive so much later, in their order. Default 0. */
  readonly delayMs?: number;
  /** They arrive in pieces of at most so many bytes, each in a write of its own. */
  readonly pieceBytes?: number;
}

/**
 * A network between clients and a server: a port that leads to another and can
 * be made to misbehave as networks do, without a word of HTTP/2. Everything holds
 * for all that is connected, unless it says otherwise, and for what connects later.
 */
export class TcpProxy {
  /** Where it leads to; counts for what connects from now on. */
  target: number;
  readonly #links = new Set<Link>();
  readonly #listener: Server;
  #port = 0;
  #passage: Passage;
  #isStalled = false;
  #isSevered = false;
  #wake: () => void = () => {};

  private constructor(target: number, passage: Passage) {
    this.target = target;
    this.#passage = passage;
    this.#listener = createServer({ noDelay: true }, (near) => this.#accept(near));
  }

  static async to(target: number, passage: Passage = {}): Promise<TcpProxy> {
    const proxy = new TcpProxy(target, passage);
    proxy.#listener.listen(0, '127.0.0.1');
    await once(proxy.#listener, 'listening');
    const address = proxy.#listener.address();
    if (typeof address !== 'object' || address === null) throw new Error('no address');
    proxy.#port = address.port;
    return proxy;
  }

  get port(): number {
    return this.#port;
  }

  /** How many connections lead through it. */
  get connections(): number {
    return this.#links.size;
  }

  /** Nothing arrives any more on either side, and nobody is told; `flow` lets it all through. */
  stall(): void {
    this.#isStalled = true;
    for (const link of this.#links) link.stall();
  }

  flow(): void {
    this.#isStalled = false;
    for (const link of this.#links) link.flow();
  }

  /** Breaks what is connected: both sides see a reset. What connects next goes through. */
  cut(): void {
    for (const link of this.#links) link.cut();
  }

  /** Breaks one connection, the `nth` modulo how many there are. */
  cutOne(nth: number): void {
    [...this.#links][nth % Math.max(1, this.#links.size)]?.cut();
  }

  /**
   * Lets exactly so many more bytes of what is connected through in that
   * direction, each connection by itself, and then breaks it. Settled when one broke so.
   */
  cutAfter(bytes: number, direction: Direction = 'down'): Promise<void> {
    const broken = new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    for (const link of this.#links) link.cutAfter(bytes, direction, () => this.#wake());
    return broken;
  }

  /** Breaks what is connected, and whatever connects until `heal`. */
  sever(): void {
    this.#isSevered = true;
    this.cut();
  }

  heal(): void {
    this.#isSevered = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await once(this.#listener, 'close');
  }

  #accept(near: Socket): void {
    near.on('error', () => {});
    if (this.#isSevered) {
      near.resetAndDestroy();
      return;
    }
    const far = connect({ host: '127.0.0.1', port: this.target, noDelay: true });
    const link = new Link(near, far, this.#passage);
    this.#links.add(link);
    if (this.#isStalled) link.stall();
    near.once('close', () => this.#links.delete(link));
  }
}

/** One connection through the proxy. */
class Link {
  readonly #sockets: readonly Socket[];
  readonly #up: Way;
  readonly #down: Way;

  constructor(near: Socket, far: Socket, passage: Passage) {
    this.#sockets = [near, far];
    this.#up = new Way(near, far, passage);
    this.#down = new Way(far, near, passage);
    far.on('error', () => near.resetAndDestroy());
    near.once('close', () => far.resetAndDestroy());
    far.once('close', () => near.destroy());
  }

  stall(): void {
    this.#up.stall();
    this.#down.stall();
  }

  flow(): void {
    this.#up.flow();
    this.#down.flow();
  }

  cutAfter(bytes: number, direction: Direction, broke: () => void): void {
    const way = direction === 'up' ? this.#up : this.#down;
    way.endAfter(bytes, () => {
      // What was let through before has to arrive: the receiver gets an end instead of a reset.
      const [sender, receiver] = direction === 'up' ? [0, 1] : [1, 0];
      this.#sockets[sender]?.resetAndDestroy();
      this.#sockets[receiver]?.end();
      broke();
    });
  }

  cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }
}

/** One direction of a connection. */
class Way {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #passage: Passage;
  #bytesLeft = Number.POSITIVE_INFINITY;
  #ended: () => void = () => {};
  #isStalled = false;

  constructor(from: Socket, to: Socket, passage: Passage) {
    this.#from = from;
    this.#to = to;
    this.#passage = passage;
    from.on('data', (bytes) => this.#take(bytes));
    from.on('end', () => this.#later(() => to.end()));
    to.on('drain', () => {
      if (!this.#isStalled) from.resume();
    });
  }

  stall(): void {
    this.#isStalled = true;
    this.#from.pause();
  }

  flow(): void {
    this.#isStalled = false;
    if (!this.#to.writableNeedDrain) this.#from.resume();
  }

  endAfter(bytes: number, ended: () => void): void {
    this.#bytesLeft = bytes;
    this.#ended = ended;
  }

  #take(bytes: Buffer): void {
    const passed = bytes.subarray(0, this.#bytesLeft);
    this.#bytesLeft -= passed.length;
    const isLast = passed.length < bytes.length;
    if (isLast) this.#from.pause();
    this.#later(() => {
      const { pieceBytes = Math.max(1, passed.length) } = this.#passage;
      let hasRoom = true;
      for (let at = 0; at < passed.length; at += pieceBytes) {
        hasRoom = this.#to.write(passed.subarray(at, at + pieceBytes));
      }
      if (!hasRoom) this.#from.pause();
      if (isLast) this.#ended();
    });
  }

  #later(pass: () => void): void {
    const { delayMs = 0 } = this.#passage;
    if (delayMs === 0) pass();
    else setTimeout(pass, delayMs);
  }
}

import { expect, vi } from 'vitest';
import { ServerProcess } from '../../support/server-process.ts';
import { GoodPair } from './good-pair.ts';

/** What the server's process holds, as it tells itself after a forced collection. */
interface Held {
  /** Heap and external bytes. */
  readonly held: number;
  readonly rss: number;
  /** The most that ever was resident. */
  readonly peakRss: number;
  readonly sockets: number;
  readonly timers: number;
}

const PRELOAD = new URL('tell-memory.ts', import.meta.url).href;
/** What code that has run for the first time leaves behind, and a room's log; every flood has many times of it in its hands. */
const MOST_LEFT_BYTES = 12 * 1024 * 1024;
const PATIENCE = { timeout: 20_000, interval: 200 };

/** Limits that are on, and out of the way of the good ones. */
const SETTINGS = { RATE_LIMIT: '200', RATE_BURST: '400', ROOM_HISTORY_BYTES: '64KiB', LOG_LEVEL: 'info' };

/** The server as a process, and two who chat on it while it is attacked. */
export class Besieged {
  readonly server: ServerProcess;
  readonly pair: GoodPair;

  static async start(settings: Readonly<Record<string, string>> = {}): Promise<Besieged> {
    const server = await ServerProcess.start({ ...SETTINGS, ...settings }, { NODE_OPTIONS: `--import=${PRELOAD}` });
    try {
      return new Besieged(server, await GoodPair.enter(server.port));
    } catch (error) {
      await server[Symbol.asyncDispose]();
      throw error;
    }
  }

  private constructor(server: ServerProcess, pair: GoodPair) {
    this.server = server;
    this.pair = pair;
  }

  get port(): number {
    return this.server.port;
  }

  /** Why transports were refused or cut so far. */
  get refused(): Set<unknown> {
    return new Set(this.server.logged('transport refused').map(({ reason }) => reason));
  }

  /** Settled when this was said of a transport. */
  async hasRefused(reason: string): Promise<void> {
    await vi.waitFor(() => expect([...this.refused]).toContain(reason), PATIENCE);
  }

  /** Settled when these are the reasons for which streams ended, but for the first `before`; the log must tell them, see LOG_LEVEL. */
  async hasClosed(reasons: readonly string[], before = 0): Promise<void> {
    await vi.waitFor(() => expect(this.server.closed.slice(before)).toEqual(reasons), PATIENCE);
  }

  async held(): Promise<Held> {
    const before = this.server.logged('memory').length;
    this.server.signal('SIGUSR2');
    await vi.waitFor(() => expect(this.server.logged('memory').length).toBeGreaterThan(before), PATIENCE);
    return this.server.logged('memory').at(-1) as unknown as Held;
  }

  /**
   * Lets the two chat before, during and after the attack: they are told of
   * everything once and in order, and what the attack took is given back.
   */
  async endures<T>(attack: (port: number) => Promise<T>): Promise<T> {
    await this.pair.exchange();
    const before = await this.held();
    // When they cannot talk any more nothing else is waited for.
    const broken = new Promise<never>((_, reject) => this.pair.talk().catch(reject));
    broken.catch(() => {});
    let result: T;
    const { heard } = this.pair;
    try {
      result = await Promise.race([attack(this.port), broken]);
      // However short the attack was.
      const goOn = vi.waitFor(() => expect(this.pair.heard).toBeGreaterThan(heard + 2), PATIENCE);
      await Promise.race([goOn, broken]);
    } finally {
      await this.pair.silence();
    }
    await this.pair.exchange();
    this.pair.expectNothingMissed();
    await vi.waitFor(async () => {
      const { held, sockets, timers } = await this.held();
      expect(held - before.held).toBeLessThan(MOST_LEFT_BYTES);
      expect({ sockets, timers }).toEqual({ sockets: before.sockets, timers: before.timers });
    }, PATIENCE);
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.pair.leave();
    await this.server[Symbol.asyncDispose]();
  }
}

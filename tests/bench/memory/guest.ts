import { randomUUID } from 'node:crypto';
import { ByteReader } from '../../faults/support/byte-reader.ts';
import { chat, hello, join, leave } from '../../support/envelopes.ts';

/** Enough for everything. */
const WINDOW_BYTES = 2 ** 31 - 1;
/** Sent before their answers are awaited: of 2 KiB each, they fit into half a window of HTTP/2 as it is by default. */
const AT_ONCE = 12;

/** What it counts of what it is told. */
interface Counts {
  welcome: number;
  joined: number;
  left: number;
  broadcast: number;
}

/** A client that counts what it is told and keeps nothing: ten thousand of them fit in a process. */
export class Guest {
  readonly #userId: string;
  readonly #reader: ByteReader;
  readonly #counts: Counts = { welcome: 0, joined: 0, left: 0, broadcast: 0 };

  /** One that says hello; settled when it is welcome. */
  static async full(port: number, userId: string): Promise<Guest> {
    const guest = new Guest(await ByteReader.open(port, WINDOW_BYTES), userId);
    guest.#reader.send(hello(userId));
    await guest.#until('welcome', 1);
    return guest;
  }

  /** One that does not, and goes into a room at once; settled when the server has answered. */
  static async basic(port: number, userId: string, room: string): Promise<Guest> {
    const guest = new Guest(await ByteReader.open(port, WINDOW_BYTES), userId);
    guest.#reader.send(join(room, { userId }));
    // It is not told of its own join, but of what it says then.
    guest.#reader.send(chat(room, 'here', { userId }));
    await guest.#until('broadcast', 1);
    return guest;
  }

  private constructor(reader: ByteReader, userId: string) {
    this.#reader = reader;
    this.#userId = userId;
    // Takes all that comes, to the end.
    void reader.until(() => this.#take());
  }

  /** Settled when it sits in all of them. */
  async join(rooms: readonly string[]): Promise<void> {
    await this.#each(rooms, 'joined', (room) => join(room));
  }

  /** Settled when it has left them all. */
  async leave(rooms: readonly string[]): Promise<void> {
    await this.#each(rooms, 'left', (room) => leave(room));
  }

  /** Settled when it was told of all it said. */
  async say(room: string, contents: readonly string[]): Promise<void> {
    await this.#each(contents, 'broadcast', (content) => chat(room, content));
  }

  /** The same, each under an id of its own. */
  async sayUnderIds(room: string, contents: readonly string[]): Promise<void> {
    await this.#each(contents, 'broadcast', (content) => chat(room, content, { messageId: randomUUID() }));
  }

  end(): void {
    this.#reader.end();
  }

  async #each<T>(all: readonly T[], answer: keyof Counts, envelopeOf: (one: T) => Uint8Array): Promise<void> {
    for (let i = 0; i < all.length; i += AT_ONCE) {
      const some = all.slice(i, i + AT_ONCE);
      const due = this.#counts[answer] + some.length;
      for (const one of some) this.#reader.send(envelopeOf(one));
      await this.#until(answer, due);
    }
  }

  async #until(answer: keyof Counts, count: number): Promise<void> {
    const isThere = await this.#reader.until(() => this.#counts[answer] >= count || undefined);
    if (isThere === undefined) throw new Error(`${this.#userId} lost its stream`);
  }

  #take(): undefined {
    for (const { $case, value } of this.#reader.told.splice(0)) {
      if ($case === 'error') throw new Error(`${this.#userId} was refused: ${value.message}`);
      if ($case in this.#counts) this.#counts[$case as keyof Counts] += 1;
    }
  }
}

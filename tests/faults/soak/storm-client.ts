import { type ServerNotice, ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import { chat, envelope, hello, leave } from '../../support/envelopes.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { Ledger } from '../support/ledger.ts';

/** Enough for everything; what holds a server up is another test's business. */
const WINDOW_BYTES = 2 ** 31 - 1;

/** How a member goes: it says so, or is gone without a word. */
export type Departure = 'leaves' | 'vanishes';

/** A member that keeps its count and nothing else: thousands of them fit in a process. */
export class StormClient {
  readonly userId: string;
  readonly ledger: Ledger;
  /** How many are in the room, as far as it was told: by its JoinAck and from then on by each notice. */
  members = 0;
  readonly #reader: ByteReader;
  #isSeated = false;
  #hasLeft = false;
  #said = 0;
  #heard = 0;

  /** Settled when it has its seat. */
  static async enter(port: number, userId: string, room: string, noted: (seq: number, what: string) => void) {
    const client = new StormClient(await ByteReader.open(port, WINDOW_BYTES), userId, room, noted);
    client.#reader.send(hello(userId), envelope(1, { 2: room }));
    await client.until(() => client.#isSeated);
    return client;
  }

  private constructor(reader: ByteReader, userId: string, room: string, noted: (seq: number, what: string) => void) {
    this.#reader = reader;
    this.userId = userId;
    this.ledger = new Ledger(room, noted);
    // Takes all that comes, to the end.
    void reader.until(() => this.#take());
  }

  /** Settled as soon as this holds; an error when the stream is over before. */
  async until(holds: () => boolean): Promise<void> {
    const held = await this.#reader.until(() => (holds() ? true : undefined));
    if (held === undefined) throw new Error(`${this.userId} lost its stream at ${this.ledger.at}`);
  }

  /** Says its next number; settled when it is told of that itself. */
  async say(): Promise<void> {
    this.#said += 1;
    const said = this.#said;
    this.#reader.send(chat(this.ledger.room, `${said}`));
    await this.until(() => this.#heard >= said);
  }

  /** Settled when it is gone, as far as it can tell. */
  async depart(how: Departure): Promise<void> {
    if (how === 'leaves') {
      this.#reader.send(leave(this.ledger.room));
      await this.until(() => this.#hasLeft);
    }
    this.#reader.end();
  }

  #take(): undefined {
    for (const event of this.#reader.told.splice(0)) {
      this.ledger.take(event);
      switch (event.$case) {
        case 'joined':
          this.#isSeated = true;
          this.members = event.value.memberCount;
          break;
        case 'left':
          this.#hasLeft = true;
          break;
        case 'notice':
          this.members += changeIn(event.value);
          break;
        case 'broadcast':
          if (event.value.userId === this.userId) this.#heard += 1;
          break;
        case 'heartbeat':
          this.#reader.send(envelope(6, { 1: event.value.nonce, 2: true }));
          break;
        default:
      }
    }
  }
}

/** How many more members there are than before. */
export function changeIn({ type, joinedCount, leftCount }: ServerNotice): number {
  if (type === ServerNotice_Type.USER_JOINED) return 1;
  if (type === ServerNotice_Type.USER_LEFT) return -1;
  return joinedCount - leftCount;
}

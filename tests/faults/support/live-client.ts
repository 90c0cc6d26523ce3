import { chat, envelope, hello, message } from '../../support/envelopes.ts';
import { RawClient } from '../../support/raw-client.ts';
import type { RawStreamOptions } from '../../support/raw-stream.ts';
import { Ledger } from './ledger.ts';

/** Where a client stands: what the next stream of its session begins with. */
interface Standing {
  readonly resumeToken: string;
  readonly ledgers: readonly Ledger[];
  readonly logs: ReadonlyMap<string, Map<number, string>>;
}

/**
 * A full client as the contract wants it, by hand: answers heartbeats, keeps a
 * ledger a room, and comes back with its token and positions.
 */
export class LiveClient extends RawClient {
  readonly userId: string;
  readonly #ledgers = new Map<string, Ledger>();
  readonly #logs = new Map<string, Map<number, string>>();
  #resumeToken = '';
  #lastRequest = 0;
  #taken = 0;

  private constructor(userId: string, port: number, options: RawStreamOptions | undefined) {
    super(port, options);
    this.userId = userId;
    // Nothing is looked for: it only notes, to the end, which `ended` tells.
    this.until(() => undefined).catch(() => {});
  }

  /** On its first stream, welcomed and with its seats. */
  static async enter(port: number, userId: string, rooms: readonly string[], options?: RawStreamOptions) {
    const client = new LiveClient(userId, port, options);
    for (const room of rooms) client.#keep(room);
    client.send(hello(userId), ...rooms.map((room) => envelope(1, { 2: room })));
    await client.#seated(rooms);
    return client;
  }

  /** On the next stream of the session: the same ledgers go on. */
  async comeBack(port: number, options?: RawStreamOptions): Promise<LiveClient> {
    const { resumeToken, ledgers, logs } = this.#hand();
    const next = new LiveClient(this.userId, port, options);
    for (const ledger of ledgers) next.#ledgers.set(ledger.room, ledger);
    for (const [room, log] of logs) next.#logs.set(room, log);
    const joins = ledgers.map(({ room, epoch, at }) => envelope(1, { 2: room, 4: message({ 1: epoch, 2: at }) }));
    next.send(hello(this.userId, { resumeToken }), ...joins);
    await next.#seated(ledgers.map(({ room }) => room));
    return next;
  }

  ledger(room: string): Ledger {
    const ledger = this.#ledgers.get(room);
    if (ledger === undefined) throw new Error(`${this.userId} is not in ${room}`);
    return ledger;
  }

  /** What happened in the room by its seq, as far as it was told. */
  log(room: string): ReadonlyMap<number, string> {
    return this.#logs.get(room) ?? new Map();
  }

  /** What in its streams broke the contract. */
  get violations(): string[] {
    return [...this.#ledgers.values()].flatMap(({ violations }) => violations);
  }

  /** Says something and returns its seq when it is acked. */
  async say(room: string, content: string, messageId = ''): Promise<number> {
    this.#lastRequest += 1;
    const requestId = `${this.#lastRequest}`;
    this.send(chat(room, content, { requestId, messageId }));
    const ack = await this.until(() => this.all('ack').find((one) => one.requestId === requestId));
    return Number(ack.seq);
  }

  /** Settled when it was told of everything up to this seq. */
  async reaches(room: string, seq: number): Promise<void> {
    await this.until(() => (this.ledger(room).at >= seq ? true : undefined));
  }

  /** The state of each member, as the server gives it now; nothing is said of those that are gone. */
  async states(room: string): Promise<Map<string, number>> {
    this.#lastRequest += 1;
    const requestId = `${this.#lastRequest}`;
    this.send(envelope(5, { 1: room }, requestId));
    const page = await this.until(() => this.all('members').find((one) => one.requestId === requestId));
    return new Map(page.members.map(({ userId, state }) => [userId, state]));
  }

  /** Gives everything to the next stream; what this one still brings is not noted. */
  #hand(): Standing {
    const standing = {
      resumeToken: this.#resumeToken,
      ledgers: [...this.#ledgers.values()],
      logs: new Map(this.#logs),
    };
    this.#ledgers.clear();
    return standing;
  }

  async #seated(rooms: readonly string[]): Promise<void> {
    this.#resumeToken = (await this.hear('welcome')).resumeToken;
    for (const room of rooms) await this.hear('joined', (ack) => ack.room === room);
  }

  #keep(room: string): void {
    const log = new Map<number, string>();
    let inEpoch = '';
    const note = (seq: number, what: string, epoch: string) => {
      if (epoch !== inEpoch) log.clear();
      inEpoch = epoch;
      log.set(seq, what);
    };
    this.#logs.set(room, log);
    this.#ledgers.set(room, new Ledger(room, note));
  }

  /** Looks as soon as something comes, behind its being noted and, where it is a question, answered. */
  override until<T>(look: (received: readonly Buffer[]) => T | undefined): Promise<T> {
    return super.until((received) => {
      this.#take();
      return look(received);
    });
  }

  #take(): void {
    const { told } = this;
    for (let event = told[this.#taken]; event !== undefined; event = told[this.#taken]) {
      this.#taken += 1;
      for (const ledger of this.#ledgers.values()) ledger.take(event);
      if (event.$case === 'heartbeat' && !event.value.reply) {
        this.send(envelope(6, { 1: event.value.nonce, 2: true }));
      }
    }
  }
}

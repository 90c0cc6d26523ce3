import { Backoff } from '../../../cli/connection/backoff.ts';
import type { ChatStream, StreamEnd, StreamListener } from '../../../cli/load/wire/chat-stream.ts';
import { dialTo } from '../../../cli/load/wire/dial.ts';
import { framedHeartbeat, framedHello, framedJoin } from '../../../cli/load/wire/envelope.ts';
import { Http2Transport } from '../../../cli/load/wire/http2-transport.ts';
import { Ledger, type Told } from '../support/ledger.ts';
import { changeIn } from './storm-client.ts';

/** The client library's own: a stream that is not welcomed by then is given up. */
const WELCOME_TIMEOUT_MS = 10_000;
/** And behind one that lived so long the back-off begins anew. */
export const LASTING_MS = 5_000;
/** Why a stream may end, and an attempt be in vain, while a server goes, is away, and has more to do than it can. */
const HEALS: ReadonlySet<string> = new Set([
  'draining',
  'overloaded',
  'unavailable',
  'no welcome',
  'connection_closed',
  'stream_reset',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
]);

interface HerdClientOptions {
  readonly port: number;
  readonly userId: string;
  readonly room: string;
  readonly noted: (seq: number, what: string, epoch: string) => void;
  /** An attempt to come in was in vain. */
  readonly failed: (reason: string) => void;
}

/**
 * A full client that comes back by the rules of the client library, with its jittered back-off, or when the server
 * said; the library itself would be too much for thousands in a process.
 */
export class HerdClient implements StreamListener {
  readonly ledger: Ledger;
  /** Members of the room, by the notices since its beginning: right for whoever was told of all of them. */
  members = 0;
  /** The server said that it goes away. */
  isForewarned = false;
  /** When it had its seat for the last time, and when it lost it, by the monotonic clock. */
  seatedAtMs = 0;
  lostAtMs = 0;
  readonly #options: HerdClientOptions;
  readonly #backoff = new Backoff(Math.random);
  #stream: ChatStream | undefined;
  #isSeated = false;
  #resumeToken = '';
  #timer: NodeJS.Timeout | undefined;

  constructor(options: HerdClientOptions) {
    this.#options = options;
    this.ledger = new Ledger(options.room, options.noted);
    this.#open();
  }

  get isSeated(): boolean {
    return this.#isSeated;
  }

  get name(): string {
    return this.#options.userId;
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#stream?.abandon();
  }

  arrived(): void {}

  said(): void {}

  acked(): void {}

  told(event: Told): void {
    const { epoch } = this.ledger;
    this.ledger.take(event);
    switch (event.$case) {
      case 'welcome':
        clearTimeout(this.#timer);
        this.#resumeToken = event.value.resumeToken;
        break;
      case 'joined':
        if (this.ledger.epoch !== epoch) this.members = 0;
        this.#isSeated = true;
        this.seatedAtMs = performance.now();
        break;
      case 'notice':
        this.members += changeIn(event.value);
        break;
      case 'heartbeat':
        this.#stream?.write(framedHeartbeat(event.value.nonce));
        break;
      case 'draining':
        this.isForewarned = true;
        break;
      case 'error':
        this.#refused(event.value);
        break;
      default:
    }
  }

  ended({ reason, retryAfterMs }: StreamEnd): void {
    clearTimeout(this.#timer);
    this.#stream = undefined;
    const nowMs = performance.now();
    if (!this.#isSeated) this.#options.failed(reason);
    else {
      this.lostAtMs = nowMs;
      if (nowMs - this.seatedAtMs >= LASTING_MS) this.#backoff.reset();
    }
    this.#isSeated = false;
    if (!HEALS.has(reason)) this.ledger.violations.push(`ended: ${reason}`);
    this.#timer = setTimeout(() => this.#open(), this.#backoff.next(retryAfterMs));
  }

  /** Its seat is held by a stream of its own that was lost before it was welcomed: that ends when the server said. */
  #refused({ reason, retryAfterMs }: { readonly reason: string; readonly retryAfterMs: number }): void {
    this.#options.failed(reason);
    if (reason !== 'user_taken') this.ledger.violations.push(`refused: ${reason}`);
    else this.#timer = setTimeout(() => this.#stream?.write(this.#join()), retryAfterMs);
  }

  #join(): Buffer {
    const { userId, room } = this.#options;
    const { epoch, at } = this.ledger;
    return framedJoin({ userId, room, position: epoch === '' ? undefined : { epoch, seq: at } });
  }

  #open(): void {
    const { port, userId } = this.#options;
    const server = { host: '127.0.0.1', port };
    const transport = new Http2Transport({ server, dial: dialTo(server), streams: 1, isNarrow: false });
    const stream = transport.open(this);
    this.#stream = stream;
    stream.write(framedHello({ client: 'herd', userId, resumeToken: this.#resumeToken }), this.#join());
    this.#timer = setTimeout(() => {
      stream.abandon();
      transport.cut();
      this.ended({ reason: 'no welcome', retryAfterMs: undefined, canRetry: true });
    }, WELCOME_TIMEOUT_MS);
  }
}

import { type ClientHttp2Session, type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { ServerEvent } from '../../../api/gen/chat/v1/chat.ts';
import { MessageCutter } from '../../../cli/load/wire/message-cutter.ts';
import { chat, envelope, hello, message } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import { Ledger, type Told } from '../support/ledger.ts';

/** Small, so that one who does not read is soon what the server waits for. */
const WINDOW_BYTES = 16 * 1024;
const MOST_UNACKED = 16;
const POST_EVERY_MS = 1000;
/** More than the server's heartbeats leave between two of them. */
const SILENCE_MS = 6000;
const LONGEST_RETRY_MS = 2000;
/** How long it waits before it asks again for a seat that a session of its own may hold. */
const GHOST_MS = 1000;

export interface SoakClientOptions {
  readonly port: number;
  readonly userId: string;
  readonly room: string;
  readonly posts: boolean;
  /** An event of the room's log was told. */
  readonly noted: (seq: number, what: string, userId: string) => void;
  /** A post stands at this seq. */
  readonly acked: (seq: number, what: string) => void;
  /** A refusal that nothing here should bring about. */
  readonly refused: (how: string) => void;
  /** A session went on on another stream, or had ended. */
  readonly returned: (resumed: boolean) => void;
}

/**
 * A full client in one room that posts and comes back, for hours: it keeps where
 * it stands and what is not acked, and nothing else.
 */
export class SoakClient {
  readonly ledger: Ledger;
  readonly #options: SoakClientOptions;
  readonly #unacked = new Map<number, string>();
  #lastPost = 0;
  #resumeToken = '';
  #session: ClientHttp2Session | undefined;
  #stream: ClientHttp2Stream | undefined;
  #isWelcomed = false;
  #isSeated = false;
  /** A stream ended before its welcome came: a session with no known token may hold the seat for a while. */
  #mayHaveGhost = false;
  #isPaused = false;
  #hasStopped = false;
  #heardAtMs = 0;
  #failures = 0;

  constructor(options: SoakClientOptions) {
    const { noted, room, userId } = options;
    this.#options = options;
    this.ledger = new Ledger(room, (seq, what) => noted(seq, what, userId));
    this.#open();
    setInterval(() => this.#watch(), 500);
    if (options.posts) setInterval(() => this.#post(), POST_EVERY_MS * (0.5 + Math.random()));
  }

  /** Everything said is acked, and the seat is taken. */
  get isSettled(): boolean {
    return this.#isSeated && this.#unacked.size === 0;
  }

  get lastPost(): number {
    return this.#lastPost;
  }

  /** Says nothing new. */
  stopPosting(): void {
    this.#hasStopped = true;
  }

  /** Does not read for so long. */
  pauseFor(ms: number): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    this.#isPaused = true;
    stream.pause();
    setTimeout(() => {
      this.#isPaused = false;
      this.#heardAtMs = performance.now();
      stream.resume();
    }, ms);
  }

  #open(): void {
    const { port, userId, room } = this.#options;
    this.#heardAtMs = performance.now();
    const session = connect(`http://127.0.0.1:${port}`, {
      createConnection: () => connectSocket({ host: '127.0.0.1', port, noDelay: true }),
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
    });
    const over = () => this.#over(session);
    session.on('error', over).on('close', over);
    const stream = session.request(
      {
        ':method': 'POST',
        ':path': '/chat.v1.ChatService/Channel',
        te: 'trailers',
        'content-type': 'application/grpc',
      },
      { endStream: false },
    );
    const cutter = new MessageCutter((bytes, from, to) => {
      const { event, batch } = ServerEvent.decode(bytes.subarray(from, to));
      for (const one of [event, ...batch.map((entry) => entry.event)]) {
        if (one !== undefined && session === this.#session) this.#take(one);
      }
    });
    stream.on('data', (bytes: Buffer) => {
      this.#heardAtMs = performance.now();
      cutter.push(bytes);
    });
    stream.on('error', over).on('end', over).on('close', over);
    this.#session = session;
    this.#stream = stream;
    this.#isWelcomed = false;
    const { epoch, at } = this.ledger;
    const join = envelope(1, { 2: room, ...(epoch !== '' && { 4: message({ 1: epoch, 2: at }) }) }, 'join');
    this.#send(hello(userId, { resumeToken: this.#resumeToken }), join);
  }

  #take(event: Told): void {
    this.ledger.take(event);
    const { acked, refused, returned, userId } = this.#options;
    switch (event.$case) {
      case 'welcome':
        if (this.#resumeToken !== '') returned(event.value.resumed);
        this.#resumeToken = event.value.resumeToken;
        this.#failures = 0;
        this.#isWelcomed = true;
        break;
      case 'joined':
        this.#isSeated = true;
        this.#mayHaveGhost = false;
        // What was not acked goes out again, in its order, before anything new.
        this.#send(...[...this.#unacked].map(([number, content]) => this.#envelopeOf(number, content)));
        break;
      case 'ack': {
        const content = this.#unacked.get(Number(event.value.requestId));
        this.#unacked.delete(Number(event.value.requestId));
        if (content !== undefined)
          acked(Number(event.value.seq), `${userId} said ${content} (${event.value.messageId})`);
        break;
      }
      case 'heartbeat':
        if (!event.value.reply) this.#send(envelope(6, { 1: event.value.nonce, 2: true }));
        break;
      case 'error':
        if (event.value.reason === 'user_taken' && this.#mayHaveGhost) {
          const session = this.#session;
          if (session !== undefined) setTimeout(() => this.#over(session), GHOST_MS);
        } else refused(`${userId} was refused: ${event.value.reason} ${event.value.message}`);
        break;
      default:
    }
  }

  #post(): void {
    if (this.#hasStopped || !this.#isSeated || this.#unacked.size >= MOST_UNACKED) return;
    this.#lastPost += 1;
    const content = `${this.#lastPost} ${'x'.repeat(40)}`;
    this.#unacked.set(this.#lastPost, content);
    this.#send(this.#envelopeOf(this.#lastPost, content));
  }

  #envelopeOf(number: number, content: string): Buffer {
    return chat(this.#options.room, content, { messageId: `m${number}`, requestId: `${number}` });
  }

  #send(...messages: readonly Buffer[]): void {
    if (messages.length > 0 && this.#stream?.writable) this.#stream.write(Buffer.concat(messages.map(framed)));
  }

  #watch(): void {
    if (this.#session === undefined || this.#isPaused || performance.now() - this.#heardAtMs < SILENCE_MS) return;
    this.#over(this.#session);
  }

  #over(session: ClientHttp2Session): void {
    if (session !== this.#session) return;
    this.#session = undefined;
    this.#stream = undefined;
    this.#isSeated = false;
    this.#mayHaveGhost ||= !this.#isWelcomed;
    session.destroy();
    const longest = Math.min(LONGEST_RETRY_MS, 100 * 2 ** this.#failures++);
    setTimeout(() => this.#open(), longest * (0.5 + Math.random() / 2));
  }
}

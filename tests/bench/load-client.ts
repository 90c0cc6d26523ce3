import { type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { ChatServiceService, type ClientEnvelope } from '../../api/gen/chat/v1/chat.ts';
import type { DeliveryCheck } from './delivery-check.ts';
import { EventScanner, type Heard } from './event-scanner.ts';
import { MessageCutter, PREFIX_BYTES } from './message-cutter.ts';
import type { ClientKind } from './scenario.ts';
import { microsOf, numberOf, senderOf } from './stamp.ts';
import type { Tally } from './tally.ts';

/** The largest that HTTP/2 allows: the driver must never be what makes the server wait. */
const WINDOW_BYTES = 2 ** 31 - 1;

const HEADERS = {
  ':method': 'POST',
  ':path': ChatServiceService.channel.path,
  'content-type': 'application/grpc',
  te: 'trailers',
};

export interface LoadClientOptions {
  readonly port: number;
  readonly kind: ClientKind;
  readonly userId: string;
  readonly room: string;
  /** Its number, where it is a sender. */
  readonly sender: number | undefined;
  readonly check: DeliveryCheck;
  readonly tally: Tally;
  /** A message of its own came back. */
  readonly answered: (sender: number) => void;
  /** The stream ended, or what came breaks the contract. */
  readonly broke: (why: string) => void;
}

/** One client on an HTTP/2 session of its own, with as little between the socket and the counting as Node allows. */
export class LoadClient implements Heard {
  /** Settled when the seat is taken. */
  readonly seated: Promise<void>;
  readonly #options: LoadClientOptions;
  readonly #stream: ClientHttp2Stream;
  #seated: () => void = () => {};
  /** When the chunk at hand came. */
  #nowMicros = 0;

  constructor(options: LoadClientOptions) {
    this.#options = options;
    this.seated = new Promise((resolve) => {
      this.#seated = resolve;
    });
    const { port, userId, tally, broke } = options;
    const session = connect(`http://127.0.0.1:${port}`, {
      createConnection: () => connectSocket({ host: '127.0.0.1', port, noDelay: true }),
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
      maxSessionMemory: 1024,
    });
    session.on('connect', () => session.setLocalWindowSize(WINDOW_BYTES));
    session.on('error', (error) => broke(`${userId}: ${error.message}`));
    this.#stream = session.request(HEADERS, { endStream: false });
    this.#stream.on('error', (error) => broke(`${userId}: ${error.message}`));
    // A server that ends its half leaves the stream open as long as ours is: `end`. One that is gone: `close` alone.
    for (const over of ['end', 'close']) this.#stream.on(over, () => broke(`${userId}: the server ended the stream`));

    const scanner = new EventScanner(this);
    const cutter = new MessageCutter((bytes, from, to) => scanner.scan(bytes, from, to));
    this.#stream.on('data', (chunk: Buffer) => {
      this.#nowMicros = performance.now() * 1000;
      tally.receivedBytes += chunk.length;
      try {
        cutter.push(chunk);
      } catch (error) {
        broke(`${userId}: ${error instanceof Error ? error.message : error}`);
      }
    });
    this.#stream.write(this.#greeting());
  }

  /** Whole gRPC messages, prefix included. */
  send(messages: Uint8Array): void {
    this.#stream.write(messages);
  }

  joined(): void {
    this.#seated();
  }

  said(bytes: Uint8Array, contentAt: number): void {
    const { tally, check, answered } = this.#options;
    const sender = senderOf(bytes, contentAt);
    tally.deliveries += 1;
    check.came(sender, numberOf(bytes, contentAt));
    if (tally.latencies?.isDue()) tally.latencies.add(this.#nowMicros - microsOf(bytes, contentAt));
    if (sender === this.#options.sender) answered(sender);
  }

  refused(): void {
    this.#options.tally.refusals += 1;
  }

  #greeting(): Buffer {
    const { kind, userId, room } = this.#options;
    const hello = { client: 'chat-grpc-bench', userId, displayName: '', resumeToken: '' };
    const join = { userId, room, displayName: '', position: undefined };
    const envelopes: ClientEnvelope['message'][] = [{ $case: 'join', value: join }];
    if (kind === 'full') envelopes.unshift({ $case: 'hello', value: hello });
    return Buffer.concat(envelopes.map(framed));
  }
}

/** An envelope as a gRPC message. */
export function framed(message: ClientEnvelope['message']): Buffer {
  const body = ChatServiceService.channel.requestSerialize({ message, requestId: '', traceparent: '' });
  const prefix = Buffer.alloc(PREFIX_BYTES);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

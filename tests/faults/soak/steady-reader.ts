import { type ClientHttp2Stream, connect } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { ServerEvent } from '../../../api/gen/chat/v1/chat.ts';
import { MessageCutter } from '../../../cli/load/wire/message-cutter.ts';
import { chat, envelope, hello } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import { Ledger, type Told } from '../support/ledger.ts';

const STAMP = /said (\d+\.\d+) /;

/** Reads all that it is told, and how long after it was said. */
export class SteadyReader {
  readonly ledger: Ledger;
  /** Settled when it has its seat. */
  readonly seated: Promise<void>;
  /** Since they were last taken, in milliseconds. */
  latenciesMs: number[] = [];
  readBytes = 0;
  readonly #stream: ClientHttp2Stream;

  constructor(port: number, userId: string, room: string) {
    this.ledger = new Ledger(room, (_, what) => {
      const said = STAMP.exec(what)?.[1];
      if (said !== undefined) this.latenciesMs.push(performance.now() - Number(said));
    });
    const session = connect(`http://127.0.0.1:${port}`, {
      createConnection: () => connectSocket({ host: '127.0.0.1', port, noDelay: true }),
      settings: { initialWindowSize: 2 ** 24, enablePush: false },
    });
    session.on('connect', () => session.setLocalWindowSize(2 ** 24)).on('error', () => {});
    this.#stream = session.request(
      {
        ':method': 'POST',
        ':path': '/chat.v1.ChatService/Channel',
        te: 'trailers',
        'content-type': 'application/grpc',
      },
      { endStream: false },
    );
    this.#stream.on('error', () => {});
    const { promise, resolve } = Promise.withResolvers<void>();
    this.seated = promise;
    const take = (event: Told | undefined) => {
      if (event !== undefined) this.ledger.take(event);
      if (event?.$case === 'joined') resolve();
    };
    const cutter = new MessageCutter((bytes, from, to) => {
      const { event, batch } = ServerEvent.decode(bytes.subarray(from, to));
      take(event);
      for (const entry of batch) take(entry.event);
    });
    this.#stream.on('data', (bytes: Buffer) => {
      this.readBytes += bytes.length;
      cutter.push(bytes);
    });
    this.#send(hello(userId), envelope(1, { 2: room }));
  }

  /** Says something of so many bytes that begins with the time. */
  say(room: string, bytes: number): void {
    this.#send(chat(room, `${performance.now().toFixed(3)} `.padEnd(bytes, 'x')));
  }

  end(): void {
    this.#stream.session?.destroy();
  }

  #send(...messages: readonly Buffer[]): void {
    this.#stream.write(Buffer.concat(messages.map(framed)));
  }
}

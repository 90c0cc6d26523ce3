import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import type { Batch } from './batch.ts';

/** A window so large that no stream waits for it to open. */
const WINDOW_BYTES = 2 ** 24;
const REQUEST = {
  ':method': 'POST',
  ':path': '/chat.v1.ChatService/Channel',
  te: 'trailers',
  'content-type': 'application/grpc',
};

/** The contract's table of errors, as far as such streams can end by it. */
const CODES: Readonly<Record<string, number>> = {
  ok: 0,
  invalid_envelope: 3,
  invalid_user: 3,
  invalid_name: 3,
  invalid_room: 3,
  invalid_id: 3,
  user_taken: 6,
  envelope_too_large: 8,
  server_full: 8,
  join_required: 9,
  already_welcomed: 9,
};

/** How the stream of a batch ended. */
export interface Ended {
  /** As in `Batch.ends`. */
  readonly reason: string;
  /** What was wrong with that, in words. */
  readonly violation: string | undefined;
}

/** A transport that carries batch after batch, a stream each. */
export class Barrage {
  readonly #session: ClientHttp2Session;

  constructor(port: number) {
    this.#session = connect(`http://127.0.0.1:${port}`, {
      createConnection: () => connectSocket({ host: '127.0.0.1', port, noDelay: true }),
      settings: { initialWindowSize: WINDOW_BYTES, enablePush: false },
    });
    // What breaks is seen by the streams.
    this.#session.on('error', () => {});
    this.#session.on('connect', () => {
      if (!this.#session.destroyed) this.#session.setLocalWindowSize(WINDOW_BYTES);
    });
  }

  /** Settled when the stream of the batch is over. */
  send({ bytes, ends }: Batch): Promise<Ended> {
    if (this.#session.closed || this.#session.destroyed) {
      return Promise.resolve({ reason: 'none', violation: 'the server has ended the transport' });
    }
    return new Promise((resolve) => {
      let last: IncomingHttpHeaders = {};
      const stream = this.#session.request(REQUEST, { endStream: false });
      const note = (headers: IncomingHttpHeaders) => {
        last = headers;
      };
      stream
        .on('response', note)
        .on('trailers', note)
        .on('error', () => {})
        .resume();
      stream.once('close', () => resolve(judged(last, ends, stream.rstCode)));
      stream.end(bytes);
    });
  }

  end(): void {
    this.#session.destroy();
  }
}

function judged(headers: IncomingHttpHeaders, ends: ReadonlySet<string>, resetCode: number | undefined): Ended {
  const status = headers['grpc-status'];
  if (status === undefined) return { reason: 'none', violation: `it ended without a status, with reset ${resetCode}` };
  const code = Number(status);
  const reason = String(headers['chat-reason'] ?? (code === 0 ? 'ok' : ''));
  // The gRPC library ends what is too large by its prefix, and knows no reasons.
  const named = reason === '' && code === 8 ? 'envelope_too_large' : reason;
  const is = `it ended with ${code} ${reason} "${headers['grpc-message']}"`;
  if (CODES[named] !== code) return { reason: named, violation: `${is}, which is no end of the contract` };
  if (!ends.has(named)) return { reason: named, violation: `${is}, where it was to be ${[...ends].join(' or ')}` };
  return { reason: named, violation: undefined };
}

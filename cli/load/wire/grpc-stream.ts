import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import { status } from '@grpc/grpc-js';
import type { ChatStream, StreamEnd, StreamListener } from './chat-stream.ts';
import { EventScanner } from './event-scanner.ts';
import { MessageCutter } from './message-cutter.ts';

const STATUS_NAMES = new Map(
  Object.entries(status).map(([name, code]) => [String(code), name.toLowerCase()] as [string, string]),
);
/** Statuses and reasons after which coming back may help. */
const PASSING: ReadonlySet<string> = new Set([
  'ok',
  'unavailable',
  'draining',
  'heartbeat_timeout',
  'slow_consumer',
  'internal',
  'cancelled',
  'stream_reset',
  'connection_closed',
]);
/** A reset by which the server frees itself of a peer that does not read. */
const SLOW_CONSUMER_RESET = constants.NGHTTP2_ENHANCE_YOUR_CALM;

/** The connection that a call is on. */
interface Carrier {
  /** Why it ended, where it says more than its streams do. */
  readonly why: Error | undefined;
  /** A stream of it is over. */
  release(): void;
}

/** One call of gRPC. */
export class GrpcStream implements ChatStream {
  readonly #stream: ClientHttp2Stream;
  readonly #carrier: Carrier;
  readonly #listener: StreamListener;
  #headers: IncomingHttpHeaders = {};
  #isOver = false;

  constructor(stream: ClientHttp2Stream, carrier: Carrier, listener: StreamListener) {
    this.#stream = stream;
    this.#carrier = carrier;
    this.#listener = listener;
    const scanner = new EventScanner(listener);
    const cutter = new MessageCutter((bytes, from, to) => scanner.scan(bytes, from, to));
    stream.on('data', (chunk: Buffer) => {
      if (this.#isOver) return;
      listener.arrived(chunk.length);
      try {
        cutter.push(chunk);
      } catch {
        this.#end({ reason: 'undecodable', retryAfterMs: undefined, canRetry: false });
      }
    });
    // Trailers alone come as headers.
    stream.on('response', (headers) => this.#take(headers));
    stream.on('trailers', (headers) => this.#take(headers));
    stream.on('error', (error: NodeJS.ErrnoException) => this.#end(this.#endBy(error)));
    // A server that ends its half leaves the stream open as long as ours is: `end`. One that is gone: `close` alone.
    for (const over of ['end', 'close']) stream.on(over, () => this.#end(this.#endBy(undefined)));
  }

  write(...messages: readonly Uint8Array[]): void {
    const [first] = messages;
    if (this.#isOver || first === undefined) return;
    this.#stream.write(messages.length === 1 ? first : Buffer.concat(messages));
  }

  pause(): void {
    this.#stream.pause();
  }

  resume(): void {
    this.#stream.resume();
  }

  halfClose(): void {
    if (!this.#isOver) this.#stream.end();
  }

  abandon(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#stream.close(constants.NGHTTP2_CANCEL);
    this.#carrier.release();
  }

  #take(headers: IncomingHttpHeaders): void {
    this.#headers = { ...this.#headers, ...headers };
  }

  #end(end: StreamEnd): void {
    if (this.#isOver) return;
    this.abandon();
    this.#listener.ended(end);
  }

  #endBy(error: NodeJS.ErrnoException | undefined): StreamEnd {
    const headers = this.#headers;
    const http = headers[':status'];
    const retryAfter = Number(headers['chat-retry-after-ms']);
    const retryAfterMs = Number.isFinite(retryAfter) ? retryAfter : undefined;
    const ended = (reason: string, canRetry = PASSING.has(reason)) => ({ reason, retryAfterMs, canRetry });
    const code = headers['grpc-status'];
    if (code !== undefined) return ended(String(headers['chat-reason'] ?? STATUS_NAMES.get(String(code)) ?? code));
    if (http !== undefined && String(http) !== '200') return ended(`http_${http}`);
    if (this.#stream.rstCode === SLOW_CONSUMER_RESET) return ended('slow_consumer');
    const systemCode = systemCodeOf(this.#carrier.why ?? error?.cause) ?? systemCodeOf(error);
    if (systemCode !== undefined) return ended(systemCode, true);
    return ended(error === undefined && this.#stream.rstCode === 0 ? 'connection_closed' : 'stream_reset');
  }
}

/** What the system says, such as ECONNREFUSED; undefined for what Node says of HTTP/2: ERR_HTTP2_…. */
function systemCodeOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : 'ERR_';
  return code.startsWith('ERR_') ? undefined : code;
}

import { WebSocket } from 'ws';
import type { ServerAccess } from '../../cli/connection/index.ts';
import type { ChatStream, StreamListener, Transport } from '../../cli/load/wire/chat-stream.ts';
import { EventScanner } from '../../cli/load/wire/event-scanner.ts';
import { PREFIX_BYTES } from '../../cli/load/wire/message-cutter.ts';

/** A socket that was closed as agreed, with a reason or without. */
const CLOSED_WELL: ReadonlySet<number> = new Set([1000, 1005]);

/** A WebSocket: a transport whose only stream it is. */
export class WsStream implements Transport, ChatStream {
  readonly #socket: WebSocket;
  /** What was written before it was open. */
  #early: Uint8Array[] = [];
  #isOver = false;
  #isCut = false;
  #why: string | undefined;

  constructor({ host, port }: ServerAccess) {
    this.#socket = new WebSocket(`ws://${host}:${port}`, { perMessageDeflate: false });
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      this.#why = error.code ?? error.message;
    });
  }

  get isCut(): boolean {
    return this.#isCut;
  }

  open(listener: StreamListener): ChatStream {
    const scanner = new EventScanner(listener);
    this.#socket.on('message', (event: Buffer) => {
      if (this.#isOver) return;
      listener.arrived(event.length);
      scanner.scan(event, 0, event.length);
    });
    this.#socket.on('open', () => {
      for (const message of this.#early.splice(0)) this.#socket.send(message);
    });
    this.#socket.on('close', (code) => {
      if (this.#isOver) return;
      this.#isOver = true;
      const reason = this.#why ?? (CLOSED_WELL.has(code) ? 'ok' : 'connection_closed');
      listener.ended({ reason, retryAfterMs: undefined, canRetry: true });
    });
    return this;
  }

  write(...messages: readonly Uint8Array[]): void {
    // A WebSocket knows how long its messages are.
    const envelopes = messages.map((message) => message.subarray(PREFIX_BYTES));
    if (this.#socket.readyState === WebSocket.CONNECTING) this.#early.push(...envelopes);
    else for (const envelope of envelopes) this.#socket.send(envelope);
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  halfClose(): void {
    this.#socket.close();
  }

  abandon(): void {
    this.#isOver = true;
    this.#socket.terminate();
  }

  cut(): void {
    this.#isCut = true;
    this.#socket.terminate();
  }
}

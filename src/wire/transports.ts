import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** A transport whose HTTP/2 session is over may still write for so many sweeps. */
const SWEEPS_TO_END = 5;

interface Transport {
  readonly socket: Socket;
  /** Known from its first stream on. */
  session: Http2Session | undefined;
  sweepsSinceEnd: number;
}

/**
 * The sockets that were accepted. `destroy()` of an HTTP/2 session waits for its
 * unfinished write (Node 24), and so does what grpc-js does when a keepalive is not
 * answered: a frozen peer would keep what was written to it for ever. Destroying
 * the socket gives it back.
 */
export class Transports {
  /** By the peer's address and port. */
  readonly #transports = new Map<string, Transport>();

  get size(): number {
    return this.#transports.size;
  }

  add(socket: Socket): void {
    const peer = peerOf(socket);
    this.#transports.set(peer, { socket, session: undefined, sweepsSinceEnd: 0 });
    socket.once('close', () => this.#transports.delete(peer));
    socket.on('error', () => socket.destroy());
  }

  /** A stream was opened within this session. */
  opened(session: Http2Session | undefined): void {
    if (session === undefined || session.destroyed) return;
    const transport = this.#transports.get(peerOf(session.socket));
    if (transport !== undefined) transport.session = session;
  }

  /** Ends those whose session is over. To be called once a second. */
  sweep(): void {
    for (const transport of this.#transports.values()) {
      if (transport.session?.destroyed !== true) continue;
      transport.sweepsSinceEnd += 1;
      if (transport.sweepsSinceEnd >= SWEEPS_TO_END) transport.socket.destroy();
    }
  }

  /** Ends all of them, whatever they are at. */
  destroy(): void {
    for (const { socket } of this.#transports.values()) socket.destroy();
  }
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}

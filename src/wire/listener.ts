import { createServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { peerOf, type TransportRefusal, type Transports } from './transports.ts';

/** With what a server proves who it is, in PEM. */
export interface TlsMaterial {
  /** The certificate, and what stands between it and its authority. */
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Authorities that a client's certificate must come from; undefined: clients need none. */
  readonly clientCa: Buffer | undefined;
}

export interface ListenerPorts {
  readonly transports: Transports;
  /** Undefined: plaintext. */
  readonly tls: TlsMaterial | undefined;
  readonly handshakeTimeoutMs: number;
  /** Serves HTTP/2 on it, which its peer has begun to speak. */
  readonly serve: (socket: Socket) => void;
  /** @param detail what OpenSSL says. */
  readonly refused: (peer: string, reason: TransportRefusal, detail?: string) => void;
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n');
/** First byte of a TLS handshake record. */
const TLS_HANDSHAKE = 0x16;

/**
 * Accepts sockets, and hands on those whose peer speaks HTTP/2, over TLS where
 * there is a certificate.
 *
 * It is our own, and not the one of grpc-js: a peer that does not read can be got
 * rid of only by its socket, and with channelz off, which each write would pay for,
 * `forceShutdown` leaves them open (grpc-js 1.14.7).
 */
export class Listener {
  readonly #ports: ListenerPorts;
  readonly #server: Server;
  readonly #tls: TlsServer | undefined;

  constructor(ports: ListenerPorts) {
    this.#ports = ports;
    this.#tls = ports.tls && this.#tlsServer(ports.tls);
    this.#server = createServer({ noDelay: true }, (socket) => {
      if (!ports.transports.add(socket)) return;
      if (this.#tls === undefined) socket.once('readable', () => this.#meet(socket));
      else this.#tls.emit('connection', socket);
    });
  }

  /** Listens, and returns the port. Rejects with Node's error, such as EADDRINUSE. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen({ host, port, backlog: 4096 }, () => {
        this.#server.off('error', reject);
        const address = this.#server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Transports from now on are proved by this; those that there are go on. @throws when OpenSSL does not take it. */
  renew(tls: TlsMaterial): void {
    this.#tls?.setSecureContext(contextOf(tls));
  }

  /** Accepts nothing more. Settled when all that was accepted is closed. */
  close(): Promise<void> {
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  /** Looks at the first bytes: what is no HTTP/2 costs no session of it. */
  #meet(socket: Socket): void {
    const first: Buffer | null = socket.read();
    if (first === null || first.length === 0) {
      socket.destroy();
      return;
    }
    const seen = Math.min(first.length, PREFACE.length);
    if (first.compare(PREFACE, 0, seen, 0, seen) !== 0) {
      this.#ports.refused(peerOf(socket), first[0] === TLS_HANDSHAKE ? 'tls_on_plaintext' : 'not_http2');
      socket.destroy();
      return;
    }
    socket.unshift(first);
    this.#ports.serve(socket);
  }

  #tlsServer(tls: TlsMaterial): TlsServer {
    const { handshakeTimeoutMs } = this.#ports;
    const server = createTlsServer({
      ...contextOf(tls),
      ALPNProtocols: ['h2'],
      requestCert: tls.clientCa !== undefined,
      rejectUnauthorized: tls.clientCa !== undefined,
      handshakeTimeout: handshakeTimeoutMs,
    });
    server.on('secureConnection', (socket) => {
      socket.on('error', () => socket.destroy());
      if (socket.alpnProtocol === 'h2') this.#ports.serve(socket);
      else {
        this.#ports.refused(peerOf(socket), 'not_http2');
        socket.destroy();
      }
    });
    server.on('tlsClientError', (error: NodeJS.ErrnoException, socket) => {
      // Node ends a socket whose certificate it does not trust, and tells of it as of one that has gone by itself.
      const { authorizationError } = socket;
      const isGone = error.code === 'ECONNRESET' && !authorizationError;
      const why = authorizationError ? String(authorizationError) : (error.code ?? error.message);
      if (!isGone) this.#ports.refused(peerOf(belowOf(socket)), 'tls_failed', why);
      socket.destroy();
    });
    return server;
  }
}

/** The socket that was accepted: it knows its peer when it is closed too. Node 24 keeps it in a private field. */
function belowOf(socket: TLSSocket): Socket {
  return (socket as TLSSocket & { readonly _parent?: Socket })._parent ?? socket;
}

function contextOf({ cert, key, clientCa }: TlsMaterial) {
  return { cert, key, minVersion: 'TLSv1.2' as const, ...(clientCa !== undefined && { ca: clientCa }) };
}

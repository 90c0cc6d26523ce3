import { connect as connectSocket, type Socket } from 'node:net';
import { connect as connectSecurely } from 'node:tls';
import type { ServerAccess } from '../../connection/index.ts';
import { secureContextOf, socketOptions } from '../../connection/tls-options.ts';

/** Opens a socket for a transport. */
export type Dial = () => Socket;

/** What encrypts is made once, here, and not for each of thousands of sockets. */
export function dialTo(server: ServerAccess): Dial {
  const { host, port, tls } = server;
  if (tls === undefined) return () => connectSocket({ host, port, noDelay: true });
  const secureContext = secureContextOf(tls);
  return () => connectSecurely(socketOptions(server, secureContext)).setNoDelay();
}

import type { TlsOptions } from './tls-options.ts';
import type { TokenSource } from './token.ts';

/** Where the server is unless something else is said. */
export const DEFAULT_HOST = '127.0.0.1';
export const DEFAULT_PORT = 50_051;

/** Where a server is, and how it is reached. */
export interface ServerAccess {
  /** A name or an address; default 127.0.0.1. */
  readonly host: string;
  /** Default 50051. */
  readonly port: number;
  /** How what goes there is encrypted; `{}` trusts the authorities that Node knows. Default: it is not. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Says who the user is where the server wants to know; a function is asked for each stream anew, so that it can give a
   * fresh one. Goes to a server with TLS alone, or on this machine.
   */
  readonly token?: TokenSource | undefined;
}

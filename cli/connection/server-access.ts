import type { TlsOptions } from './tls-options.ts';

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
}

import { createPrivateKey, X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, createSecureContext, type SecureContext } from 'node:tls';
import { ChatError } from './errors.ts';

/** How a server and a client know each other; certificates and keys are PEM. TLS 1.2 is the least. */
export interface TlsOptions {
  /** Who may have signed the server's certificate; default the authorities that Node knows. */
  readonly ca?: string | Buffer | undefined;
  /** Shown to a server that asks for it, with `key`. */
  readonly cert?: string | Buffer | undefined;
  readonly key?: string | Buffer | undefined;
  /** The name that must stand in the server's certificate; default the host. */
  readonly serverName?: string | undefined;
}

/** What is wrong with the options themselves, whatever the server is. */
export interface TlsFault {
  readonly option: 'ca' | 'cert' | 'key';
  /** Goes on where the name of the option, or of its file, ends. */
  readonly why: string;
}

/** Without this, a wrong file would be told by OpenSSL, or by every server. */
export function tlsFault({ ca, cert, key }: TlsOptions): TlsFault | undefined {
  if (ca !== undefined && readable(() => new X509Certificate(`${ca}`)) === undefined)
    return { option: 'ca', why: NO_CERT };
  if (cert === undefined && key === undefined) return undefined;
  if (key === undefined) return { option: 'key', why: 'is missing; a certificate is shown with its key' };
  if (cert === undefined) return { option: 'cert', why: 'is missing; a key is of no use without its certificate' };
  const shown = readable(() => new X509Certificate(`${cert}`));
  if (shown === undefined) return { option: 'cert', why: NO_CERT };
  const secret = readable(() => createPrivateKey(`${key}`));
  if (secret === undefined)
    return { option: 'key', why: 'holds no private key that can be read; PEM without a password' };
  return shown.checkPrivateKey(secret) ? undefined : { option: 'key', why: 'does not belong to the certificate' };
}

const NO_CERT = 'holds no certificate; PEM is expected';

function readable<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** @throws ChatError `invalid_tls` */
export function secureContextOf(tls: TlsOptions): SecureContext {
  const fault = tlsFault(tls);
  if (fault !== undefined) {
    throw new ChatError({ reason: 'invalid_tls', message: `tls.${fault.option} ${fault.why}` });
  }
  const { ca, cert, key } = tls;
  try {
    return createSecureContext({ ca, cert, key, minVersion: 'TLSv1.2' });
  } catch (error) {
    // A key that is too weak, or a form that this OpenSSL does not know.
    const message = `what tls was given is of no use: ${(error as NodeJS.ErrnoException).code}`;
    throw new ChatError({ reason: 'invalid_tls', message, cause: error });
  }
}

/** The name that must stand in the certificate of a server. */
export function expectedName(host: string, tls: TlsOptions): string {
  return tls.serverName ?? host;
}

/** For a socket of node:tls that carries HTTP/2. */
export function socketOptions(
  { host, port, tls = {} }: { readonly host: string; readonly port: number; readonly tls?: TlsOptions | undefined },
  secureContext: SecureContext,
): ConnectionOptions {
  const name = expectedName(host, tls);
  // RFC 6066 has no addresses in what the server is asked for; Node warns of one.
  const asked = isIP(name) === 0 ? { servername: name } : {};
  const checked = (_: string, cert: Parameters<typeof checkServerIdentity>[1]) => checkServerIdentity(name, cert);
  return { host, port, secureContext, ALPNProtocols: ['h2'], checkServerIdentity: checked, ...asked };
}

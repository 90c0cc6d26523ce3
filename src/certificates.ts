import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { TlsFiles } from './config.ts';
import { WatchedFile } from './watched-file.ts';
import type { TlsMaterial } from './wire/listener.ts';

/** A certificate is renewed before its key, or the other way round: so long they may not belong together. */
const RENEWAL_TAKES_MS = 5000;

export interface CertificatePorts {
  readonly utcMs: () => number;
  /** They changed, and are good. */
  readonly renewed: (material: TlsMaterial) => void;
  /** They changed, and are not: the old ones stay. */
  readonly failed: (reason: string) => void;
}

/** Files that hold no certificate with which a server can prove who it is; the message says which and why. */
class CertificateError extends Error {
  override readonly name = 'CertificateError';
}

/**
 * The certificate of the server, its key and the authority of its clients, as they stand in their files.
 * @throws CertificateError, WatchedFileError when they are of no use now.
 */
export async function openCertificates(files: TlsFiles, ports: CertificatePorts): Promise<TlsMaterial> {
  const open = (path: string) => WatchedFile.open(path, { failed: ports.failed });
  const [cert, key] = await Promise.all([open(files.cert), open(files.key)]);
  const clientCa = files.clientCa === undefined ? undefined : await open(files.clientCa);
  const material = (): TlsMaterial => ({ cert: cert.content, key: key.content, clientCa: clientCa?.content });
  const first = material();
  check(first, files, ports.utcMs());

  let complaint: NodeJS.Timeout | undefined;
  const changed = () => {
    clearTimeout(complaint);
    const next = material();
    try {
      check(next, files, ports.utcMs());
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      complaint = setTimeout(() => ports.failed(reason), RENEWAL_TAKES_MS).unref();
      return;
    }
    ports.renewed(next);
  };
  for (const file of [cert, key, clientCa]) file?.onChange(changed);
  return first;
}

/** @throws CertificateError */
function check({ cert, key, clientCa }: TlsMaterial, files: TlsFiles, nowMs: number): void {
  const { validFromDate, validToDate } = certificateIn(cert, files.cert);
  if (validToDate.getTime() < nowMs) {
    throw new CertificateError(`the certificate in ${files.cert} expired on ${validToDate.toISOString()}`);
  }
  if (validFromDate.getTime() > nowMs) {
    throw new CertificateError(`the certificate in ${files.cert} is not valid before ${validFromDate.toISOString()}`);
  }
  if (clientCa !== undefined && files.clientCa !== undefined) certificateIn(clientCa, files.clientCa);
  const secret = keyIn(key, files.key);
  if (!certificateIn(cert, files.cert).checkPrivateKey(secret)) {
    throw new CertificateError(`the key in ${files.key} does not belong to the certificate in ${files.cert}`);
  }
  try {
    createSecureContext({ cert, key, ...(clientCa !== undefined && { ca: clientCa }) });
  } catch (error) {
    throw new CertificateError(`${files.cert} and ${files.key} cannot be used: ${wordsOf(error)}`);
  }
}

function certificateIn(pem: Buffer, path: string): X509Certificate {
  try {
    return new X509Certificate(pem);
  } catch (error) {
    throw new CertificateError(`${path} holds no certificate in PEM: ${wordsOf(error)}`);
  }
}

function keyIn(pem: Buffer, path: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    throw new CertificateError(`${path} holds no private key in PEM, without a password: ${wordsOf(error)}`);
  }
}

/** OpenSSL says `error:05800074:x509 certificate routines::key values mismatch`. */
function wordsOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.slice(text.lastIndexOf(':') + 1);
}

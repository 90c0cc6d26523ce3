/**
 * Certificates to develop with, in certs/: `make certs`. The authority is kept as long as it outlives
 * what it signs, so that clients that were told to trust it go on; the others are made anew each time.
 */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Authority, authority, type Certified } from '../support/certificates.ts';

const FOLDER = 'certs';
const DAY_MS = 86_400_000;
const AUTHORITY_DAYS = 365;
const LEAF_DAYS = 30;
const SERVER_NAMES = ['localhost', '127.0.0.1', '::1'];

const inDays = (days: number) => new Date(Date.now() + days * DAY_MS);
const certOf = (name: string) => `${FOLDER}/${name}.pem`;
const keyOf = (name: string) => `${FOLDER}/${name}.key`;

mkdirSync(FOLDER, { recursive: true, mode: 0o700 });
const kept = keptAuthority();
const signer = kept ?? authority({ name: 'chat-grpc development authority', notAfter: inDays(AUTHORITY_DAYS) });
if (kept === undefined) write('ca', signer);
write('server', signer.issue({ names: SERVER_NAMES, use: 'both', notAfter: inDays(LEAF_DAYS) }));
write('client', signer.issue({ subject: 'chat-grpc development client', notAfter: inDays(LEAF_DAYS) }));

const until = (name: string) => new X509Certificate(readFileSync(certOf(name))).validToDate.toISOString().slice(0, 10);
console.log(`
  ${certOf('ca')}      the authority, ${kept === undefined ? 'new' : 'kept'}; good until ${until('ca')}
  ${certOf('server')}  for ${SERVER_NAMES.join(', ')}; good until ${until('server')}
  ${certOf('client')}  for a server that asks clients for a certificate; good until ${until('client')}

For this machine alone: whoever has ${keyOf('ca')} can pass for any server here.

Encrypted:
  CHAT_GRPC_TLS_CERT=${certOf('server')} CHAT_GRPC_TLS_KEY=${keyOf('server')} make run
  CHAT_GRPC_CA=${certOf('ca')} make client

And with clients that show a certificate:
  CHAT_GRPC_TLS_CERT=${certOf('server')} CHAT_GRPC_TLS_KEY=${keyOf('server')} CHAT_GRPC_TLS_CLIENT_CA=${certOf('ca')} make run
  CHAT_GRPC_CA=${certOf('ca')} CHAT_GRPC_CERT=${certOf('client')} CHAT_GRPC_KEY=${keyOf('client')} make client
`);

function keptAuthority(): Authority | undefined {
  if (!existsSync(certOf('ca')) || !existsSync(keyOf('ca'))) return undefined;
  const cert = readFileSync(certOf('ca'), 'utf8');
  const { validToDate } = new X509Certificate(cert);
  if (validToDate < inDays(LEAF_DAYS)) return undefined;
  return new Authority({ cert, key: readFileSync(keyOf('ca'), 'utf8') });
}

function write(name: string, { cert, key }: Certified): void {
  // The mode counts for a new file alone.
  rmSync(keyOf(name), { force: true });
  writeFileSync(keyOf(name), key, { mode: 0o600 });
  writeFileSync(certOf(name), cert);
}

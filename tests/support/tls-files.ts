import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { authority } from './certificates.ts';

/** Certificates in files of a folder of their own, for programs; gone with their scope. */
export function tlsFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-tls-'));
  const file = (name: string, content: string) => {
    const path = join(folder, name);
    writeFileSync(path, content, { mode: 0o600 });
    return path;
  };
  const signer = authority();
  const server = signer.issue({ names: ['localhost', '127.0.0.1', '::1'] });
  const client = signer.issue();
  return {
    ca: file('ca.pem', signer.cert),
    strangerCa: file('stranger.pem', authority().cert),
    cert: file('client.pem', client.cert),
    key: file('client.key', client.key),
    /** For the environment of a server. */
    ofServer: {
      CHAT_GRPC_TLS_CERT: file('server.pem', server.cert),
      CHAT_GRPC_TLS_KEY: file('server.key', server.key),
    },
    file,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

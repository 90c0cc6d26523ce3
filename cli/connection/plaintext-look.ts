import { connect as connectHttp2 } from 'node:http2';
import { connect } from 'node:net';
import type { ServerAccess } from './server-access.ts';

/**
 * Looks whether HTTP/2 is spoken there without TLS: its server answers who begins with its settings. Nothing else is
 * sent. Calls back once. Returns what takes it back.
 */
export function lookForPlaintext(
  { host, port }: ServerAccess,
  patienceMs: number,
  seen: (isPlaintext: boolean) => void,
): () => void {
  const session = connectHttp2('http://plaintext.invalid', { createConnection: () => connect({ host, port }) });
  let isOver = false;
  const end = (isPlaintext: boolean | undefined) => {
    if (isOver) return;
    isOver = true;
    session.destroy();
    if (isPlaintext !== undefined) seen(isPlaintext);
  };
  session.setTimeout(patienceMs, () => end(false));
  session.on('remoteSettings', () => end(true));
  session.on('error', () => end(false));
  session.on('close', () => end(false));
  return () => end(undefined);
}

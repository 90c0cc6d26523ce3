import { once } from 'node:events';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls, type SecureVersion, type TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ChatConnection, connect, listRooms } from '../../cli/connection/index.ts';
import { type Authority, authority, type Certified } from '../support/certificates.ts';
import { Program, portOf } from '../support/program.ts';

const NAMES = ['localhost', '127.0.0.1'];
const DAY_MS = 86_400_000;

let folder: string;
let ca: Authority;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'chat-grpc-tls-'));
  ca = authority();
});
afterAll(() => rmSync(folder, { recursive: true }));

/** Puts a file in its place at once, as whoever renews a certificate does. */
function put(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
}

function filesOf(name: string, { cert, key }: Certified): Record<string, string> {
  return { CHAT_GRPC_TLS_CERT: put(`${name}.pem`, cert), CHAT_GRPC_TLS_KEY: put(`${name}.key`, key) };
}

function start(settings: Readonly<Record<string, string>>): Program {
  const env = { CHAT_GRPC_PORT: '0', CHAT_GRPC_LOG_LEVEL: 'debug', CHAT_GRPC_RATE_LIMIT: '0', ...settings };
  return new Program('server', { env, cwd: folder });
}

/** A handshake of HTTP/2; the socket stays open until it is destroyed. */
function handshake(port: number, maxVersion: SecureVersion = 'TLSv1.3'): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', servername: 'localhost', ca: ca.cert, ALPNProtocols: ['h2'] };
    const lowest = { minVersion: 'TLSv1' as const, ciphers: 'DEFAULT@SECLEVEL=0', maxVersion };
    const socket = connectTls({ ...options, ...lowest }, () => resolve(socket));
    socket.once('error', reject);
  });
}

async function fingerprint(port: number): Promise<string> {
  const socket = await handshake(port);
  const { fingerprint256 } = socket.getPeerCertificate();
  socket.destroy();
  return fingerprint256;
}

describe('a server with a certificate', () => {
  test('is spoken to from TLS 1.2 on, is asked for its health, and says what it refuses', async () => {
    const files = filesOf('versions', ca.issue({ names: NAMES }));
    await using server = start(files);
    const port = await portOf(server);
    for (const version of ['TLSv1.3', 'TLSv1.2'] as const) {
      const socket = await handshake(port, version);
      expect([socket.getProtocol(), socket.alpnProtocol]).toEqual([version, 'h2']);
      socket.destroy();
    }
    await expect(handshake(port, 'TLSv1.1')).rejects.toMatchObject({ code: 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION' });
    await server.shows('"reason":"tls_failed","detail":"ERR_SSL_UNSUPPORTED_PROTOCOL"');
    await expect(connect({ port, userId: 'ana', giveUpAfterMs: 0 })).rejects.toThrow();
    await server.shows('"reason":"tls_failed","detail":"ERR_SSL_');
    await using health = new Program('healthcheck', { env: { ...files, CHAT_GRPC_PORT: `${port}` } });
    expect([await health.exit, health.stdout, health.stderr]).toEqual([0, 'SERVING\n', '']);
  });

  test.each([
    { what: 'an HTTP/1.1 request', says: 'GET / HTTP/1.1\r\nhost: chat\r\n\r\n' },
    { what: 'the preface of HTTP/2', says: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' },
    { what: 'no bytes that anybody knows', says: '\u0000'.repeat(1000) },
  ])('13 on which somebody says $what closes it, with a line', async ({ says }) => {
    await using server = start(filesOf('plaintext', ca.issue({ names: NAMES })));
    const port = await portOf(server);
    const socket = connectPlain({ port, host: '127.0.0.1' }).resume();
    socket.on('error', () => {}).write(says);
    await once(socket, 'close');
    await server.shows('"reason":"tls_failed","detail":"ERR_SSL_');
    expect(await fingerprint(port)).not.toBe('');
  });

  test('is asked for its health by its own certificate, where clients must show one', async () => {
    const files = {
      ...filesOf('checked', ca.issue({ names: NAMES, use: 'both' })),
      CHAT_GRPC_TLS_CLIENT_CA: put('own-clients.pem', ca.cert),
    };
    await using server = start(files);
    const port = await portOf(server);
    await using health = new Program('healthcheck', { env: { ...files, CHAT_GRPC_PORT: `${port}` } });
    expect([await health.exit, health.stdout, health.stderr]).toEqual([0, 'SERVING\n', '']);
  });

  test('says nothing of who goes away in the middle of the handshake', async () => {
    const files = {
      ...filesOf('gone', ca.issue({ names: NAMES })),
      CHAT_GRPC_TLS_CLIENT_CA: put('gone-ca.pem', ca.cert),
    };
    await using server = start(files);
    const port = await portOf(server);
    const socket = connectPlain({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    socket.write(Buffer.from('160301020001000001fc0303', 'hex'), () => socket.resetAndDestroy());
    await once(socket, 'close');
    // Whoever comes behind it is told of.
    await expect(handshake(port, 'TLSv1.1')).rejects.toThrow();
    await server.shows('ERR_SSL_UNSUPPORTED_PROTOCOL');
    expect(server.stdout.match(/transport refused/g)).toHaveLength(1);
  });

  test('asks clients for one of theirs where it has their authority', async () => {
    const theirs = authority({ name: 'authority of clients' });
    const files = filesOf('mutual', ca.issue({ names: NAMES }));
    await using server = start({ ...files, CHAT_GRPC_TLS_CLIENT_CA: put('clients.pem', theirs.cert) });
    const port = await portOf(server);
    const enter = (client: Partial<Certified>) =>
      connect({ port, userId: 'ana', tls: { ca: ca.cert, ...client }, giveUpAfterMs: 0 });
    const known = await enter(theirs.issue());
    await known.close();
    await expect(enter({})).rejects.toThrow();
    await server.shows('"reason":"tls_failed","detail":"ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE"');
    await expect(enter(ca.issue())).rejects.toThrow();
    await server.shows('"reason":"tls_failed","detail":"SELF_SIGNED_CERT_IN_CHAIN"');
    await expect(enter(theirs.issue({ notAfter: new Date(Date.now() - 1000) }))).rejects.toThrow();
    await server.shows('"reason":"tls_failed","detail":"CERT_HAS_EXPIRED"');
    expect(server.stdout).not.toContain('undefined');
  });
});

describe('a certificate that is renewed', () => {
  test('under load: no stream ends, nothing is lost, and who comes next is shown the new one', async () => {
    const files = filesOf('renewed', ca.issue({ names: NAMES }));
    await using server = start(files);
    const port = await portOf(server);
    const tls = { ca: ca.cert };
    const enter = async (userId: string) => {
      const chat = await connect({ port, userId, tls, giveUpAfterMs: 0 });
      await chat.join('general');
      return chat;
    };
    const [speaker, listener] = [await enter('speaker'), await enter('listener')];
    const heard: string[] = [];
    const listening = [listen(listener, heard), listen(speaker, [])];
    const before = await fingerprint(port);
    let said = 0;
    let isOver = false;
    const speaking = (async () => {
      while (!isOver) await speaker.post('general', `${said++}`);
    })();

    for (let renewal = 1; renewal <= 3; renewal++) {
      filesOf('renewed', ca.issue({ names: NAMES }));
      await vi.waitFor(() => expect(server.stdout.split('certificate renewed')).toHaveLength(renewal + 1), {
        timeout: 30_000,
      });
    }
    expect(await fingerprint(port)).not.toBe(before);
    const late = await enter('late');
    expect((await listRooms({ port, tls })).rooms).toHaveLength(1);
    isOver = true;
    await speaking;
    await vi.waitFor(() => expect(heard).toHaveLength(said), { timeout: 30_000 });
    expect(heard).toEqual(heard.map((_, i) => `${i}`));
    expect([speaker, listener].map(({ state }) => state.kind)).toEqual(['live', 'live']);
    await Promise.all([speaker, listener, late].map((chat) => chat.close()));
    await Promise.all(listening);
    expect(server.stdout).not.toContain('not renewed');
  });

  test('by something that is of no use: the old one stays, and the log says why', async () => {
    const files = filesOf('broken', ca.issue({ names: NAMES }));
    await using server = start(files);
    const port = await portOf(server);
    const before = await fingerprint(port);
    put('broken.pem', 'garbage');
    await server.shows('"msg":"certificate not renewed"');
    expect(server.stdout).toContain('holds no certificate in PEM');
    expect(await fingerprint(port)).toBe(before);
    filesOf('broken', ca.issue({ names: NAMES }));
    await server.shows('"msg":"certificate renewed"');
    expect(await fingerprint(port)).not.toBe(before);
  });
});

describe('a server that cannot start encrypted says so in one line, and exits 1', () => {
  const expired = () => ca.issue({ names: NAMES, notBefore: new Date(Date.now() - 2 * DAY_MS), notAfter: yesterday() });
  const yesterday = () => new Date(Date.now() - DAY_MS);

  test.each([
    { what: 'a file is missing', files: () => ({ CHAT_GRPC_TLS_CERT: 'none.pem', CHAT_GRPC_TLS_KEY: 'none.key' }) },
    { what: 'expired', files: () => filesOf('expired', expired()) },
    { what: 'not valid yet', files: () => filesOf('early', ca.issue({ names: NAMES, notBefore: tomorrow() })) },
    {
      what: 'another key',
      files: () => filesOf('mixed', { ...ca.issue({ names: NAMES }), key: ca.issue({ names: NAMES }).key }),
    },
    { what: 'no key', files: () => filesOf('keyless', { ...ca.issue({ names: NAMES }), key: 'garbage' }) },
    { what: 'no PEM', files: () => filesOf('garbage', { cert: 'garbage', key: 'garbage' }) },
  ])('36 $what', async ({ files }) => {
    await using server = start(files());
    expect(await server.exit).toBe(1);
    expect(server.stderr).toMatch(/^chat-grpc: .*\.(pem|key).*\n$/);
    expect(server.stdout).toBe('');
  });

  const tomorrow = () => new Date(Date.now() + DAY_MS);
});

async function listen(chat: ChatConnection, heard: string[]): Promise<void> {
  for await (const event of chat.events) if (event.kind === 'message') heard.push(event.content);
}

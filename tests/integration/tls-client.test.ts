import { once } from 'node:events';
import { createServer as createSecureServer } from 'node:https';
import { createServer } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:tls';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ChatError, connect, listRooms, type TlsOptions } from '../../cli/connection/index.ts';
import { Route } from '../../cli/connection/route.ts';
import { authority } from '../support/certificates.ts';
import { stateOf, untilDue } from '../support/connection-states.ts';
import { FakeTiming } from '../support/fake-timing.ts';
import { type ServerTls, scriptedServer } from '../support/scripted-server.ts';
import { startServer } from '../support/server.ts';

const signer = authority();
const stranger = authority({ name: 'somebody else' });
const HERE = { names: ['localhost', '127.0.0.1', '::1'] };
const server = signer.issue(HERE);
const YESTERDAY = new Date(Date.now() - 86_400_000);
const TOMORROW = new Date(Date.now() + 86_400_000);
const IN_TWO_DAYS = new Date(Date.now() + 2 * 86_400_000);

async function failureOf(promise: Promise<unknown>): Promise<Record<string, unknown>> {
  return await promise.then(
    () => ({ reason: 'it went well' }),
    (error) => error,
  );
}

/** The port of a server that is there for one test. */
async function listening(tlsServer: TlsServer): Promise<number> {
  tlsServer.on('tlsClientError', () => {});
  tlsServer.listen(0, '127.0.0.1');
  await once(tlsServer, 'listening');
  onTestFinished(() => {
    tlsServer.close();
  });
  return (tlsServer.address() as { port: number }).port;
}

describe('a client over TLS', () => {
  const name = 'chat.example.org';
  const worlds: readonly {
    readonly what: string;
    readonly tls: ServerTls;
    readonly client: TlsOptions;
    readonly host?: string;
  }[] = [
    { what: 'by an address that stands in the certificate', tls: server, client: { ca: signer.cert } },
    { what: 'by a name that stands in it', tls: server, client: { ca: signer.cert }, host: 'localhost' },
    {
      what: 'by a name that it is told to expect',
      tls: signer.issue({ names: [name] }),
      client: { ca: signer.cert, serverName: name },
    },
    {
      what: 'with a certificate of its own',
      tls: { ...server, clientCa: signer.cert },
      client: { ca: Buffer.from(signer.cert), ...signer.issue() },
    },
  ];

  test.each(worlds)('is let in $what', async ({ tls, client, host = '127.0.0.1' }) => {
    using world = await scriptedServer({ tls });
    const connecting = connect({ host, port: world.port, userId: 'ana', tls: client });
    const stream = await world.stream();
    await stream.welcome();
    const chat = await connecting;
    expect(chat.state.kind).toBe('live');
    const closed = chat.close();
    await stream.halfClosed;
    stream.end();
    await closed;
  });

  const troubles: readonly {
    readonly trouble: string;
    readonly tls: ServerTls | undefined;
    readonly client: TlsOptions | undefined;
    readonly says: string;
  }[] = [
    {
      trouble: 'a server whose authority it does not know',
      tls: server,
      client: { ca: stranger.cert },
      says: 'is signed by nobody who is trusted here; name who signs it (--ca FILE, option tls.ca)',
    },
    {
      trouble: 'a server of its own authority, with those that Node knows alone',
      tls: server,
      client: {},
      says: 'is signed by nobody who is trusted here; name who signs it (--ca FILE, option tls.ca)',
    },
    {
      trouble: 'an expired certificate',
      tls: signer.issue({ ...HERE, notBefore: new Date(0), notAfter: YESTERDAY }),
      client: { ca: signer.cert },
      says: 'has expired; the server needs a new one',
    },
    {
      trouble: 'a certificate of tomorrow',
      tls: signer.issue({ ...HERE, notBefore: TOMORROW, notAfter: IN_TWO_DAYS }),
      client: { ca: signer.cert },
      says: 'is not valid yet; compare the clocks here and there',
    },
    {
      trouble: 'a certificate for another name',
      tls: signer.issue({ names: [name, '10.0.0.1'] }),
      client: { ca: signer.cert },
      says: 'is not for 127.0.0.1 but for chat.example.org, 10.0.0.1; connect by that name, or expect it (--server-name NAME',
    },
    {
      trouble: 'a certificate without the name that it is told to expect',
      tls: server,
      client: { ca: signer.cert, serverName: name },
      says: 'is not for chat.example.org but for localhost, 127.0.0.1',
    },
    {
      trouble: 'a certificate for clients alone',
      tls: signer.issue({ ...HERE, use: 'client' }),
      client: { ca: signer.cert },
      says: ' is no good (INVALID_PURPOSE)',
    },
    {
      trouble: 'a server that asks for a certificate, and it has none',
      tls: { ...server, clientCa: signer.cert },
      client: { ca: signer.cert },
      says: 'asks clients for a certificate; show one (--cert FILE --key FILE, options tls.cert and tls.key)',
    },
    {
      trouble: 'a server that does not take its certificate',
      tls: { ...server, clientCa: signer.cert },
      client: { ca: signer.cert, ...stranger.issue() },
      says: 'does not take the client certificate; it wants one of an authority that it trusts',
    },
    {
      trouble: 'a server that does not take its certificate any more',
      tls: { ...server, clientCa: signer.cert },
      client: { ca: signer.cert, ...signer.issue({ notAfter: YESTERDAY, notBefore: new Date(0) }) },
      says: 'does not take the client certificate; it wants one of an authority that it trusts',
    },
    {
      trouble: 'a plaintext server',
      tls: undefined,
      client: { ca: signer.cert },
      says: 'does not speak TLS; connect without it, or give the server a certificate',
    },
    {
      trouble: 'a server that has TLS, by a client that has not',
      tls: server,
      client: undefined,
      says: 'speaks TLS; connect with it (--tls, --ca FILE, option tls)',
    },
    {
      trouble: 'a server that asks for a certificate, by a client without TLS',
      tls: { ...server, clientCa: signer.cert },
      client: undefined,
      says: 'speaks TLS; connect with it (--tls, --ca FILE, option tls)',
    },
  ];

  test.each(troubles)('says in one line what is wrong with $trouble', async ({ tls, client, says }) => {
    using world = await scriptedServer({ ...(tls && { tls }) });
    const { port } = world;
    for (const talk of [
      // Not healed by trying again.
      () => connect({ port, userId: 'ana', tls: client, retryFirst: true }),
      () => listRooms({ port, tls: client }),
    ]) {
      const { reason, message } = await failureOf(talk());
      expect(reason).toBe('untrusted');
      expect(message).toContain(says);
      expect(message).toContain(`127.0.0.1:${port}`);
      expect(message).not.toContain('\n');
    }
  });

  test('is not mistaken by something else that takes connections', async () => {
    const closes = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await once(closes, 'listening');
    const { port } = closes.address() as { port: number };
    for (const tls of [undefined, { ca: signer.cert }]) {
      expect(await failureOf(connect({ port, userId: 'ana', tls }))).toMatchObject({ reason: 'unreachable' });
    }
    closes.close();
  });

  test('finds what is wrong with one address of a name, although the system tells of another', async () => {
    using world = await scriptedServer({ tls: server });
    const cause = new Error('14 UNAVAILABLE: No connection established. Last error: connect ECONNREFUSED ::1:50051');
    const failure = new ChatError({ reason: 'unreachable', message: 'nobody there', cause });
    const route = new Route({ host: 'localhost', port: world.port, tls: {} });
    const explained = await new Promise<ChatError>((resolve) => route.explain(failure, resolve));
    expect(explained).toMatchObject({ reason: 'untrusted', message: expect.stringContaining('of localhost:') });
  });

  test('knows our own server without TLS, which only closes', async () => {
    await using plain = await startServer();
    const { port } = plain;
    for (const failing of [connect({ port, userId: 'ana', tls: {}, retryFirst: true }), listRooms({ port, tls: {} })]) {
      expect(await failureOf(failing)).toMatchObject({
        reason: 'untrusted',
        message: expect.stringContaining('does not speak TLS; connect without it, or give the server a certificate'),
      });
    }
  });

  test.each([undefined, 'TLSv1.2'] as const)(
    'knows what our own server wants of it, at most by %s',
    async (highest) => {
      const asking = createTlsServer({
        ...{ ...server, ALPNProtocols: ['h2'], ca: signer.cert, requestCert: true, rejectUnauthorized: true },
        ...(highest && { maxVersion: highest }),
      });
      const port = await listening(asking);
      const failure = await failureOf(connect({ port, userId: 'ana', tls: { ca: signer.cert } }));
      expect(failure).toMatchObject({
        reason: 'untrusted',
        message: expect.stringContaining('asks clients for a certificate'),
      });
    },
  );

  test('does not take a server without a common cipher for one that wants a certificate', async () => {
    const other = createTlsServer({ ...server, maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' });
    const failure = await failureOf(
      connect({ port: await listening(other), userId: 'ana', tls: { ca: signer.cert, ...signer.issue() } }),
    );
    expect(failure).toMatchObject({
      reason: 'untrusted',
      message: expect.stringMatching(/^there is no way to speak TLS with .*_ALERT_HANDSHAKE_FAILURE\)$/),
    });
  });

  test.each([
    {
      client: {},
      says:
        'ended the connection after the handshake; it may want a client certificate (--cert FILE --key FILE, ' +
        'options tls.cert and tls.key), or nothing answers behind it',
    },
    { client: signer.issue(), says: 'does not take the client certificate' },
  ])('takes an end behind the handshake for what it may be: $says', async ({ client, says }) => {
    const port = await listening(createTlsServer({ ...server, ALPNProtocols: ['h2'] }, (socket) => socket.destroy()));
    const failure = await failureOf(connect({ port, userId: 'ana', tls: { ca: signer.cert, ...client } }));
    expect(failure).toMatchObject({ reason: 'untrusted', message: expect.stringContaining(says) });
  });

  test('does not show what a certificate says to the terminal, nor all of it', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `host-${i}.example.org`);
    using world = await scriptedServer({ tls: signer.issue({ names: ['\u001b[2J\nx.org', ...names] }) });
    const { message } = await failureOf(connect({ port: world.port, userId: 'ana', tls: { ca: signer.cert } }));
    expect(message).toMatch(/^[\x20-\x7e]{0,500}$/);
  });

  test('does not go below TLS 1.2', async () => {
    const old = createSecureServer({
      ...server,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'ALL@SECLEVEL=0',
    });
    old.listen(0, '127.0.0.1');
    await once(old, 'listening');
    const { port } = old.address() as { port: number };
    const failure = await failureOf(connect({ port, userId: 'ana', tls: { ca: signer.cert } }));
    expect(failure).toMatchObject({ reason: 'untrusted', message: expect.stringContaining('has no TLS from 1.2 on') });
    old.close();
  });

  test('that was let in once waits for a certificate to become right again', async () => {
    const timing = new FakeTiming();
    using first = await scriptedServer({ tls: server });
    const connecting = connect({ port: first.port, userId: 'ana', tls: { ca: signer.cert }, timing });
    await (await first.stream()).welcome();
    const chat = await connecting;
    first.stop();
    await stateOf(chat, 'waiting');
    using _expired = await scriptedServer({
      tls: signer.issue({ ...HERE, notBefore: new Date(0), notAfter: YESTERDAY }),
      port: first.port,
    });
    await untilDue(chat, timing);
    await stateOf(chat, 'connecting');
    const { because } = await stateOf(chat, 'waiting');
    expect(because).toMatchObject({ reason: 'untrusted', message: expect.stringContaining('has expired') });
    await chat.close();
  });

  test('asks nothing of what it is given but to be of use', async () => {
    const { cert, key } = signer.issue();
    const cases: readonly { readonly tls: TlsOptions; readonly says: string }[] = [
      { tls: { ca: 'garbage' }, says: 'tls.ca holds no certificate; PEM is expected' },
      { tls: { cert: key, key }, says: 'tls.cert holds no certificate; PEM is expected' },
      { tls: { cert, key: cert }, says: 'tls.key holds no private key that can be read; PEM without a password' },
      { tls: { cert }, says: 'tls.key is missing; a certificate is shown with its key' },
      { tls: { key }, says: 'tls.cert is missing; a key is of no use without its certificate' },
      { tls: { cert, key: signer.issue().key }, says: 'tls.key does not belong to the certificate' },
    ];
    for (const { tls, says } of cases) {
      for (const talk of [connect({ userId: 'ana', tls }), listRooms({ tls })]) {
        expect(await failureOf(talk)).toMatchObject({ reason: 'invalid_tls', message: says });
      }
    }
  });
});

test('a client without TLS goes to a server without it as ever', async () => {
  await using plain = await startServer();
  const ana = await plain.connect('ana');
  expect(await listRooms({ port: plain.port })).toMatchObject({ rooms: [] });
  await ana.close();
});

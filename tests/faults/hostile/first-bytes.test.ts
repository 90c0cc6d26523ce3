import { connect as connectTls } from 'node:tls';
import { describe, expect, test } from 'vitest';
import { PREFACE, SETTINGS_ACK, settings } from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

/** All that a TLS client says first, recorded from one. */
const TLS_HELLO = Buffer.concat([Buffer.from('16030100050100000103', 'hex'), Buffer.alloc(200, 3)]);

interface Case {
  readonly what: string;
  readonly says: Buffer;
  readonly reason: string;
}

const NO_HTTP2: readonly Case[] = [
  { what: '13 an HTTP/1.1 request', says: Buffer.from('GET / HTTP/1.1\r\nhost: chat\r\n\r\n'), reason: 'not_http2' },
  {
    what: '13 an HTTP/1.1 request that would become HTTP/2',
    says: Buffer.from('GET / HTTP/1.1\r\nhost: chat\r\nconnection: upgrade\r\nupgrade: h2c\r\n\r\n'),
    reason: 'not_http2',
  },
  { what: '13 a TLS hello', says: TLS_HELLO, reason: 'tls_on_plaintext' },
  { what: '26 random bytes', says: Buffer.alloc(64 * 1024, 0x5a), reason: 'not_http2' },
  {
    what: '26 a preface with a fault in it',
    says: Buffer.from('PRI * HTTP/1.0\r\n\r\nSM\r\n\r\n'),
    reason: 'not_http2',
  },
];

describe('what does not begin as HTTP/2 is closed at once, with a line that says what it was', () => {
  test.each(NO_HTTP2)('$what', async ({ says, reason }) => {
    await using besieged = await Besieged.start({ LOG_LEVEL: 'debug' });
    await besieged.endures(async (port) => {
      for (let transports = 0; transports < 100; transports++) {
        const peer = await HostilePeer.connect(port);
        await peer.send(says);
        await peer.ended;
        expect(peer.raw).toHaveLength(0);
      }
    });
    const lines = besieged.server.logged('transport refused');
    expect(new Set(lines.map((line) => line['reason']))).toEqual(new Set([reason]));
    expect(lines).toHaveLength(100);
  });

  test('13 a TLS client is told by the end of its connection', async () => {
    await using besieged = await Besieged.start();
    await besieged.endures(async (port) => {
      const client = connectTls({ host: '127.0.0.1', port, ALPNProtocols: ['h2'], rejectUnauthorized: false });
      await expect(
        new Promise((resolve, reject) => {
          client.once('secureConnect', resolve);
          client.once('error', reject);
        }),
      ).rejects.toThrow();
    });
    await besieged.hasRefused('tls_on_plaintext');
  });
});

describe('a transport that says nothing of use in time is closed as silent', () => {
  const soon = { HANDSHAKE_TIMEOUT: '1s' };
  const silence = [
    { what: '26 nothing at all', says: [] },
    { what: '26 half a preface, a byte at a time', says: [...PREFACE.subarray(0, 12)].map((one) => Buffer.of(one)) },
    { what: '26 a preface and nothing else', says: [PREFACE] },
    { what: '26 preface and SETTINGS, but no stream', says: [PREFACE, settings(), SETTINGS_ACK] },
  ];

  test.each(silence)('$what', async ({ says }) => {
    await using besieged = await Besieged.start(soon);
    await besieged.endures(async (port) => {
      const peers = await Promise.all(Array.from({ length: 50 }, () => HostilePeer.connect(port)));
      for (const piece of says) {
        for (const peer of peers) await peer.send(piece);
        // A moment apart, or it would arrive as one.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      await Promise.all(peers.map(({ ended }) => ended));
    });
    await besieged.hasRefused('silent');
  });

  test('26 a preface that trickles on for ever is not waited for', async () => {
    await using besieged = await Besieged.start(soon);
    await besieged.endures(async (port) => {
      const peer = await HostilePeer.connect(port);
      for (let sent = 0; !peer.isOver; sent++) {
        await peer.send(PREFACE.subarray(sent, sent + 1));
        await Promise.race([peer.ended, new Promise((resolve) => setTimeout(resolve, 100))]);
      }
    });
    await besieged.hasRefused('silent');
  });
});

import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { describe, expect, test, vi } from 'vitest';
import { hello, join, leave } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { framed } from '../../support/raw-stream.ts';
import { request } from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const PATIENCE = { timeout: 30_000, interval: 20 };

describe('30 more than is allowed', () => {
  test('30 streams on a transport: one too many is told so in words, and the others on it go on', async () => {
    await using besieged = await Besieged.start({ MAX_STREAMS_PER_CONNECTION: '10' });
    await besieged.endures(async (port) => {
      const session = connectHttp2(`http://127.0.0.1:${port}`);
      const open = () =>
        session.request({
          ':method': 'POST',
          ':path': '/chat.v1.ChatService/Channel',
          te: 'trailers',
          'content-type': 'application/grpc',
        });
      const streams = Array.from({ length: 10 }, open);
      const heard = streams.map((stream) => new Promise((resolve) => stream.once('data', resolve)));
      for (const [i, stream] of streams.entries()) stream.write(framed(hello(`user-${i}`)));
      await Promise.all(heard);
      const ends = Array.from({ length: 3 }, open).map(
        (stream) => new Promise<IncomingHttpHeaders>((resolve) => stream.once('response', resolve)),
      );
      for (const end of await Promise.all(ends)) {
        expect(end).toMatchObject({ 'grpc-status': '8', 'chat-reason': 'server_full' });
      }
      expect(streams.map(({ closed, destroyed }) => closed || destroyed)).toEqual(streams.map(() => false));
      session.destroy();
      await vi.waitFor(() => expect(session.socket?.destroyed ?? true).toBe(true), PATIENCE);
    });
  });

  test('30 streams on a transport, far beyond what it was told that it may have: HTTP/2 refuses them, or ends it', async () => {
    await using besieged = await Besieged.start({ LOG_LEVEL: 'debug' });
    await besieged.endures(async (port) => {
      for (let transports = 0; transports < 20; transports++) {
        const peer = await HostilePeer.greet(port);
        await peer.send(Buffer.concat(Array.from({ length: 1000 }, (_, i) => request(2 * i + 1))));
        await peer.ended;
      }
    });
    // And the two of those who talk meanwhile.
    expect(besieged.server.logged('stream opened').length).toBeLessThanOrEqual(20 * 100 + 2);
  });

  test('30 streams that never say anything: each is ended as handshake_timeout, and its place is free again', async () => {
    await using besieged = await Besieged.start({ HANDSHAKE_TIMEOUT: '1s', MAX_STREAMS_PER_CONNECTION: '50' });
    await besieged.endures(async (port) => {
      const peer = await HostilePeer.greet(port);
      for (const round of [0, 1, 2]) {
        const ids = Array.from({ length: 50 }, (_, i) => 2 * (50 * round + i) + 1);
        await peer.send(Buffer.concat(ids.map((id) => request(id))));
        await peer.until(() => peer.resets.size === 50 * (round + 1));
      }
      expect(peer.isOver).toBe(false);
      peer.end();
      await peer.ended;
    });
    await besieged.server.hasClosed('handshake_timeout');
    expect(new Set(besieged.server.closed)).toEqual(new Set(['handshake_timeout']));
  });

  test('30 transports: the one too many is closed, and those that are there go on', async () => {
    await using besieged = await Besieged.start({ MAX_CONNECTIONS: '20' });
    await besieged.endures(async (port) => {
      const peers = await Promise.all(Array.from({ length: 50 }, () => HostilePeer.connect(port)));
      await vi.waitFor(() => expect(peers.filter(({ isOver }) => isOver)).toHaveLength(50 - 18), PATIENCE);
      for (const peer of peers) peer.end();
      await Promise.all(peers.map(({ ended }) => ended));
    });
    await besieged.hasRefused('too_many_transports');
    const late = await fullClient(besieged.port, 'late', ['lobby']);
    late.destroySocket();
  });

  test('30 sessions, from one who opens ever new streams: ended as server_full, in a few lines of log', async () => {
    await using besieged = await Besieged.start({ MAX_SESSIONS: '20' });
    await besieged.endures(async (port) => {
      const ends = Array.from({ length: 200 }, async (_, i) => {
        const client = new RawClient(port);
        client.send(hello(`user-${i}`));
        const first = await Promise.race([client.ended, client.hear('welcome').catch(() => undefined)]);
        return {
          client,
          reason: first !== undefined && 'trailers' in first ? first.trailers['chat-reason'] : undefined,
        };
      });
      const all = await Promise.all(ends);
      const refused = all.filter(({ reason }) => reason === 'server_full');
      expect(refused.length).toBeGreaterThanOrEqual(200 - 18);
      for (const { client } of all) client.destroySocket();
      await Promise.all(all.map(({ client }) => client.ended));
    });
  });
});

test('30 one who joins and leaves ever new rooms: as many are remembered as there may be, and no more', async () => {
  await using besieged = await Besieged.start({ RATE_LIMIT: '0', MAX_ROOMS: '500' });
  await besieged.endures(async (port) => {
    const peer = await fullClient(port, 'mallory');
    for (let room = 0; room < 20_000; room += 1000) {
      const names = Array.from({ length: 1000 }, (_, i) => `room-${room + i}`);
      peer.send(...names.flatMap((name) => [join(name), leave(name)]));
      await peer.hear('left', ({ room }) => room === names.at(-1));
    }
    peer.destroySocket();
    await peer.ended;
  });
});

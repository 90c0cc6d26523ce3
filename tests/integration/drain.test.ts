import { describe, expect, test, vi } from 'vitest';
import { drain } from '../../src/drain.ts';
import { ByteReader } from '../faults/support/byte-reader.ts';
import { comeBack, isDetached, PATIENCE, run, tokenOf } from '../support/coming-back.ts';
import { chat, hello, join } from '../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';
import { sayBytes, stuckReader, unfinishedWriteTo } from '../support/stuck.ts';

/** Far beyond what these tests take: nothing waits for its end, unless it says so. */
const LONG_MS = 600_000;

describe('a server that goes away', () => {
  test('tells each full client when to come back, spread over the grace', async () => {
    await using server = await startServer();
    const clients = await Promise.all(run(1, 20).map((n) => fullClient(server.port, `user ${n}`)));
    await drain(server.grpc, server.sessions, LONG_MS);
    await Promise.all(clients.map((client) => client.ended));
    const times = clients.map((client) => client.all('draining')[0]?.reconnectAfterMs ?? -1);
    for (const ms of times) expect(ms >= 0 && ms <= LONG_MS).toBe(true);
    // That twenty of 600,000 are all the same does not happen.
    expect(new Set(times).size).toBeGreaterThan(1);
  });

  test('writes what is owed, ends the streams and is over', async () => {
    await using server = await startServer();
    const ana = await fullClient(server.port, 'ana', ['general']);
    const basic = await basicClient(server.port, 'basic', ['general']);
    const said = run(1, 200).map((n) => `${n} ${'x'.repeat(1000)}`);
    ana.send(...said.map((content) => chat('general', content)));
    await vi.waitFor(() => expect(server.rooms.get('general')?.log.head).toBe(202), PATIENCE);
    await drain(server.grpc, server.sessions, LONG_MS);
    for (const client of [ana, basic]) {
      expect((await client.ended).trailers['chat-reason']).toBe('draining');
      expect(client.all('broadcast').map(({ content }) => content)).toEqual(said);
    }
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), PATIENCE);
  });

  test('has counted and told of whoever it had to cut, when it is over', async () => {
    await using server = await startServer();
    const witness = await fullClient(server.port, 'witness', ['general']);
    using stuck = await stuckReader(server.port, 'full', 'stuck', 'general');
    await sayBytes(witness, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'stuck');
    await drain(server.grpc, server.sessions, 200);
    expect(server.closed.sort()).toEqual(['draining', 'lost']);
    const { owed, written, skipped, abandoned } = server.deliveries;
    expect({ owed, behind: server.sessions.behind }).toEqual({ owed: written + skipped + abandoned, behind: 0 });
    stuck.end();
  });

  test('is over at the end of the grace, beside a peer that is frozen too', async () => {
    const large = { CHAT_GRPC_MAX_RECV_MSG_SIZE: '64KiB', CHAT_GRPC_MAX_CONTENT_BYTES: '32KiB' };
    await using server = await startServer({ ...large, CHAT_GRPC_STUCK_WRITE_TIMEOUT: '1h' });
    const witness = await fullClient(server.port, 'witness', ['general']);
    const frozen = await ByteReader.open(server.port, 1 << 30);
    frozen.send(hello('frozen'), join('general'));
    await frozen.until(() => frozen.told.find(({ $case }) => $case === 'joined'));
    frozen.freeze();
    // More than the kernel lets the network between them hold.
    for (const _ of run(1, 600)) await sayBytes(witness, 'general', 30_000);
    await unfinishedWriteTo(server, 'general', 'frozen');
    await drain(server.grpc, server.sessions, 200);
    expect(server.closed.sort()).toEqual(['draining', 'lost']);
    expect(server.grpc.transports.size).toBe(0);
    frozen.end();
  });

  test('tells a client once when to come back, on the stream that it is on', async () => {
    await using server = await startServer();
    const old = await fullClient(server.port, 'ana', ['general'], { keepsOpen: true });
    const back = await comeBack(server.port, old, ['general']);
    await old.ended;
    await drain(server.grpc, server.sessions, 1000);
    await back.ended;
    expect(back.all('draining')).toHaveLength(1);
    expect(old.all('draining')).toEqual([]);
  });

  test('does not wait for sessions without a stream, and tells nobody that they leave', async () => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '1ms' });
    const witness = await fullClient(server.port, 'witness', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general']);
    using stuck = await stuckReader(server.port, 'full', 'stuck', 'general');
    await sayBytes(witness, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'stuck');
    ana.cancel();
    // Nothing stands between the cancel and the drain; whether the leave is appended, the log says.
    const over = drain(server.grpc, server.sessions, LONG_MS);
    await witness.ended;
    await vi.waitFor(() => expect(server.rooms.get('general')?.members.has('ana')).toBe(false), PATIENCE);
    expect(server.rooms.get('general')?.log.head).toBe(4);
    stuck.end();
    await over;
  });

  test('takes nobody back', async () => {
    await using server = await startServer();
    const witness = await fullClient(server.port, 'witness', ['general']);
    const ana = await fullClient(server.port, 'ana', ['general']);
    using stuck = await stuckReader(server.port, 'full', 'stuck', 'general');
    await sayBytes(witness, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'stuck');
    ana.cancel();
    await isDetached(server, 'general', 'ana');
    const over = drain(server.grpc, server.sessions, LONG_MS);
    const back = new RawClient(server.port);
    back.send(hello('ana', { resumeToken: tokenOf(ana) }));
    expect((await back.ended).trailers['chat-reason']).toBe('draining');
    stuck.end();
    await over;
  });

  test('cuts at the end of the grace who still reads nothing', async () => {
    await using server = await startServer();
    const witness = await fullClient(server.port, 'witness', ['general']);
    using stuck = await stuckReader(server.port, 'full', 'stuck', 'general');
    await sayBytes(witness, 'general', 4000);
    await unfinishedWriteTo(server, 'general', 'stuck');
    await drain(server.grpc, server.sessions, 300);
    // Settles only when its stream is over.
    await stuck.until(() => undefined);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0), PATIENCE);
  });
});

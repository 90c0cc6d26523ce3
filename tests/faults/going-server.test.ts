import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { connect } from '../../cli/connection/index.ts';
import { envelope, hello } from '../support/envelopes.ts';
import { freePort } from '../support/program.ts';
import { ByteReader } from './support/byte-reader.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike } from './support/told-alike.ts';

const ROOM = 'lobby';

/** Speaks until its stream is over; what was acked. */
async function speakOn(client: LiveClient): Promise<number[]> {
  const acked: number[] = [];
  try {
    for (;;) acked.push(await client.say(ROOM, `${client.userId} ${acked.length}`));
  } catch {
    return acked;
  }
}

describe('SIGTERM', () => {
  test('35 under load: everybody is told of everything up to the head, and that the server goes away', async () => {
    await using server = await ServerProcess.start();
    const clients = [];
    for (let i = 0; i < 30; i++) clients.push(await LiveClient.enter(server.port, `c${i}`, [ROOM]));
    const speaking = clients.slice(0, 10).map(speakOn);
    const [first] = clients;
    await first?.reaches(ROOM, 500);
    server.signal('SIGTERM');
    const ends = await Promise.all(clients.map(({ ended }) => ended));
    const acked = (await Promise.all(speaking)).flat();

    // Within the grace: after its ten minutes nobody would wait here any more.
    expect(await server.exit).toBe(0);
    for (const { status: code, trailers } of ends) {
      expect([code, trailers['chat-reason']]).toEqual([status.UNAVAILABLE, 'draining']);
    }
    for (const client of clients) expect(client.all('draining')).toHaveLength(1);
    const head = Math.max(...clients.map((client) => client.ledger(ROOM).at));
    expect(head).toBeGreaterThanOrEqual(Math.max(...acked));
    expect(acked.length).toBeGreaterThan(100);
    expectToldAlike(clients, ROOM, head);
    expect(server.logged('stopped')).toMatchObject([{ skipped: 0, abandoned: 0 }]);
  });

  test('35 twice: it goes at once, whatever is owed', async () => {
    await using server = await ServerProcess.start();
    const speaker = await LiveClient.enter(server.port, 'speaker', [ROOM]);
    const stuck = await ByteReader.open(server.port, 2048);
    stuck.send(hello('stuck'), envelope(1, { 2: ROOM }));
    await stuck.until(() => stuck.told.find(({ $case }) => $case === 'joined'));
    for (let i = 0; i < 10; i++) await speaker.say(ROOM, 'x'.repeat(2000));
    server.signal('SIGTERM');
    expect((await speaker.ended).trailers['chat-reason']).toBe('draining');
    // The other one is still owed something, and would be for ten minutes.
    server.signal('SIGTERM');

    expect(await server.exit).toBe(1);
    expect(server.logged('stopped')).toEqual([]);
  });
});

describe('a server that was killed and is back', () => {
  test('begins its rooms anew: another epoch, nothing recovered, told from the beginning', async () => {
    const port = await freePort();
    const settings = { PORT: `${port}` };
    await using first = await ServerProcess.start(settings);
    const old = await LiveClient.enter(port, 'ana', [ROOM]);
    const before = await old.say(ROOM, 'before');
    await old.reaches(ROOM, before);
    const { epoch } = old.ledger(ROOM);
    first.signal('SIGKILL');
    await old.ended;
    await first.exit;

    await using _ = await ServerProcess.start(settings);
    const bob = await LiveClient.enter(port, 'bob', [ROOM]);
    const missed = await bob.say(ROOM, 'after');
    const ana = await old.comeBack(port);
    const head = await ana.say(ROOM, 'here again');
    for (const one of [ana, bob]) await one.reaches(ROOM, head);

    expect(ana.all('welcome')).toMatchObject([{ resumed: false }]);
    expect(ana.all('joined')).toMatchObject([{ recovered: false, position: { seq: 0n } }]);
    expect(ana.ledger(ROOM).epoch).not.toBe(epoch);
    expect([...ana.log(ROOM)]).toEqual([
      [1, 'bob joined'],
      [missed, 'bob said after ()'],
      [missed + 1, 'ana joined'],
      [head, 'ana said here again ()'],
    ]);
    expectToldAlike([ana, bob], ROOM, head);
  });

  test('and whose client is the library: it says that the room restarted', async () => {
    const port = await freePort();
    const settings = { PORT: `${port}` };
    await using first = await ServerProcess.start(settings);
    const ana = await connect({ port, userId: 'ana' });
    const { position } = await ana.join(ROOM);
    first.signal('SIGKILL');
    await first.exit;
    await using _ = await ServerProcess.start(settings);

    const kinds: string[] = [];
    for await (const event of ana.events) {
      kinds.push(event.kind);
      if (event.kind !== 'restarted') continue;
      expect(event.epoch).not.toBe(position.epoch);
      break;
    }
    expect(kinds.filter((kind) => kind === 'recovered' || kind === 'gap')).toEqual([]);
    await ana.close();
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chat, history, join, leave } from '../support/envelopes.ts';
import { fullClient, type RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

/** So many message ids of a user the server remembers in a room. */
const REMEMBERED = 256;

let server: Awaited<ReturnType<typeof startServer>>;
let ana: RawClient;
beforeEach(async () => {
  server = await startServer();
  ana = await fullClient(server.port, 'ana', ['general']);
});
afterEach(() => server.stop());

const first = chat('general', 'once', { messageId: 'm-1', requestId: 'first' });
const again = chat('general', 'once', { messageId: 'm-1', requestId: 'again' });

/** The ack of `requestId`, whatever comes before it. */
const ackOf = (client: RawClient, requestId: string) => client.hear('ack', (ack) => ack.requestId === requestId);

describe('a message_id that is sent again', () => {
  test('is acked as a duplicate with the first seq', async () => {
    ana.send(first, chat('general', 'between'), again);
    const acked = { room: 'general', messageId: 'm-1', seq: 2n };
    expect(await ackOf(ana, 'first')).toEqual({ requestId: 'first', ...acked, duplicate: false });
    expect(await ackOf(ana, 'again')).toEqual({ requestId: 'again', ...acked, duplicate: true });
  });

  test('is not appended again', async () => {
    ana.send(first, again, history('general'));
    const { events } = await ana.hear('history');
    expect(events.map(({ event }) => event?.$case)).toEqual(['notice', 'broadcast']);
  });

  test('is known on a new stream', async () => {
    ana.send(first);
    await ackOf(ana, 'first');
    ana.send(leave('general'));
    ana.halfClose();
    await ana.ended;
    const back = await fullClient(server.port, 'ana', ['general']);
    back.send(again);
    expect(await ackOf(back, 'again')).toMatchObject({ seq: 2n, duplicate: true });
  });

  test('is known after a leave and a rejoin', async () => {
    ana.send(first, leave('general'), join('general'), again);
    expect(await ackOf(ana, 'again')).toMatchObject({ seq: 2n, duplicate: true });
  });

  test('by another user is another message', async () => {
    ana.send(first);
    await ackOf(ana, 'first');
    const bob = await fullClient(server.port, 'bob', ['general']);
    bob.send(again);
    expect(await ackOf(bob, 'again')).toMatchObject({ seq: 4n, duplicate: false });
  });

  test('in another room is another message', async () => {
    ana.send(first, join('lobby'), chat('lobby', 'once', { messageId: 'm-1', requestId: 'lobby' }));
    expect(await ackOf(ana, 'lobby')).toMatchObject({ room: 'lobby', seq: 2n, duplicate: false });
  });
});

describe(`among the last ${REMEMBERED} of a user`, () => {
  const others = (count: number) =>
    Array.from({ length: count }, (_, i) => chat('general', 'other', { messageId: `other-${i}` }));

  test('the oldest is still known', async () => {
    ana.send(first, ...others(REMEMBERED - 1), again);
    expect(await ackOf(ana, 'again')).toMatchObject({ duplicate: true });
  });

  test('one more and it is not', async () => {
    ana.send(first, ...others(REMEMBERED), again);
    expect(await ackOf(ana, 'again')).toMatchObject({ duplicate: false });
  });
});

test('posts without a message_id are never duplicates', async () => {
  const post = chat('general', 'same words', { requestId: 'r' });
  ana.send(post, post);
  expect([await ana.hear('ack'), await ana.hear('ack')]).toMatchObject([
    { seq: 2n, duplicate: false },
    { seq: 3n, duplicate: false },
  ]);
});

test('a post without a request_id is not acked', async () => {
  ana.send(chat('general', 'unasked', { messageId: 'm-1' }), history('general'));
  await ana.hear('history');
  expect(ana.all('ack')).toEqual([]);
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LeaveReason, ServerNotice_Type } from '../../api/gen/chat/v1/chat.ts';
import { chat, join, leave } from '../support/envelopes.ts';
import { golden } from '../support/golden.ts';
import { basicClient, fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const JOIN = golden('ClientEnvelope.basic-join');
const JOIN_LOBBY = golden('ClientEnvelope.basic-join-lobby');
const CHAT = golden('ClientEnvelope.basic-chat');
const CHAT_LOBBY = golden('ClientEnvelope.basic-chat-lobby');
const LEAVE = golden('ClientEnvelope.basic-leave');

let server: Awaited<ReturnType<typeof startServer>>;
beforeEach(async () => {
  server = await startServer();
});
afterEach(() => server.stop());

/** The client of the ancestor, who is ana in general, as protoc's bytes say it. */
async function ana() {
  const client = new RawClient(server.port);
  client.send(JOIN);
  await client.hear('joined');
  return client;
}

describe('a basic client', () => {
  test('hears JoinAck before anything else', async () => {
    await basicClient(server.port, 'bob', ['general']);
    const client = new RawClient(server.port);
    client.send(JOIN, CHAT);
    await client.hear('broadcast');
    expect(client.told[0]).toMatchObject({
      $case: 'joined',
      value: { userId: 'ana', room: 'general', welcomeMessage: 'Welcome to general, Ana!' },
    });
  });

  test('is told who joins', async () => {
    const client = await ana();
    await basicClient(server.port, 'bob', ['general']);
    const notice = { type: ServerNotice_Type.USER_JOINED, userId: 'bob', room: 'general' };
    expect(await client.hear('notice')).toMatchObject(notice);
  });

  test('is not told of its own join', async () => {
    const client = await ana();
    client.send(CHAT);
    await client.hear('broadcast');
    expect(client.all('notice')).toEqual([]);
  });

  test('hears its own message and the others hear it', async () => {
    const client = await ana();
    const bob = await basicClient(server.port, 'bob', ['general']);
    client.send(CHAT);
    const broadcast = { userId: 'ana', room: 'general', content: 'hello' };
    expect(await client.hear('broadcast')).toMatchObject(broadcast);
    expect(await bob.hear('broadcast')).toMatchObject(broadcast);
  });

  test("hears one order with the others: the room's", async () => {
    const client = await ana();
    const bob = await basicClient(server.port, 'bob', ['general']);
    const said = Array.from({ length: 50 }, (_, i) => `${i}`);
    for (const content of said) {
      client.send(chat('general', content));
      bob.send(chat('general', content));
    }
    for (const listener of [client, bob])
      await listener.until(() => listener.all('broadcast').length === 100 || undefined);
    expect(client.all('broadcast')).toEqual(bob.all('broadcast'));
  });

  test('is never sent a batch or an arm that it does not know', async () => {
    const client = await ana();
    const bob = await fullClient(server.port, 'bob', ['general']);
    bob.send(
      ...Array.from({ length: 200 }, (_, i) => chat('general', `${i}`, { requestId: `${i}` })),
      leave('general'),
    );
    client.send(CHAT, JOIN, chat('nowhere', 'refused'), JOIN_LOBBY, LEAVE);
    await bob.hear('left');
    client.halfClose();
    await client.ended;
    // A ServerEvent of one arm begins with that arm's tag and goes on to its end: joined 10, broadcast 18, notice 26.
    const shapes = new Set(
      client.received.map((bytes) => `${bytes[0]} ${client.told.length === client.received.length}`),
    );
    expect([...shapes].sort()).toEqual(['10 true', '18 true', '26 true']);
  });
});

interface TimestampCase {
  readonly name: string;
  readonly chat: string;
}

const TIMESTAMPS: readonly TimestampCase[] = [
  { name: 'of the year 1970', chat: 'ClientEnvelope.basic-chat' },
  { name: '11 in nanoseconds', chat: 'ClientEnvelope.basic-chat-nanoseconds' },
  { name: '11 beyond 2^53', chat: 'ClientEnvelope.basic-chat-beyond-2-53' },
  { name: '11 below zero', chat: 'ClientEnvelope.basic-chat-negative' },
];

describe("the server's time in milliseconds stands in place of the client's", () => {
  test.each(TIMESTAMPS)('$name', async ({ chat: name }) => {
    const client = await ana();
    const before = BigInt(Date.now());
    client.send(golden(name));
    const { timestampUtc } = await client.hear('broadcast');
    expect(timestampUtc >= before && timestampUtc <= BigInt(Date.now())).toBe(true);
  });
});

describe('the stream of a basic client', () => {
  test('ends OK after the leave of its last room', async () => {
    const client = await ana();
    client.send(LEAVE);
    expect(await client.ended).toMatchObject({ status: 0 });
  });

  test('carries all that was said before the leave', async () => {
    const client = await ana();
    client.send(...Array.from({ length: 200 }, (_, i) => chat('general', `${i} ${'x'.repeat(1000)}`)), LEAVE);
    await client.ended;
    expect(client.all('broadcast').map(({ content }) => content.split(' ')[0])).toEqual(
      Array.from({ length: 200 }, (_, i) => `${i}`),
    );
  });

  test('lives on after the leave of one of two rooms', async () => {
    const client = await ana();
    client.send(JOIN_LOBBY, LEAVE, CHAT_LOBBY);
    expect(await client.hear('broadcast')).toMatchObject({ room: 'lobby' });
  });

  test('ends OK after a half-close', async () => {
    const client = await ana();
    client.halfClose();
    expect(await client.ended).toMatchObject({ status: 0 });
  });

  test('ends OK after a half-close without a word', async () => {
    const client = new RawClient(server.port);
    client.halfClose();
    expect(await client.ended).toMatchObject({ status: 0 });
  });
});

interface DepartureCase {
  readonly name: string;
  readonly depart: (client: RawClient) => void;
  readonly reason: LeaveReason;
}

const DEPARTURES: readonly DepartureCase[] = [
  { name: 'a leave', depart: (client) => client.send(LEAVE), reason: LeaveReason.LEFT },
  { name: 'a half-close', depart: (client) => client.halfClose(), reason: LeaveReason.LEFT },
  { name: 'a cancel', depart: (client) => client.cancel(), reason: LeaveReason.LOST },
  { name: 'a socket that is gone', depart: (client) => client.destroySocket(), reason: LeaveReason.LOST },
];

describe('the others are told once, with the reason, of', () => {
  test.each(DEPARTURES)('$name', async ({ depart, reason }) => {
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    depart(await ana());
    const isOfAna = ({ userId }: { userId: string }) => userId === 'ana';
    expect(await watcher.hear('notice', (notice) => isOfAna(notice) && notice.seq === 3n)).toMatchObject({
      type: ServerNotice_Type.USER_LEFT,
      reason,
    });
    const successor = await ana();
    successor.send(CHAT);
    await watcher.hear('broadcast');
    expect(watcher.all('notice').map(({ type }) => type)).toEqual([
      ServerNotice_Type.USER_JOINED,
      ServerNotice_Type.USER_LEFT,
      ServerNotice_Type.USER_JOINED,
    ]);
  });
});

describe('a refusal', () => {
  test('comes as a notice of type ERROR', async () => {
    const client = await ana();
    client.send(CHAT_LOBBY);
    expect(await client.hear('notice')).toMatchObject({ type: ServerNotice_Type.ERROR, room: 'lobby', seq: 0n });
  });

  test('leaves the stream alive', async () => {
    const client = await ana();
    client.send(CHAT_LOBBY, golden('ClientEnvelope.basic-chat-empty'), CHAT);
    await client.hear('broadcast');
    expect(client.all('notice')).toHaveLength(2);
  });

  test('of the first join ends the stream with its status', async () => {
    const client = new RawClient(server.port);
    client.send(golden('ClientEnvelope.basic-join-nameless'));
    expect(await client.ended).toMatchObject({ status: 3, trailers: { 'chat-reason': 'invalid_user' } });
  });

  test('of the first join leaves what is behind it undone', async () => {
    const watcher = await fullClient(server.port, 'watcher', ['general']);
    const client = new RawClient(server.port);
    client.send(golden('ClientEnvelope.basic-join-nameless'), JOIN, CHAT);
    await client.ended;
    watcher.send(chat('general', 'still here'));
    expect(await watcher.hear('broadcast')).toMatchObject({ seq: 2n });
  });
});

describe('what is not marked basic is ignored from a basic client', () => {
  test('a position in its join', async () => {
    const client = new RawClient(server.port);
    client.send(golden('ClientEnvelope.join'));
    expect(await client.hear('joined')).toMatchObject({ userId: 'ana', recovered: false });
  });

  test('message_id and request_id of a post that is sent twice', async () => {
    const client = await ana();
    const twice = chat('general', 'again', { messageId: 'm-1', requestId: 'r-1' });
    client.send(twice, twice);
    expect([(await client.hear('broadcast')).seq, (await client.hear('broadcast')).seq]).toEqual([2n, 3n]);
  });

  test('a malformed message_id and request_id', async () => {
    const client = await ana();
    client.send(chat('general', 'hello', { messageId: 'two words', requestId: 'two words' }));
    expect(await client.hear('broadcast')).toMatchObject({ content: 'hello' });
  });

  test('the display name of a later join', async () => {
    const client = await ana();
    client.send(join('lobby', { displayName: 'Somebody Else' }));
    expect(await client.hear('joined')).toMatchObject({ welcomeMessage: 'Welcome to lobby, Ana!' });
  });
});

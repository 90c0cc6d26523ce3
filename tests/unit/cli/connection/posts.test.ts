import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { ChatConnection } from '../../../../cli/connection/index.ts';
import { stateOf } from '../../../support/connection-states.ts';
import type { ScriptedStream } from '../../../support/scripted-server.ts';
import { failureOf, limited, scriptedWorld } from './scripted-world.ts';

const world = scriptedWorld();
const { cut, inLobby, reopened, timers, welcomed } = world;

const tooFast = { code: 8, reason: 'rate_limited', retryAfterMs: 50 };
const taken = { code: 6, reason: 'user_taken', retryAfterMs: 12_000 };

/** The client has sent nothing more than what was heard, and has taken what it was told. */
async function isQuiet(chat: ChatConnection, stream: ScriptedStream, room: string): Promise<void> {
  const joined = chat.join(room);
  expect(await stream.seat({ epoch: room, seq: 1n })).toMatchObject({ room });
  await joined;
}

describe('posts', () => {
  test('beyond 256 without an ack they are refused, with or without a stream', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posts = Array.from({ length: 256 }, (_, i) => chat.post('lobby', `${i}`));
    expect(await failureOf(chat.post('lobby', 'one too many'))).toMatchObject({ reason: 'outbox_full' });
    const again = await reopened(chat);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    for (let i = 0; i < 256; i++) expect(await again.ack(BigInt(i + 11))).toMatchObject({ content: `${i}` });
    expect((await Promise.all(posts)).at(-1)).toMatchObject({ seq: 266n });
  });

  test('a new one that is refused as too fast is its caller’s', async () => {
    const { chat, stream } = await inLobby();
    const posted = failureOf(chat.post('lobby', 'x'));
    stream.refuse(await stream.hears('chat'), tooFast);
    expect(await posted).toMatchObject({ reason: 'rate_limited', retryAfterMs: 50 });
  });

  test('those sent again that are refused as too fast go out one by one: the server may have them already', async () => {
    const { chat, stream } = await inLobby();
    const posts = ['one', 'two', 'three'].map((id) => chat.post('lobby', 'x', id));
    for (const _ of posts) await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    for (const _ of posts) again.refuse(await again.hears('chat'), tooFast);
    await isQuiet(chat, again, 'attic');
    world.timing.advance(50);
    expect(await again.ack(11n, true)).toMatchObject({ messageId: 'one' });
    await posts[0];
    world.timing.advance(1000);
    expect(await again.ack(12n)).toMatchObject({ messageId: 'two' });
    expect(await Promise.all(posts.slice(0, 2))).toMatchObject([{ duplicate: true }, { duplicate: false }]);
    again.fail(status.ABORTED, { reason: 'replaced' });
    await stateOf(chat, 'closed');
    expect(world.timing.pending).toBe(0);
  });

  test('those that were said without a stream are not their caller’s to send again', async () => {
    const { chat, stream } = await inLobby();
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posted = chat.post('lobby', 'x', 'one');
    const again = await reopened(chat);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    again.refuse(await again.hears('chat'), tooFast);
    await timers(1);
    world.timing.advance(50);
    expect(await again.ack(11n)).toMatchObject({ messageId: 'one' });
    expect(await posted).toMatchObject({ seq: 11n });
  });

  test('what is larger than the server takes is not sent', async () => {
    const { chat, stream } = await welcomed({}, limited({ maxEnvelopeBytes: 1000 }));
    expect(await failureOf(chat.post('lobby', 'x'.repeat(1000)))).toMatchObject({
      reason: 'envelope_too_large',
      code: 8,
    });
    expect(stream.unheard).toEqual([]);
  });
});

describe('those of a room keep their order', () => {
  test('a new one waits until those that are sent again are acked', async () => {
    const { chat, stream } = await inLobby();
    void chat.post('lobby', 'one');
    await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    const one = await again.hears('chat');
    await isQuiet(chat, again, 'attic');
    void chat.post('lobby', 'two');
    void chat.post('attic', 'elsewhere');
    expect(await again.hears('chat')).toMatchObject({ content: 'elsewhere' });
    const { requestId, messageId } = one;
    again.tell({ $case: 'ack', value: { requestId, room: 'lobby', messageId, seq: 11n, duplicate: false } });
    expect(await again.ack(12n)).toMatchObject({ content: 'two' });
  });

  test('a new one waits behind one that is refused for good, too', async () => {
    const { chat, stream } = await inLobby();
    const one = failureOf(chat.post('lobby', ''));
    await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    const empty = await again.hears('chat');
    await isQuiet(chat, again, 'attic');
    void chat.post('lobby', 'two');
    await isQuiet(chat, again, 'cellar');
    again.refuse(empty, { code: 3, reason: 'empty_message' });
    expect(await again.ack(11n)).toMatchObject({ content: 'two' });
    expect(await one).toMatchObject({ reason: 'empty_message' });
  });

  test('a new one goes behind those that were refused as too fast, and is paced like them', async () => {
    const { chat, stream } = await inLobby();
    const posts = ['one', 'two'].map((content) => chat.post('lobby', content));
    for (const _ of posts) await stream.hears('chat');
    const again = await cut(chat, stream);
    await again.welcome();
    await again.seat({ epoch: 'one', seq: 10n });
    for (const _ of posts) again.refuse(await again.hears('chat'), tooFast);
    await timers(1);
    posts.push(chat.post('lobby', 'three'));
    await isQuiet(chat, again, 'attic');
    world.timing.advance(50);
    expect(await again.ack(11n)).toMatchObject({ content: 'one' });
    await posts[0];
    await isQuiet(chat, again, 'cellar');
    world.timing.advance(1000);
    expect(await again.ack(12n)).toMatchObject({ content: 'two' });
    await posts[1];
    world.timing.advance(1000);
    again.refuse(await again.hears('chat'), tooFast);
    await isQuiet(chat, again, 'roof');
    world.timing.advance(1000);
    expect(await again.ack(13n)).toMatchObject({ content: 'three' });
    expect(await posts[2]).toMatchObject({ seq: 13n });
  });

  test('a new one goes behind those that wait for a join that is tried again', async () => {
    const { chat, stream } = await welcomed();
    void chat.join('lobby');
    void chat.post('lobby', 'one');
    stream.refuse(await stream.hears('join'), taken);
    stream.refuse(await stream.hears('chat'), { code: 9, reason: 'not_a_member' });
    await isQuiet(chat, stream, 'attic');
    world.timing.advance(12_000);
    void chat.post('lobby', 'two');
    await stream.seat({ epoch: 'one', seq: 10n });
    expect(await stream.ack(11n)).toMatchObject({ content: 'one' });
    expect(await stream.ack(12n)).toMatchObject({ content: 'two' });
  });

  test('those that wait for a join are not what is paced', async () => {
    const { chat, stream } = await inLobby({}, limited({ envelopesPerSecond: 20, envelopeBurst: 1 }));
    void chat.join('attic');
    void chat.post('attic', 'x');
    stream.refuse(await stream.hears('join'), taken);
    stream.refuse(await stream.hears('chat'), { code: 9, reason: 'not_a_member' });
    const posted = chat.post('lobby', 'one');
    void chat.post('lobby', 'two');
    await stream.ack(11n);
    await posted;
    // That of the join.
    expect(world.timing.pending).toBe(1);
  });

  test('of those that were held, as many go out at once as the server takes, the others one by one at its rate', async () => {
    const { chat, stream } = await inLobby({}, limited({ envelopesPerSecond: 20, envelopeBurst: 3 }));
    stream.fail(status.UNAVAILABLE);
    await stateOf(chat, 'waiting');
    const posts = ['one', 'two', 'three', 'four', 'five'].map((content) => chat.post('lobby', content));
    const again = await reopened(chat);
    await again.welcome(limited({ envelopesPerSecond: 20, envelopeBurst: 3 }));
    await again.seat({ epoch: 'one', seq: 10n });
    // The third is the join.
    expect(await again.ack(11n)).toMatchObject({ content: 'one' });
    expect(await again.ack(12n)).toMatchObject({ content: 'two' });
    await posts[1];
    await isQuiet(chat, again, 'attic');
    world.timing.advance(50);
    const three = await again.hears('chat');
    expect(three).toMatchObject({ content: 'three' });
    // Not before the one before it is answered.
    world.timing.advance(200);
    await isQuiet(chat, again, 'cellar');
    again.refuse(three, tooFast);
    await isQuiet(chat, again, 'roof');
    world.timing.advance(50);
    expect(await again.ack(13n)).toMatchObject({ content: 'three' });
    await posts[2];
    world.timing.advance(50);
    expect(await again.ack(14n)).toMatchObject({ content: 'four' });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chat, hello, join, leave } from '../support/envelopes.ts';
import { fullClient, RawClient, type Told } from '../support/raw-client.ts';
import { framed } from '../support/raw-stream.ts';
import { startServer } from '../support/server.ts';

let server: Awaited<ReturnType<typeof startServer>>;
beforeEach(async () => {
  server = await startServer({ CHAT_GRPC_RESUME_GRACE: '0s' });
});
afterEach(() => server.stop());

describe('hello, joins and posts in one DATA frame', () => {
  test('are answered in their order', async () => {
    const ana = new RawClient(server.port);
    ana.send(
      hello('ana', { requestId: '1' }),
      join('general', { requestId: '2' }),
      chat('general', 'a', { requestId: '3' }),
      join('lobby', { requestId: '4' }),
      chat('lobby', 'b', { requestId: '5' }),
      chat('nowhere', 'c', { requestId: '6' }),
      chat('general', 'd', { requestId: '7' }),
    );
    await ana.hear('ack', ({ requestId }) => requestId === '7');
    expect(ana.told.map(requestIdOf).filter((requestId) => requestId !== undefined)).toEqual([...'1234567']);
  });

  test('are delivered in their order', async () => {
    const ana = new RawClient(server.port);
    const said = Array.from({ length: 100 }, (_, i) => `${i}`);
    ana.send(hello('ana'), join('general'), ...said.map((content) => chat('general', content)));
    await ana.hear('broadcast', ({ content }) => content === '99');
    expect(ana.all('broadcast').map(({ content, seq }) => ({ content, seq }))).toEqual(
      said.map((content, i) => ({ content, seq: BigInt(i + 2) })),
    );
  });
});

test('envelopes that arrive byte by byte are envelopes', async () => {
  const ana = new RawClient(server.port);
  for (const byte of Buffer.concat([hello('ana'), join('general')].map(framed))) ana.sendBytes(Buffer.of(byte));
  expect(await ana.hear('joined')).toMatchObject({ userId: 'ana', room: 'general' });
});

test('10 half an envelope before a half-close is no message', async () => {
  const watcher = await fullClient(server.port, 'watcher', ['general']);
  const ana = await fullClient(server.port, 'ana', ['general']);
  ana.sendBytes(framed(chat('general', 'cut short')).subarray(0, 12));
  ana.halfClose();
  await watcher.hear('notice', ({ seq }) => seq === 3n);
  expect(watcher.all('broadcast')).toEqual([]);
});

describe('a leave right behind many posts, with a rejoin behind it', () => {
  const POSTS = 200;
  const CONTENT = 'x'.repeat(1000);

  /** All that ana is told, from hello to a post after the rejoin; several writes of the server. */
  async function toldToAna() {
    const ana = new RawClient(server.port);
    const posts = Array.from({ length: POSTS }, () => chat('general', CONTENT));
    ana.send(hello('ana'), join('general'), ...posts, leave('general', { requestId: 'leave' }));
    ana.send(join('general', { requestId: 'rejoin' }), chat('general', 'new seat'));
    await ana.hear('broadcast', ({ content }) => content === 'new seat');
    return ana.told;
  }

  test('gives all that was owed, then left, then the answer of the rejoin, then what comes after', async () => {
    expect((await toldToAna()).map((event) => event.$case)).toEqual([
      'welcome',
      'joined',
      ...Array.from({ length: POSTS }, () => 'broadcast'),
      'left',
      'joined',
      'broadcast',
    ]);
  });

  test('gives each seq once and in order', async () => {
    const seqs = (await toldToAna()).flatMap((event) => (event.$case === 'broadcast' ? [event.value.seq] : []));
    // 1 is the join; between the last post and the new seat's are the leave and the rejoin.
    expect(seqs).toEqual([...Array.from({ length: POSTS }, (_, i) => BigInt(i + 2)), BigInt(POSTS + 4)]);
  });

  test('says the seq of the leave, and the position behind the rejoin', async () => {
    const answers = (await toldToAna()).slice(-3, -1);
    expect(answers).toMatchObject([
      { value: { requestId: 'leave', seq: BigInt(POSTS + 2) } },
      { value: { requestId: 'rejoin', position: { seq: BigInt(POSTS + 3) } } },
    ]);
  });
});

function requestIdOf({ value }: Told): string | undefined {
  return 'requestId' in value ? value.requestId : undefined;
}

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { heartbeat, members } from '../support/envelopes.ts';
import { fullClient, type RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

let server: Awaited<ReturnType<typeof startServer>>;
let ana: RawClient;
beforeEach(async () => {
  server = await startServer();
  ana = await fullClient(server.port, 'ana');
});
afterEach(() => server.stop());

describe('a heartbeat', () => {
  test.each(['', 'n', 'sixteen bytes ok'])('with the nonce "%s" is answered with it', async (nonce) => {
    ana.send(heartbeat(nonce));
    expect(await ana.hear('heartbeat')).toEqual({ nonce: Buffer.from(nonce), reply: true });
  });

  test('that is an answer is never answered', async () => {
    ana.send(heartbeat('1', { reply: true, requestId: 'r-1' }), members('general'));
    await ana.hear('members');
    expect(ana.told.map((event) => event.$case)).toEqual(['welcome', 'members']);
  });
});

test('heartbeats are answered in their order', async () => {
  const nonces = Array.from({ length: 300 }, (_, i) => `${i}`);
  ana.send(...nonces.map((nonce) => heartbeat(nonce)));
  await ana.until(() => ana.all('heartbeat').length === nonces.length || undefined);
  expect(ana.all('heartbeat').map(({ nonce }) => nonce.toString())).toEqual(nonces);
});

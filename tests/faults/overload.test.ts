import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { chat, hello } from '../support/envelopes.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { ServerProcess } from './support/server-process.ts';

const BUSY = `--import ${new URL('support/busy.ts', import.meta.url).href}`;

/** How another stream is taken now: undefined is well. */
async function refusalNow(port: number) {
  const client = new RawClient(port);
  client.send(hello('visitor'));
  const end = await client.hear('welcome').then(
    () => undefined,
    () => client.ended,
  );
  client.cancel();
  return end;
}

test('a server that has more to do than it can sends new streams away for a while, and goes on with those it has', async () => {
  await using server = await ServerProcess.start({}, { NODE_OPTIONS: BUSY });
  const { port } = server;
  const [ana, bob] = [await fullClient(port, 'ana', ['general']), await fullClient(port, 'bob', ['general'])];
  expect(await refusalNow(port)).toBeUndefined();

  server.signal('SIGUSR2');
  let refusal = await refusalNow(port);
  while (refusal === undefined) refusal = await refusalNow(port);
  expect(refusal).toMatchObject({ status: status.UNAVAILABLE, trailers: { 'chat-reason': 'overloaded' } });
  expect(Number(refusal.trailers['chat-retry-after-ms'])).toBeGreaterThanOrEqual(1000);
  ana.send(chat('general', 'still here', { requestId: 'r-1' }));
  expect(await bob.hear('broadcast')).toMatchObject({ content: 'still here' });
  expect(server.logged('stream refused')).toContainEqual(expect.objectContaining({ reason: 'overloaded' }));

  server.signal('SIGUSR2');
  while (refusal !== undefined) refusal = await refusalNow(port);
  ana.send(chat('general', 'over', { requestId: 'r-2' }));
  expect(await bob.hear('broadcast')).toMatchObject({ content: 'over' });
});

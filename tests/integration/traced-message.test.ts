import { expect, test } from 'vitest';
import { startOtlp } from '../support/otlp.ts';
import { freePort, Program } from '../support/program.ts';

/** The server and two terminal clients as their users start them, all exporting to one receiver. */
async function everybodyTraced(clientEnv: Readonly<Record<string, string>> = {}) {
  await using stack = new AsyncDisposableStack();
  const otlp = stack.use(await startOtlp());
  const env = { CHAT_GRPC_PORT: `${await freePort()}`, ...otlp.env };
  const server = stack.use(new Program('server', { env }));
  await server.shows('"listening"');
  const clients: Program[] = [];
  for (const name of ['ana', 'bob']) {
    const args = ['join', '--name', name, '--room', 'lobby'];
    const client = stack.use(new Program('client', { args, env: { ...env, ...clientEnv } }));
    await client.shows('leaves.');
    clients.push(client);
  }
  const owned = stack.move();
  return { otlp, server, clients, [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose]() };
}

test('a message typed into a terminal is one trace, through the server and to both who see it', async () => {
  await using world = await everybodyTraced();
  const { otlp, clients } = world;
  clients[0]?.type('hello\n');
  for (const client of clients) await client.shows('ana: hello');
  const send = await otlp.until(() => otlp.spans.find(({ name }) => name === 'send chat.room'));
  const ofTrace = await otlp.until(() => {
    const spans = otlp.spans.filter(({ traceId }) => traceId === send.traceId);
    return spans.length === 5 ? spans : undefined;
  });

  const id = Object.fromEntries(ofTrace.map(({ name, spanId }) => [name, spanId]));
  expect(ofTrace.map(({ name, service, kind, parentSpanId }) => [name, service, kind, parentSpanId]).sort()).toEqual([
    ['fanout chat.room', 'chat-grpc', 'internal', id['process chat.room']],
    ['process chat.room', 'chat-grpc', 'consumer', id['send chat.room']],
    ['receive chat.room', 'chat-client', 'consumer', id['process chat.room']],
    ['receive chat.room', 'chat-client', 'consumer', id['process chat.room']],
    ['send chat.room', 'chat-client', 'producer', ''],
  ]);
  expect(new Set(ofTrace.map(({ attributes }) => attributes['messaging.message.id'])).size).toBe(2);
  expect(JSON.stringify(ofTrace.map(({ attributes }) => attributes))).not.toContain('hello');
  for (const client of clients) client.type('/quit\n');
  for (const client of clients) expect(await client.exit).toBe(0);
});

test('a client that samples nothing exports nothing, and says what it has to say', async () => {
  await using world = await everybodyTraced({ CHAT_GRPC_OTEL_SAMPLE_RATIO: '0' });
  const { otlp, clients } = world;
  clients[0]?.type('hello\n');
  for (const client of clients) await client.shows('ana: hello');
  for (const client of clients) client.type('/quit\n');
  for (const client of clients) expect(await client.exit).toBe(0);
  await otlp.until(() => otlp.spans.find(({ name }) => name === 'process chat.room'));
  expect(otlp.spans.filter(({ service }) => service === 'chat-client')).toEqual([]);
});

import { constants } from 'node:http2';
import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { heartbeat, hello } from '../../support/envelopes.ts';
import { RawClient } from '../../support/raw-client.ts';
import { besiegedThroughout } from './support/besieged-throughout.ts';

const besieged = besiegedThroughout({ LOG_LEVEL: 'debug' });

const pairs = (count: number, value: string) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`x-${i}`, value]));

test('12 a call with 200 pairs of headers is reset', async () => {
  const client = new RawClient(besieged().port, { headers: pairs(200, 'y') });
  client.send(hello('mallory'));
  expect(await client.ended).toMatchObject({ status: undefined, resetCode: constants.NGHTTP2_ENHANCE_YOUR_CALM });
});

describe('a call is refused, with a reason, that has', () => {
  test.each([
    { name: '70 KB of headers', headers: pairs(35, 'y'.repeat(2000)) },
    { name: 'one header of 70 KB', headers: { 'x-large': 'y'.repeat(70_000) } },
    { name: 'one header of 17 KB', headers: { 'x-large': 'y'.repeat(17_000) } },
  ])('12 $name', async ({ headers }) => {
    const before = besieged().server.logged('stream refused').length;
    const client = new RawClient(besieged().port, { headers });
    client.send(hello('mallory'));
    const { status: code, trailers } = await client.ended;
    const end = { code, reason: trailers['chat-reason'] };
    expect(end).toEqual({ code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large' });
    await vi.waitFor(() => {
      const logged = besieged().server.logged('stream refused').slice(before);
      expect(logged).toMatchObject([{ reason: 'envelope_too_large' }]);
    });
  });
});

test('12 a call with more than Node takes of a header ends its transport', async () => {
  const client = new RawClient(besieged().port, { headers: { 'x-large': 'y'.repeat(300_000) } });
  expect(await client.ended).toMatchObject({ status: undefined });
});

test('12 a call with forty headers, and a token of 8 KB, is served', async () => {
  const headers = { ...pairs(40, 'y'.repeat(100)), authorization: `Bearer ${'y'.repeat(8000)}` };
  const client = new RawClient(besieged().port, { headers });
  client.send(hello('mallory'));
  expect(await client.hear('welcome')).toMatchObject({ userId: 'mallory' });
  client.destroySocket();
});

describe('a call ends INTERNAL, with a reason, whose time-out is', () => {
  test.each(['soon', ''])('12 "%s"', async (timeout) => {
    const client = new RawClient(besieged().port, { headers: { 'grpc-timeout': timeout } });
    const { status: code, trailers } = await client.ended;
    expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.INTERNAL, reason: 'invalid_envelope' });
  });
});

test('12 a time-out of thirty days, which no timer can keep, is none', async () => {
  const client = new RawClient(besieged().port, { headers: { 'grpc-timeout': '2592000S' } });
  client.send(hello('mallory'));
  await client.hear('welcome');
  // Taken for one that is over, it would end the stream in the next turn.
  for (const nonce of ['1', '2', '3']) {
    client.send(heartbeat(nonce));
    await client.hear('heartbeat', (answer) => Buffer.from(answer.nonce).toString() === nonce);
  }
  client.destroySocket();
});

describe('a call ends UNIMPLEMENTED of', () => {
  test.each([
    '/chat.v1.ChatService/Nothing',
    '/chat.v1.ChatService/channel',
    '/chat.v1.ChatService/',
    '/chat.v2.ChatService/Channel',
    '/__proto__',
    '/',
    '/%F0%9F%A6%8A\u00ff',
    `/${'x'.repeat(70_000)}`,
  ])('13 an unknown method: %.40s', async (path) => {
    const unknown = () =>
      besieged()
        .server.logged('stream refused')
        .filter(({ reason }) => reason === 'unsupported');
    const before = unknown().length;
    const client = new RawClient(besieged().port, { path });
    client.send(hello('mallory'));
    expect((await client.ended).status).toBe(status.UNIMPLEMENTED);
    await vi.waitFor(() => expect(unknown()).toHaveLength(before + 1));
  });
});

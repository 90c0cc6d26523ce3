import { status } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { takeStream } from '../../../src/wire/take-stream.ts';
import { bareCall } from '../../support/bare-call.ts';
import { framed } from '../../support/raw-stream.ts';

test('the installed grpc-js does not read a stream that was taken from it', async () => {
  using world = await bareCall();
  const { call, client } = world;
  const came = new Promise((resolve) => call.http2Stream.on('data', resolve));
  client.sendBytes(framed(Buffer.from('hello')));
  call.http2Stream.resume();
  expect(await came).toEqual(framed(Buffer.from('hello')));
});

test('and still knows how it is compressed, sends its status and tells when it is over', async () => {
  using world = await bareCall({ headers: { 'grpc-encoding': 'gzip' } });
  const { call, client } = world;
  expect(call.encoding).toBe('gzip');
  call.end({ code: status.ABORTED, details: 'enough' });
  expect(await client.ended).toMatchObject({ status: status.ABORTED });
  await world.over;
});

test('where it reads otherwise, that is an error which says where to look', async () => {
  using world = await bareCall();
  expect(() => takeStream(world.call)).toThrow('src/wire/take-stream.ts');
});

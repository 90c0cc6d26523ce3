import { constants } from 'node:http2';
import { expect, test } from 'vitest';
import { cutStream, cutTransport, releaseStream } from '../../../src/wire/cut.ts';
import { bareCall } from '../../support/bare-call.ts';

test('a call whose stream is cut is over on both sides', async () => {
  using world = await bareCall();
  cutStream(world.call.http2Stream);
  expect((await world.client.ended).resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  await world.over;
  expect(world.call.http2Stream.destroyed).toBe(true);
});

test('a call whose transport is cut is over on both sides', async () => {
  using world = await bareCall();
  cutTransport(world.call.http2Stream);
  await world.client.ended;
  await world.over;
});

test('a stream that has ended is released as if nothing had happened', async () => {
  using world = await bareCall();
  const stream = world.call.http2Stream;
  const closed = new Promise((resolve) => stream.once('close', resolve));
  releaseStream(stream);
  await closed;
  expect((await world.client.ended).resetCode).toBe(constants.NGHTTP2_NO_ERROR);
  cutStream(stream);
  releaseStream(stream);
});

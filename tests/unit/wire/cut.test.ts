import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { cutStream, cutTransport, http2StreamOf, releaseStream } from '../../../src/wire/cut.ts';
import { bareCall } from '../../support/bare-call.ts';

describe('the installed grpc-js', () => {
  test('has the HTTP/2 stream of a call where it is looked for', async () => {
    using world = await bareCall();
    const { call } = world;
    const stream = http2StreamOf(call);
    expect(stream.session?.socket?.remotePort).toBe(Number(call.getPeer().split(':').at(-1)));
    expect(stream.id).toBe(1);
  });

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
});

test('where it is not, that is an error which says where to look', () => {
  expect(() => http2StreamOf({ call: { nextCall: {} } })).toThrow('src/wire/cut.ts');
});

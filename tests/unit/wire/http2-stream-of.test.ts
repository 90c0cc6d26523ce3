import { expect, test } from 'vitest';
import { http2StreamOf } from '../../../src/wire/http2-stream-of.ts';
import { bareCall } from '../../support/bare-call.ts';

test('the installed grpc-js has the HTTP/2 stream of a call where it is looked for', async () => {
  using world = await bareCall();
  const { call } = world;
  const stream = http2StreamOf(call);
  expect(stream.session?.socket?.remotePort).toBe(Number(call.getPeer().split(':').at(-1)));
  expect(stream.id).toBe(1);
});

test('where it is not, that is an error which says where to look', () => {
  expect(() => http2StreamOf({ call: { nextCall: {} } })).toThrow('src/wire/http2-stream-of.ts');
});

import { constants, type ServerHttp2Stream } from 'node:http2';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChatServiceService } from '../../../api/gen/chat/v1/chat.ts';
import { readConfig } from '../../../src/config.ts';
import { Admission } from '../../../src/wire/admission.ts';
import { CoalescingCall } from '../../../src/wire/coalesce.ts';
import { cutStream, cutTransport, http2StreamOf, releaseStream } from '../../../src/wire/cut.ts';
import { Transports } from '../../../src/wire/transports.ts';
import { RawStream } from '../../support/raw-stream.ts';

const { limits, transports: bounds } = readConfig({});
const clock = { monotonicMs: () => performance.now(), utcMs: () => Date.now() };

type Call = ServerDuplexStream<Buffer, Buffer>;

let server: Server;
let client: RawStream;
let call: Call;

/** A call of the installed grpc-js, as our server makes them. */
beforeEach(async () => {
  const { path } = ChatServiceService.channel;
  const bytes = (message: Buffer) => message;
  const channel = { ...ChatServiceService.channel, requestDeserialize: bytes, responseSerialize: bytes };
  const transports = new Transports({ limits: { ...limits, ...bounds }, clock, refused: () => {} });
  const admission = new Admission({
    transports,
    authenticator: undefined,
    overload: () => undefined,
    refused: () => {},
  });
  const entrance = { isStream: true, needsToken: true, cost: 1 };
  server = new Server({ interceptors: [(_, next) => new CoalescingCall(next, admission, entrance)] });
  const opened = new Promise<Call>((resolve) => {
    server.addService({ channel }, { channel: resolve });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  client = new RawStream(port, { path });
  call = await opened;
  call.on('error', () => {});
});
afterEach(() => server.forceShutdown());

describe('the installed grpc-js', () => {
  test('has the HTTP/2 stream of a call where it is looked for', () => {
    const stream: ServerHttp2Stream = http2StreamOf(call);
    expect(stream.session?.socket?.remotePort).toBe(Number(call.getPeer().split(':').at(-1)));
    expect(stream.id).toBe(1);
  });

  test('a call whose stream is cut is over on both sides', async () => {
    const cancelled = new Promise((resolve) => call.once('cancelled', resolve));
    const stream = http2StreamOf(call);
    cutStream(stream);
    expect((await client.ended).resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await cancelled;
    expect(stream.destroyed).toBe(true);
  });

  test('a call whose transport is cut is over on both sides', async () => {
    const cancelled = new Promise((resolve) => call.once('cancelled', resolve));
    cutTransport(http2StreamOf(call));
    await client.ended;
    await cancelled;
  });

  test('a stream that has ended is released as if nothing had happened', async () => {
    const stream = http2StreamOf(call);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    releaseStream(stream);
    await closed;
    expect((await client.ended).resetCode).toBe(constants.NGHTTP2_NO_ERROR);
    cutStream(stream);
    releaseStream(stream);
  });
});

test('where it is not, that is an error which says where to look', () => {
  expect(() => http2StreamOf({ call: { nextCall: {} } })).toThrow('src/wire/cut.ts');
});

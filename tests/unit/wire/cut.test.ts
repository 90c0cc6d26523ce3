import { createServer } from 'node:net';
import { Client, credentials, Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { coalescing } from '../../../src/wire/coalesce.ts';
import { http2StreamOf } from '../../../src/wire/cut.ts';

const path = '/test.Echo/Talk';
const bytes = { requestSerialize: (b: Buffer) => b, requestDeserialize: (b: Buffer) => b };
const definition = {
  talk: {
    ...bytes,
    path,
    requestStream: true as const,
    responseStream: true as const,
    responseSerialize: (b: Buffer) => b,
    responseDeserialize: (b: Buffer) => b,
  },
};

test('the installed grpc-js has the HTTP/2 stream of a call where src/wire/cut.ts looks for it', async () => {
  const server = new Server({ interceptors: [coalescing(path)] });
  const found = new Promise<unknown>((resolve, reject) => {
    server.addService(definition, {
      talk(call: ServerDuplexStream<Buffer, Buffer>) {
        try {
          resolve(http2StreamOf(call));
        } catch (error) {
          reject(error);
        }
        call.end();
      },
    });
  });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => injector.injectConnection(socket));
  const port = await new Promise<number>((resolve) => {
    listener.listen(0, '127.0.0.1', () => resolve(Object(listener.address()).port));
  });
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const call = client.makeBidiStreamRequest(path, bytes.requestSerialize, bytes.requestDeserialize);
  call.on('error', () => {}).resume();
  expect(await found).toMatchObject({ close: expect.any(Function), session: { destroy: expect.any(Function) } });
  client.close();
  listener.close();
  server.forceShutdown();
});

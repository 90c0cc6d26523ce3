import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { Server, ServerCredentials } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { tightenHttp2 } from '../../../src/wire/tighten-http2.ts';

test('the installed grpc-js has the options of its HTTP/2 sessions where they are looked for', () => {
  const server = new Server();
  expect(server).toHaveProperty('commonServerOptions.maxSessionMemory');
  tightenHttp2(server, { maxStreams: 100, ended: () => {}, refused: () => {} });
  expect(server).toHaveProperty('commonServerOptions.streamResetBurst', 100);
});

test('a session that HTTP/2 ends is told of, with its peer and the reason', async () => {
  const server = new Server();
  const ended: string[][] = [];
  tightenHttp2(server, { maxStreams: 100, ended: (...how) => ended.push(how), refused: () => {} });
  const injector = server.createConnectionInjector(ServerCredentials.createInsecure());
  const listener = createServer((socket) => injector.injectConnection(socket)).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1');
  await once(socket, 'connect');
  const peer = `127.0.0.1:${socket.localPort}`;
  socket.resume().write('no preface of HTTP/2');
  await once(socket, 'close');
  expect(ended).toEqual([[peer, 'Received bad client magic byte string']]);
  listener.close();
  server.forceShutdown();
});

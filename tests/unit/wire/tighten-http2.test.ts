import { Server } from '@grpc/grpc-js';
import { expect, test } from 'vitest';
import { tightenHttp2 } from '../../../src/wire/tighten-http2.ts';

test('the installed grpc-js has the options of its HTTP/2 sessions where they are looked for', () => {
  const server = new Server();
  expect(server).toHaveProperty('commonServerOptions.maxSessionMemory');
  tightenHttp2(server);
  expect(server).toHaveProperty('commonServerOptions.streamResetBurst', 100);
});

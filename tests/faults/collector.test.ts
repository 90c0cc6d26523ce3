import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { Server as GrpcServer, ServerCredentials } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { startOtlp } from '../support/otlp.ts';
import { Program } from '../support/program.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike } from './support/told-alike.ts';

const ROOM = 'lobby';
/** Everything is exported several times while a test lasts. */
const OFTEN = { OTEL_METRIC_EXPORT_INTERVAL: '100', OTEL_METRIC_EXPORT_TIMEOUT: '100', OTEL_BSP_SCHEDULE_DELAY: '50' };

interface Collector {
  readonly port: number;
  end(): void;
}

async function listening(server: Server): Promise<Collector> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { port: (server.address() as AddressInfo).port, end: () => server.close() };
}

/** Somebody listened there once. */
async function absent(): Promise<Collector> {
  const { port, end } = await listening(createServer());
  end();
  return { port, end: () => {} };
}

/** Takes connections and never reads or says anything, as a process does that is stopped. */
async function frozen(): Promise<Collector> {
  const sockets: { destroy(): void }[] = [];
  const { port, end } = await listening(createServer({ pauseOnConnect: true }, (socket) => sockets.push(socket)));
  return {
    port,
    end: () => {
      for (const socket of sockets) socket.destroy();
      end();
    },
  };
}

/** Knows no collector's service. */
async function refusing(): Promise<Collector> {
  const server = new GrpcServer();
  const port = await new Promise<number>((resolve) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (_, bound) => resolve(bound));
  });
  return { port, end: () => server.forceShutdown() };
}

/** Takes everything, seconds later than anybody waits for. */
async function slow(): Promise<Collector> {
  const otlp = await startOtlp();
  const proxy = await TcpProxy.to(otlp.port, { delayMs: 5000 });
  return {
    port: proxy.port,
    end: () => {
      void proxy[Symbol.asyncDispose]();
      void otlp[Symbol.asyncDispose]();
    },
  };
}

describe('a collector that is no help is not felt by the chat', () => {
  test.each([
    { how: 'absent', collector: absent },
    { how: 'frozen', collector: frozen },
    { how: 'refusing', collector: refusing },
    { how: 'slow', collector: slow },
  ])('34 $how', async ({ collector }) => {
    const { port, end } = await collector();
    try {
      const settings = { OTEL_ENABLED: 'true', OTEL_EXPORTER_ENDPOINT: `127.0.0.1:${port}`, SHUTDOWN_GRACE: '3s' };
      await using server = await ServerProcess.start(settings, OFTEN);
      const [ana, bob] = [
        await LiveClient.enter(server.port, 'ana', [ROOM]),
        await LiveClient.enter(server.port, 'bob', [ROOM]),
      ];
      let head = 0;
      for (let i = 0; i < 200; i++) head = await ana.say(ROOM, `${i}`);
      await bob.reaches(ROOM, head);
      expectToldAlike([ana, bob], ROOM, head);

      server.signal('SIGTERM');
      expect((await ana.ended).trailers['chat-reason']).toBe('draining');
      expect(await server.exit).toBe(0);
      const complaints = server.log.filter(({ msg }) => String(msg).startsWith('telemetry: '));
      expect(complaints).toHaveLength(1);
    } finally {
      end();
    }
  });
});

test('34 a terminal client ends although its collector never answers', async () => {
  await using server = await ServerProcess.start();
  const { port, end } = await frozen();
  const anHour = { OTEL_EXPORTER_OTLP_TIMEOUT: '3600000', OTEL_BSP_EXPORT_TIMEOUT: '3600000' };
  const telemetry = { CHAT_GRPC_OTEL_ENABLED: 'true', CHAT_GRPC_OTEL_EXPORTER_ENDPOINT: `127.0.0.1:${port}` };
  const env = { CHAT_GRPC_PORT: `${server.port}`, ...telemetry, ...anHour };
  await using client = new Program('client', { args: ['join', '--name', 'ana', '--room', ROOM], env });
  client.type('hello\n');
  await client.shows('ana: hello');
  client.endInput();
  expect(await client.exit).toBe(0);
  expect(client.stderr).toBe('');
  end();
});

import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from '@grpc/grpc-js';
import { LogsServiceService } from '../../api/gen/opentelemetry/proto/collector/logs/v1/logs_service.ts';
import { MetricsServiceService } from '../../api/gen/opentelemetry/proto/collector/metrics/v1/metrics_service.ts';
import { TraceServiceService } from '../../api/gen/opentelemetry/proto/collector/trace/v1/trace_service.ts';
import type { Sink } from './received.ts';
import { logsOf, pointsOf, spansOf } from './unpack.ts';

export interface Receiver {
  readonly port: number;
  /** Whoever still exports is cut off. */
  close(): Promise<void>;
}

/**
 * Takes traces, metrics and logs over OTLP/gRPC. Port 0 is any free one.
 * Rejects with Node's error, such as EADDRINUSE, which is why the listener is our
 * own: grpc-js tells of a taken port by a text.
 */
export async function startReceiver(
  { host, port }: { readonly host: string; readonly port: number },
  sink: Sink,
): Promise<Receiver> {
  const grpc = new Server({ 'grpc.enable_channelz': 0 });
  grpc.addService(TraceServiceService, { export: taking(spansOf, sink.spans) });
  grpc.addService(MetricsServiceService, { export: taking(pointsOf, sink.points) });
  grpc.addService(LogsServiceService, { export: taking(logsOf, sink.logs) });
  const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure());
  const sockets = new Set<Socket>();
  const listener = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    injector.injectConnection(socket);
  });
  listener.listen({ host, port });
  await once(listener, 'listening');
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const closed = once(listener, 'close');
      listener.close();
      grpc.forceShutdown();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

/** Answers before the sink may fail: an exporter would send the same again. */
function taking<Request, Taken>(unpack: (request: Request) => Taken, take: (taken: Taken) => void) {
  return ({ request }: ServerUnaryCall<Request, object>, reply: sendUnaryData<object>) => {
    reply(null, {});
    take(unpack(request));
  };
}

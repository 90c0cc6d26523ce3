import type { Refusal } from './core/errors.ts';
import type { SessionRegistry } from './core/session-registry.ts';
import type { GrpcServer } from './wire/grpc-server.ts';

/**
 * Ends a server so that nobody loses what was owed: nobody comes in any more and
 * nothing is appended, everyone is told when to come back, what is owed is
 * written, streams end UNAVAILABLE; what is still there after `graceMs` is cut.
 */
export async function drain(server: GrpcServer, sessions: SessionRegistry, graceMs: number): Promise<void> {
  const refusal: Refusal = { reason: 'draining', message: 'the server is shutting down', retryAfterMs: graceMs };
  sessions.drain(refusal);
  server.stopServing();
  let cutNow = () => {};
  const cut = new Promise<void>((resolve) => {
    cutNow = resolve;
  });
  const timer = setTimeout(cutNow, graceMs);
  const streams = [...server.connections].map((connection) => {
    if (!connection.hasEnded) {
      // Spread over the grace, so that they do not all come back in the same moment.
      const reconnectAfterMs = Math.ceil(Math.random() * graceMs);
      connection.session.tell({ kind: 'draining', reconnectAfterMs });
      connection.endWhenWritten({ ...refusal, retryAfterMs: reconnectAfterMs });
    }
    return connection.whenOver();
  });
  await Promise.race([Promise.all(streams), cut]);
  await server.close(refusal, cut);
  clearTimeout(timer);
  // Their sockets are gone: what becomes of those that were cut is known when their sessions have lost them.
  await Promise.all(streams);
}

import { drain } from '../../src/drain.ts';
import { chat } from './envelopes.ts';
import { type basicClient, fullClient } from './raw-client.ts';
import { startServer } from './server.ts';

/** Far beyond what these tests take: nothing here waits for its end. */
export const GRACE_MS = 600_000;
const WINDOW_BYTES = 1024;
/** More than the window: as long as its client does not read, the stream is owed something and stays. */
export const OWED = 'x'.repeat(4 * WINDOW_BYTES);

/** A server that goes away while ana, of either kind, does not read what she is owed. */
export async function goingAway(enter: typeof fullClient | typeof basicClient) {
  const server = await startServer();
  const witness = await fullClient(server.port, 'witness', ['general']);
  const ana = await enter(server.port, 'ana', ['general'], { windowBytes: WINDOW_BYTES });
  ana.pause();
  witness.send(chat('general', OWED));
  await witness.hear('broadcast');
  const over = drain(server.grpc, server.sessions, GRACE_MS);
  await witness.ended;
  return {
    server,
    ana,
    witness,
    over,
    async [Symbol.asyncDispose]() {
      ana.destroySocket();
      await over;
    },
  };
}

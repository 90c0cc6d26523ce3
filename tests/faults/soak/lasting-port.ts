import { once } from 'node:events';
import { createServer } from 'node:net';

/** Where systems give no port to a socket that asks for any. */
const LOWEST = 20_000;
const HIGHEST = 30_000;

/**
 * A port of 127.0.0.1 where nothing listens, and which no client is given for its own end: of thousands that look for a
 * server that is away, one would sooner or later connect to itself there.
 */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const listener = createServer();
    const isTaken = once(listener, 'listening').then(
      () => false,
      () => true,
    );
    listener.listen(port, '127.0.0.1');
    if (await isTaken) continue;
    listener.close();
    await once(listener, 'close');
    return port;
  }
}

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a local port through a port of its own, which can be cut as a network breaks: without a word of HTTP/2. */
export async function severableLink(target: number) {
  const sockets = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect({ host: '127.0.0.1', port: target });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.once('close', () => {
        sockets.delete(socket);
        near.destroy();
        far.destroy();
      });
    }
    near.pipe(far).pipe(near);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const address = listener.address();
  if (typeof address !== 'object' || address === null) throw new Error('no address');
  return {
    port: address.port,
    /** Whether anything is connected. */
    get isInUse() {
      return sockets.size > 0;
    },
    /** Cuts what is connected, and lets nothing connect again. */
    sever() {
      listener.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

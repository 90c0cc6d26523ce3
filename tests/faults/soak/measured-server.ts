/**
 * The built server, which tells its parent on request what memory is left after a
 * forced collection, and what time it took of a core so far. Needs --expose-gc and an IPC channel.
 */
process.on('message', () => {
  globalThis.gc?.();
  // What the first has found is given back by the time of the second.
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  process.send?.({ heapUsed, external, rss, cpuMs: (user + system) / 1000 });
});
process.once('disconnect', () => process.exit(1));

await import(new URL('../../../dist/src/main.js', import.meta.url).href);

export interface Measured extends Pick<NodeJS.MemoryUsage, 'heapUsed' | 'external' | 'rss'> {
  readonly cpuMs: number;
}

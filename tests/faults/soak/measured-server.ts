/**
 * The built server, which tells its parent on request what memory is left after a
 * forced collection, and what time it took of a core so far; asked with a path, it writes a
 * snapshot of its heap there first. Needs --expose-gc and an IPC channel.
 */
import { writeHeapSnapshot } from 'node:v8';

process.on('message', ({ snapshot }: Asked) => {
  globalThis.gc?.();
  // What the first has found is given back by the time of the second.
  globalThis.gc?.();
  const { heapUsed, external, rss } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  if (snapshot !== undefined) writeHeapSnapshot(snapshot);
  process.send?.({ heapUsed, external, rss, cpuMs: (user + system) / 1000 });
});
process.once('disconnect', () => process.exit(1));

await import(new URL('../../../dist/src/main.js', import.meta.url).href);

export interface Asked {
  /** Where a snapshot of the heap goes; undefined for none. */
  readonly snapshot: string | undefined;
}

export interface Measured extends Pick<NodeJS.MemoryUsage, 'heapUsed' | 'external' | 'rss'> {
  readonly cpuMs: number;
}

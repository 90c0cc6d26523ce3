/**
 * Loaded into the server's process before the server: on SIGUSR2 it writes a line
 * of what memory is left after forced collections, and what is still open.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

process.on('SIGUSR2', () => {
  collect();
  // What the first has found is given back by the time of the second.
  setImmediate(() => {
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const open = Object.groupBy(process.getActiveResourcesInfo(), (name) => name);
    const [sockets, timers] = [open['TCPSocketWrap'], open['Timeout']].map((all) => all?.length ?? 0);
    const memory = { held: heapUsed + external, rss, peakRss: process.resourceUsage().maxRSS * 1024 };
    process.stdout.write(`${JSON.stringify({ msg: 'memory', ...memory, sockets, timers })}\n`);
  });
});

// A test that came to no end leaves nothing behind that is still under attack.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(1);
}, 1000).unref();

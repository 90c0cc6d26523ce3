/**
 * The load tester for a server that speaks WebSocket: `chat-client load` with the same
 * clients, checks and report, as far as the benchmarks need it.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runUnasked } from '../../cli/load/run/run.ts';
import { scenarioOf } from '../../cli/load/settings.ts';

const text = { type: 'string' } as const;
const { values } = parseArgs({
  options: {
    ...{ port: text, 'server-pid': text, json: text },
    ...{ clients: text, rooms: text, senders: text, rate: text, duration: text, warmup: text, workers: text },
    'join-rate': text,
    basic: { type: 'boolean' },
  },
});
const { port, 'server-pid': serverPid, json = '', ...settings } = values;
const report = await runUnasked(
  {
    scenario: scenarioOf('flags', settings),
    server: { host: '127.0.0.1', port: Number(port) },
    serverFlags: [],
    tool: 'ws-load',
    serverPid: Number(serverPid),
    stop: new AbortController().signal,
    progressed: () => {},
  },
  new URL('./ws-worker.ts', import.meta.url),
);
writeFileSync(json, JSON.stringify(report, undefined, 2));

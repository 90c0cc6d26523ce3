import { readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Report } from '../../cli/load/report/report.ts';
import type { Child, Children } from './children.ts';
import { type Contender, environment } from './contenders.ts';
import type { Pinning } from './pinning.ts';

const START_PATIENCE_MS = 15_000;
/** Beside the seconds measured: everybody's coming and going, ten thousand of them over TLS too, and what comes late. */
const TOOL_PATIENCE_MS = 300_000;

export interface TrialOptions {
  readonly children: Children;
  readonly pinning: Pinning;
  readonly seconds: number;
  /** Where the report goes. */
  readonly json: string;
}

/**
 * One server under one load, server and load tester each in a process of its own that
 * is new and is ended afterwards.
 * @param load words for the load tester: who comes and what is said.
 * @throws when either does not start or ends before its time, with what they said.
 */
export async function trial(contender: Contender, load: readonly string[], options: TrialOptions): Promise<Report> {
  const { children, pinning, seconds, json } = options;
  // Of a load tester that breaks there is none, and the one before would be taken for its own.
  rmSync(json, { force: true });
  const port = await freePort();
  const { words, environment: settings } = contender.start(port);
  const server = children.start([...pinning.server, process.execPath, ...words], settings);
  let tool: Child | undefined;
  try {
    await server.says((stdout) => stdout.includes('"listening"'), START_PATIENCE_MS);
    const measure = ['--port', String(port), '--duration', `${seconds}s`, '--warmup', '1s', '--workers', '1'];
    const told = ['--server-pid', String(server.pid), '--json', json];
    const flags = [...load, ...measure, ...told, ...contender.clientFlags];
    tool = children.start([...pinning.tool, process.execPath, ...contender.tool, ...flags], environment);
    await tool.ends(TOOL_PATIENCE_MS + seconds * 1000);
    return JSON.parse(readFileSync(json, 'utf8'));
  } catch (error) {
    const who = tool === undefined ? 'the server' : 'the load tester';
    const why = error instanceof Error ? error.message : String(error);
    const heard = [tool?.said.stderr, server.said.stderr].map((text) => text?.trim()).filter(Boolean);
    throw new Error([`${who} ${why}`, ...heard].join('\n'));
  } finally {
    await Promise.all([tool?.end(), server.end()]);
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const listener = createServer();
    listener.once('error', reject);
    listener.listen({ host: '127.0.0.1', port: 0 }, () => {
      const address = listener.address();
      listener.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

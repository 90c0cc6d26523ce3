import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { Child, Children } from './children.ts';
import type { Contender } from './contenders.ts';
import type { Pinning } from './pinning.ts';
import type { Assignment, Measurement, Scenario } from './scenario.ts';

const START_PATIENCE_MS = 15_000;
/** Beside the seconds measured: seating everybody, warming up, and what comes late. */
const DRIVER_PATIENCE_MS = 90_000;

const DRIVER = fileURLToPath(new URL('./driver.ts', import.meta.url));

export interface TrialOptions {
  readonly children: Children;
  readonly pinning: Pinning;
  readonly seconds: number;
}

/**
 * One server under one load, each in a process of its own that is new and is
 * ended afterwards.
 * @throws when either does not start or ends before its time, with what they said.
 */
export async function trial(contender: Contender, scenario: Scenario, options: TrialOptions): Promise<Measurement> {
  const { children, pinning, seconds } = options;
  const { clientKind } = contender;
  const { cores } = pinning;
  const port = await freePort();
  const { words, environment } = contender.start(port);
  const server = children.start([...pinning.server, process.execPath, ...words], environment);
  let driver: Child | undefined;
  try {
    await server.says((stdout) => stdout.includes('"listening"'), START_PATIENCE_MS);
    const assignment: Assignment = { port, serverPid: server.pid, cores, clientKind, scenario, seconds };
    const driverWords = [process.execPath, DRIVER, JSON.stringify(assignment)];
    driver = children.start([...pinning.driver, ...driverWords], process.env);
    await driver.says((stdout) => stdout.endsWith('\n'), DRIVER_PATIENCE_MS + seconds * 1000);
    return JSON.parse(driver.said.stdout);
  } catch (error) {
    const who = driver === undefined ? 'the server' : 'the driver';
    const why = error instanceof Error ? error.message : String(error);
    const heard = [driver?.said.stderr, server.said.stderr].map((text) => text?.trim()).filter(Boolean);
    throw new Error([`${who} ${why}`, ...heard].join('\n'));
  } finally {
    await Promise.all([driver?.end(), server.end()]);
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

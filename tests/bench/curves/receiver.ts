import { programFile } from '../../support/program.ts';
import type { Children } from '../children.ts';
import { environment } from '../contenders.ts';
import type { Pinning } from '../pinning.ts';

const PATIENCE_MS = 15_000;
const LISTENING = /Receiving OTLP on [^\n]*:(\d+)\./;

/** Starts what `make traces` starts, on the core of the load. Returns its port. */
export async function startReceiver(children: Children, pinning: Pinning): Promise<number> {
  const words = [...pinning.tool, process.execPath, programFile('client'), 'traces', '--port', '0'];
  const receiver = children.start(words, environment);
  await receiver.says((stdout) => LISTENING.test(stdout), PATIENCE_MS);
  return Number(LISTENING.exec(receiver.said.stdout)?.[1]);
}

import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const SERVER_CORE = 0;
const TOOL_CORE = 1;

/** Words to put in front of a command, so that server and load tester do not take each other's core. */
export interface Pinning {
  readonly server: readonly string[];
  readonly tool: readonly string[];
  /** The core of each; none where they are not pinned. */
  readonly cores: readonly number[];
  readonly words: string;
}

export function findPinning(): Pinning {
  const unpinned = (why: string) => ({
    ...{ server: [], tool: [], cores: [] },
    words: `server and load tester are not pinned: ${why}`,
  });
  if (availableParallelism() < 2) return unpinned('there is one core');
  const [server, tool] = [onCore(SERVER_CORE), onCore(TOOL_CORE)];
  if (!works(server) || !works(tool)) return unpinned('no taskset that works here');
  const cores = [SERVER_CORE, TOOL_CORE];
  return {
    server,
    tool,
    cores,
    words: `the server is pinned to core ${SERVER_CORE}, the load tester to core ${TOOL_CORE}`,
  };
}

function onCore(core: number): readonly string[] {
  return ['taskset', '-c', String(core)];
}

function works([command = '', ...words]: readonly string[]): boolean {
  return spawnSync(command, [...words, 'true']).status === 0;
}

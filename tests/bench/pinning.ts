import { spawnSync } from 'node:child_process';
import { availableParallelism } from 'node:os';

const SERVER_CORE = 0;
const DRIVER_CORE = 1;

/** Words to put in front of a command, so that server and driver do not take each other's core. */
export interface Pinning {
  readonly server: readonly string[];
  readonly driver: readonly string[];
  /** The two cores, or none. */
  readonly cores: readonly number[];
  readonly words: string;
}

export function findPinning(): Pinning {
  const cores = availableParallelism();
  const unpinned = (why: string) => ({
    server: [],
    driver: [],
    cores: [],
    words: `server and driver are not pinned: ${why}`,
  });
  if (cores < 2) return unpinned('there is one core');
  const [server, driver] = [onCore(SERVER_CORE), onCore(DRIVER_CORE)];
  if (!works(server) || !works(driver)) return unpinned('no taskset that works here');
  const words = `the server is pinned to core ${SERVER_CORE}, the driver to core ${DRIVER_CORE}`;
  return { server, driver, cores: [SERVER_CORE, DRIVER_CORE], words };
}

function onCore(core: number): readonly string[] {
  return ['taskset', '-c', String(core)];
}

function works([command = '', ...words]: readonly string[]): boolean {
  return spawnSync(command, [...words, 'true']).status === 0;
}

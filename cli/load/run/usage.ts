import { cpuSecondsOf, rssBytesOf } from './process-usage.ts';

/** CPU time and memory, as far as the system tells. */
export interface Usage {
  readonly atMs: number;
  readonly toolCpuSeconds: number;
  readonly serverCpuSeconds: number | undefined;
  readonly serverRss: number | undefined;
}

/** What was used at moments of a run. */
export interface Usages {
  readonly before: Usage;
  readonly seated: Usage;
  /** The measured time; undefined where there was none. */
  readonly from?: Usage;
  readonly to?: Usage;
}

/** @param serverPid of a process on this machine, where it is known. */
export function usageNow(atMs: number, serverPid: number | undefined): Usage {
  const { user, system } = process.cpuUsage();
  return {
    atMs,
    toolCpuSeconds: (user + system) / 1e6,
    serverCpuSeconds: serverPid && cpuSecondsOf(serverPid),
    serverRss: serverPid && rssBytesOf(serverPid),
  };
}

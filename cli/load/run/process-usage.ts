import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';

/** USER_HZ, in which Linux tells CPU times: 100 on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

/** CPU time that a process has used, user and system, all threads, in seconds; undefined where nobody tells. */
export function cpuSecondsOf(pid: number): number | undefined {
  try {
    return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  } catch {
    return undefined;
  }
}

/** CPU time that everybody together has used on these cores, or on all where none is named, in seconds. */
export function busySecondsOf(cores: readonly number[]): number {
  const counted = cpus().filter((_, core) => cores.length === 0 || cores.includes(core));
  return counted.reduce((sum, { times }) => sum + times.user + times.nice + times.sys + times.irq, 0) / 1000;
}

/** proc(5): utime and stime are the fields 14 and 15; the name, field 2, may hold spaces and brackets. */
function fromProc(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fromState = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fromState[11]) + Number(fromState[12])) / TICKS_PER_SECOND;
}

/** POSIX ps: `[[dd-]hh:]mm:ss`, on macOS with hundredths. */
function fromPs(pid: number): number | undefined {
  const { stdout, status } = spawnSync('ps', ['-o', 'time=', '-p', String(pid)], { encoding: 'utf8' });
  if (status !== 0) return undefined;
  const [clock = '', days = '0'] = stdout.trim().split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
  return Number.isFinite(seconds) ? seconds : undefined;
}

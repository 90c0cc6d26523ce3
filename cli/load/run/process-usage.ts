import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

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

/** Resident memory of a process in bytes; undefined where nobody tells. */
export function rssBytesOf(pid: number): number | undefined {
  try {
    const kib = process.platform === 'linux' ? rssFromProc(pid) : Number(ps(pid, 'rss='));
    return Number.isFinite(kib) ? kib * 1024 : undefined;
  } catch {
    return undefined;
  }
}

function rssFromProc(pid: number): number {
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]);
}

/** proc(5): utime and stime are the fields 14 and 15; the name, field 2, may hold spaces and brackets. */
function fromProc(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fromState = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fromState[11]) + Number(fromState[12])) / TICKS_PER_SECOND;
}

/** POSIX ps: `[[dd-]hh:]mm:ss`, on macOS with hundredths. */
function fromPs(pid: number): number | undefined {
  const [clock = '', days = '0'] = ps(pid, 'time=').split('-').reverse();
  const seconds = clock.split(':').reduce((sum, part) => sum * 60 + Number(part), 0) + Number(days) * 86_400;
  return clock !== '' && Number.isFinite(seconds) ? seconds : undefined;
}

function ps(pid: number, figure: string): string {
  return spawnSync('ps', ['-o', figure, '-p', String(pid)], { encoding: 'utf8' }).stdout.trim();
}

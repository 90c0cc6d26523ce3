import { fstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { pid as ownPid } from 'node:process';

const LOOK_EVERY_MS = 500;
const STANDARD_OUTPUT = 1;

/** An open file of a process, as Linux lists it (proc(5)). */
interface OpenFile {
  readonly pid: string;
  readonly fd: string;
}

/**
 * Calls back once when standard output is a pipe that nobody reads any more, as
 * behind `| head`: a write would tell, but there may be nothing to write for
 * hours, and Node does not poll what it has nothing to write to. Where no reader
 * can be seen at first - it is another user's, or this is no Linux - it watches
 * nothing. Returns what ends the watch.
 */
export function watchReader(gone: () => void): () => void {
  const output = fstatSync(STANDARD_OUTPUT);
  const pipe = `pipe:[${output.ino}]`;
  let reader = output.isFIFO() ? readerOf(pipe) : undefined;
  if (reader === undefined) return () => {};
  const timer = setInterval(() => {
    if (reader !== undefined && leadsTo(pipe, reader)) return;
    reader = readerOf(pipe);
    if (reader !== undefined) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

function readerOf(pipe: string): OpenFile | undefined {
  for (const pid of namesIn('/proc')) {
    if (!/^\d+$/.test(pid) || pid === `${ownPid}`) continue;
    const fd = namesIn(`/proc/${pid}/fd`).find((fd) => targetOf({ pid, fd }) === pipe && isRead({ pid, fd }));
    if (fd !== undefined) return { pid, fd };
  }
  return undefined;
}

/** What became another user's may still read. */
function leadsTo(pipe: string, file: OpenFile): boolean {
  const target = targetOf(file);
  return target === pipe || target === 'hidden';
}

function targetOf({ pid, fd }: OpenFile): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'hidden' : undefined;
  }
}

function isRead({ pid, fd }: OpenFile): boolean {
  try {
    const [, flags = ''] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')) ?? [];
    const accessMode = Number.parseInt(flags, 8) & 0o3;
    return accessMode === 0 || accessMode === 2;
  } catch {
    return false;
  }
}

/** None where it is gone meanwhile, or not ours to see. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

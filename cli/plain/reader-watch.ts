import { closeSync, constants, fstatSync, openSync } from 'node:fs';

const LOOK_EVERY_MS = 500;
const STANDARD_OUTPUT = 1;

/**
 * Calls back once when standard output is a pipe that nobody reads any more, as
 * behind `| head`: a write would tell, but there may be nothing to write for
 * hours. Returns what ends the watch.
 */
export function watchReader(gone: () => void): () => void {
  if (!fstatSync(STANDARD_OUTPUT).isFIFO()) return () => {};
  const timer = setInterval(() => {
    if (hasReader()) return;
    clearInterval(timer);
    gone();
  }, LOOK_EVERY_MS);
  return () => clearInterval(timer);
}

/** A pipe without readers cannot be opened for writing, unless one is willing to wait (fifo(7)). */
function hasReader(): boolean {
  try {
    closeSync(openSync('/dev/stdout', constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ENXIO');
  }
}

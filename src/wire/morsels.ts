import type { Duplex } from 'node:stream';

/** No client cuts an envelope into pieces this small more than now and then. */
const MORSEL_BYTES = 256;

/**
 * Tells of each small piece of DATA that arrives on a stream.
 *
 * Node makes an object of every piece of DATA, and keeps it as long as the stream is
 * paused: a peer that sends a byte a frame makes it handle a million of them with ten
 * megabytes, 2.4 µs each, and hold 7.5 MB with the 64 KiB that the window of one
 * stream allows. `push` is how Node hands the pieces to a stream, paused or not.
 */
export function onMorsel(stream: Duplex, told: () => void): void {
  const push = stream.push;
  stream.push = (piece, encoding) => {
    if (piece !== null && piece.length < MORSEL_BYTES) told();
    return push.call(stream, piece, encoding);
  };
}

import type { ServerHttp2Stream } from 'node:http2';
import { bottomOf } from './cut.ts';

/**
 * Of a message that is not here to its end grpc-js 1.14.7 keeps what each DATA
 * frame brought as a Buffer of its own, and with it all that the network brought at
 * once. From a client that sends byte by byte that is some 130 bytes for each: 4 MB
 * for an envelope, 400 MB for a hundred streams.
 *
 * The pieces are in private fields; tests/unit/wire/unfinished-message.test.ts says
 * when a newer grpc-js has moved them.
 */
interface Bottom {
  readonly stream: ServerHttp2Stream;
  readonly decoder?: { readonly readState?: number; readonly readPartialMessage?: Buffer[] };
}

/** So many pieces of an unfinished message become one. */
const PIECES_TO_JOIN = 64;

/** Keeps what has come of a call's next message about as small as it is. */
export function joinPieces(call: object): void {
  const { stream, decoder }: Bottom = bottomOf(call);
  let message: Buffer[] | undefined;
  let joined = 0;
  // Behind the listener of grpc-js, which has kept the piece by then.
  stream.on('data', () => {
    const pieces = decoder?.readPartialMessage;
    if (pieces !== message) joined = 0;
    message = pieces;
    if (pieces === undefined || pieces.length - joined < PIECES_TO_JOIN) return;
    pieces.splice(joined, PIECES_TO_JOIN, Buffer.concat(pieces.slice(joined)));
    joined += 1;
  });
}

/** A message of the call has begun to come and is not here to its end. */
export function isMidMessage(call: object): boolean {
  const { decoder }: Bottom = bottomOf(call);
  return decoder?.readState !== 0;
}

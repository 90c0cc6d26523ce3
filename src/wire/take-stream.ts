import type { ServerHttp2Stream } from 'node:http2';
import { bottomOf } from './http2-stream-of.ts';

interface Bottom {
  readonly stream: ServerHttp2Stream;
  /** What grpc-js 1.14.7 has read of `grpc-encoding`, which it takes out of the metadata. */
  readonly incomingEncoding?: string;
  /** Keeps what has come of a message. */
  decoder?: unknown;
}

type Listener = (...told: unknown[]) => void;

/**
 * Takes the reading of a call that has just begun away from grpc-js; what grpc-js
 * listens with is the last by then. The stream stays paused, and grpc-js goes on to
 * tell when it is over and to send the status. Returns how what comes is compressed
 * where it is: `grpc-encoding`.
 *
 * tests/unit/wire/take-stream.test.ts says when a newer grpc-js listens otherwise.
 */
export function takeStream(call: object): string {
  const bottom: Bottom = bottomOf(call);
  const { stream, incomingEncoding, decoder } = bottom;
  const [readsData, ...others] = stream.listeners('data') as Listener[];
  // Node may have one before it, on a stream that has no more than its headers.
  const readsEnd = stream.listeners('end').at(-1) as Listener | undefined;
  const isAsKnown = others.length === 0 && incomingEncoding !== undefined && decoder !== undefined && stream.isPaused();
  if (!isAsKnown || readsData === undefined || readsEnd === undefined)
    throw new Error('grpc-js reads its streams otherwise than it did; see src/wire/take-stream.ts');
  stream.off('data', readsData).off('end', readsEnd);
  bottom.decoder = undefined;
  return incomingEncoding;
}

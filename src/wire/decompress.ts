import { gunzipSync, inflateSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { bottomOf } from './cut.ts';

type Decompress = (message: Buffer, encoding: string) => Buffer | Promise<Buffer>;

const UNPACK = new Map([
  ['gzip', gunzipSync],
  ['deflate', inflateSync],
]);

interface Bottom {
  readonly stream: unknown;
  decompressMessage?: Decompress;
}

/** Of a gRPC message: whether it is compressed, and how long it is. */
const FRAME_HEAD_BYTES = 5;

/**
 * Lets the messages of a call be decompressed one after another, and no further
 * than `maxBytes`.
 *
 * grpc-js 1.14.7 begins with all that one DATA frame brought at once, hundreds of
 * them in 16 KiB, each with a context of its own in the thread pool: a thousand
 * streams made 430 MiB of that, which the allocator did not give back. The method is
 * a private one; tests/unit/wire/decompress.test.ts says when a newer one has moved it.
 */
export function decompressOneByOne(call: object, maxBytes: number): void {
  const bottom: Bottom = bottomOf(call);
  const { decompressMessage } = bottom;
  bottom.decompressMessage = (message, encoding) => {
    const unpack = UNPACK.get(encoding);
    if (unpack === undefined) return decompressMessage?.call(bottom, message, encoding) ?? message;
    try {
      return unpack(message.subarray(FRAME_HEAD_BYTES), { maxOutputLength: maxBytes });
    } catch (error) {
      // What grpc-js throws is the status that it ends the call with.
      throw (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? TOO_LARGE : UNREADABLE;
    }
  };
}

const TOO_LARGE = { code: status.RESOURCE_EXHAUSTED, details: 'the envelope is larger than this server takes' };
const UNREADABLE = { code: status.INTERNAL, details: 'the envelope cannot be decompressed' };

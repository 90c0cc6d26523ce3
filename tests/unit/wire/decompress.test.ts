import { deflateSync, gzipSync } from 'node:zlib';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { bottomOf } from '../../../src/wire/cut.ts';
import { decompressOneByOne } from '../../../src/wire/decompress.ts';
import { bareCall } from '../../support/bare-call.ts';

type Decompress = (message: Buffer, encoding: string) => Promise<Buffer>;

const WORDS = Buffer.from('words '.repeat(100));
const message = (bytes: Buffer) => Buffer.concat([Buffer.alloc(5), bytes]);

/** What grpc-js asks for, of a call that may bring 1,000 bytes. */
async function decompressing() {
  const world = await bareCall();
  const bottom = bottomOf(world.call) as unknown as { decompressMessage: Decompress };
  expect(bottom.decompressMessage).toBeTypeOf('function');
  decompressOneByOne(world.call, 1000);
  return { ask: async (bytes: Buffer, encoding: string) => bottom.decompressMessage(message(bytes), encoding), world };
}

describe('what is compressed', () => {
  test.each([
    { encoding: 'gzip', bytes: gzipSync(WORDS) },
    { encoding: 'deflate', bytes: deflateSync(WORDS) },
    { encoding: 'identity', bytes: WORDS },
  ])('by $encoding is unpacked', async ({ encoding, bytes }) => {
    const { ask, world } = await decompressing();
    expect(await ask(bytes, encoding)).toEqual(WORDS);
    world[Symbol.dispose]();
  });

  test.each([
    {
      what: 'to more than is taken',
      encoding: 'gzip',
      bytes: gzipSync(Buffer.alloc(1001)),
      code: status.RESOURCE_EXHAUSTED,
    },
    { what: 'to megabytes', encoding: 'gzip', bytes: gzipSync(Buffer.alloc(2 ** 24)), code: status.RESOURCE_EXHAUSTED },
    { what: 'to nothing', encoding: 'gzip', bytes: WORDS, code: status.INTERNAL },
    { what: 'cut off', encoding: 'deflate', bytes: deflateSync(WORDS).subarray(0, -8), code: status.INTERNAL },
    { what: 'in a way that is not known', encoding: 'constructor', bytes: WORDS, code: status.UNIMPLEMENTED },
  ])('$what is refused with a status', async ({ encoding, bytes, code }) => {
    const { ask, world } = await decompressing();
    await expect(ask(bytes, encoding)).rejects.toMatchObject({ code });
    world[Symbol.dispose]();
  });

  test('to exactly what is taken is unpacked', async () => {
    const { ask, world } = await decompressing();
    expect(await ask(gzipSync(Buffer.alloc(1000)), 'gzip')).toHaveLength(1000);
    world[Symbol.dispose]();
  });
});

import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { chat, heartbeat, history } from '../support/envelopes.ts';
import { fullClient, type RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const MAX_PAGE_SIZE = 10;
/** Seqs 1 (the join) to 25. */
const HEAD = 25;

let server: Awaited<ReturnType<typeof startServer>>;
let ana: RawClient;
let epoch: string;
beforeEach(async () => {
  server = await startServer({ CHAT_GRPC_MAX_PAGE_SIZE: `${MAX_PAGE_SIZE}` });
  ana = await fullClient(server.port, 'ana', ['general']);
  epoch = ana.all('joined')[0]?.position?.epoch ?? '';
  ana.send(...Array.from({ length: HEAD - 1 }, (_, i) => chat('general', `${i + 2}`)));
  await ana.hear('broadcast', ({ seq }) => seq === BigInt(HEAD));
});
afterEach(() => server.stop());

interface PageCase {
  readonly name: string;
  readonly asked: { readonly beforeSeq?: number; readonly limit?: number };
  readonly seqs: readonly number[];
  readonly hasMore: boolean;
}

const PAGES: readonly PageCase[] = [
  { name: 'from the head', asked: { limit: 3 }, seqs: [23, 24, 25], hasMore: true },
  { name: 'before a seq', asked: { beforeSeq: 23, limit: 3 }, seqs: [20, 21, 22], hasMore: true },
  { name: 'right behind the head', asked: { beforeSeq: 26, limit: 1 }, seqs: [25], hasMore: true },
  { name: 'down to the first', asked: { beforeSeq: 4, limit: 3 }, seqs: [1, 2, 3], hasMore: false },
  { name: 'of fewer than asked for', asked: { beforeSeq: 3, limit: 9 }, seqs: [1, 2], hasMore: false },
  { name: 'before the first: none', asked: { beforeSeq: 1, limit: 3 }, seqs: [], hasMore: false },
  { name: 'without a limit', asked: { beforeSeq: 15 }, seqs: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14], hasMore: true },
  {
    name: 'with a limit beyond the most',
    asked: { beforeSeq: 15, limit: 4_294_967_295 },
    seqs: [5, 6, 7, 8, 9, 10, 11, 12, 13, 14],
    hasMore: true,
  },
];

describe('a page of history', () => {
  test.each(PAGES)('$name', async ({ asked, seqs, hasMore }) => {
    ana.send(history('general', { ...asked, epoch, requestId: 'r-1' }));
    const page = await ana.hear('history');
    expect({ ...page, events: undefined }).toEqual({
      requestId: 'r-1',
      room: 'general',
      epoch,
      hasMore,
      events: undefined,
    });
    expect(seqsOf(page)).toEqual(seqs.map(BigInt));
  });

  test('may be asked for without an epoch, which it tells', async () => {
    ana.send(history('general', { limit: 1 }));
    expect(await ana.hear('history')).toMatchObject({ epoch });
  });

  test('after page until there are no more gives all events once, in their order', async () => {
    const all: bigint[] = [];
    let beforeSeq = 0n;
    for (let hasMore = true; hasMore; ) {
      ana.send(history('general', { beforeSeq, epoch, limit: 7 }));
      const page = await ana.hear('history');
      all.unshift(...seqsOf(page));
      beforeSeq = all[0] ?? 0n;
      hasMore = page.hasMore;
    }
    expect(all).toEqual(Array.from({ length: HEAD }, (_, i) => BigInt(i + 1)));
  });

  test('holds the very events that were delivered live', async () => {
    ana.send(history('general', { limit: MAX_PAGE_SIZE }));
    const { events } = await ana.hear('history');
    expect(events.map(({ event }) => event?.value)).toEqual(ana.all('broadcast').slice(-MAX_PAGE_SIZE));
  });

  test('stops before 48 KiB, and has more', async () => {
    await using large = await startServer();
    const bob = await fullClient(large.port, 'bob', ['general']);
    bob.send(...Array.from({ length: 40 }, () => chat('general', 'x'.repeat(4000))), history('general'));
    const page = await bob.hear('history');
    expect(page.hasMore).toBe(true);
    // Twelve messages of a little more than 4,000 bytes are within 49,152 and thirteen are not.
    expect(seqsOf(page)).toHaveLength(12);
  });
});

interface PositionCase {
  readonly name: string;
  readonly asked: { readonly beforeSeq?: bigint; readonly epoch?: string };
}

const BEYOND: readonly PositionCase[] = [
  { name: 'two behind the head', asked: { beforeSeq: BigInt(HEAD + 2) } },
  { name: '11 2^53', asked: { beforeSeq: 2n ** 53n } },
  { name: '11 2^53 + 1', asked: { beforeSeq: 2n ** 53n + 1n } },
  { name: '11 2^63', asked: { beforeSeq: 2n ** 63n } },
  { name: '11 2^64 - 1', asked: { beforeSeq: 2n ** 64n - 1n } },
  { name: "an epoch that is not the room's", asked: { epoch: 'another', beforeSeq: 1n } },
];

describe('a position that is not in the room is refused and the stream goes on', () => {
  test.each(BEYOND)('$name', async ({ asked }) => {
    ana.send(history('general', { ...asked, requestId: 'r-1' }), heartbeat('still there'));
    const refusal = { code: status.INVALID_ARGUMENT, reason: 'invalid_position', room: 'general' };
    expect(await ana.hear('error')).toMatchObject({ requestId: 'r-1', ...refusal });
    await ana.hear('heartbeat');
  });
});

function seqsOf({ events }: { events: readonly { event?: { value: object } | undefined }[] }): bigint[] {
  return events.map(({ event }) => (event !== undefined && 'seq' in event.value ? BigInt(`${event.value.seq}`) : -1n));
}

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { coreWorld, hello, join, post } from '../../support/core-world.ts';

const MAX_PAGE_BYTES = 48 * 1024;
const MAX_PAGE_SIZE = 20;

test('a page of history holds the newest events before a seq, in order, as many as fit', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 4096 }), { maxLength: 60 });
  fc.assert(
    fc.property(sizes, fc.constantFrom(1, 16, 1024), fc.nat(), fc.nat(30), (given, kibibytes, nth, limit) => {
      const world = coreWorld({ roomHistoryBytes: kibibytes * 1024, maxPageSize: MAX_PAGE_SIZE });
      const client = world.client();
      client.say(hello('ana'));
      client.say(join('red'));
      for (const size of given) client.say(post('red', 'x'.repeat(size)));
      const log = world.rooms.get('red')?.log;
      if (log === undefined) throw new Error('there is no room');
      const before = 1 + (nth % (log.head + 1));
      world.settle([client]);
      client.say({ kind: 'history', room: 'red', epoch: '', beforeSeq: BigInt(before), limit });
      world.settle([client]);

      const page = client.told.at(-1);
      if (page?.$case !== 'history') throw new Error(`told of ${page?.$case}`);
      const { events, hasMore } = page.value;
      const seqs = events.map(({ event }) =>
        event !== undefined && 'seq' in event.value ? Number(event.value.seq) : 0,
      );
      if (before <= log.oldest) {
        expect({ seqs, hasMore }).toEqual({ seqs: [], hasMore: false });
        return;
      }
      const from = before - seqs.length;
      expect(seqs).toEqual(Array.from({ length: before - from }, (_, i) => from + i));
      expect(seqs.length).toBeGreaterThan(0);
      expect(hasMore).toBe(from > log.oldest);
      const most = limit === 0 || limit > MAX_PAGE_SIZE ? MAX_PAGE_SIZE : limit;
      expect(seqs.length).toBeLessThanOrEqual(most);
      const bytes = seqs.reduce((sum, seq) => sum + log.sizeOf(seq), 0);
      expect(bytes <= MAX_PAGE_BYTES || seqs.length === 1).toBe(true);
      // One more would have been too many or too large.
      if (hasMore) expect(seqs.length === most || bytes + log.sizeOf(from - 1) > MAX_PAGE_BYTES).toBe(true);
    }),
    { numRuns: 200 },
  );
});

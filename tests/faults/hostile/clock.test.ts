import { describe, expect, test, vi } from 'vitest';
import { chat } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { LiveClient } from '../support/live-client.ts';
import { ServerProcess } from '../support/server-process.ts';
import { expectToldAlike, hearsLeaveOf, leavesOf } from '../support/told-alike.ts';

const ROOM = 'lobby';
const PRELOAD = new URL('support/jump-clock.ts', import.meta.url).href;
/** What the server's clock says beside the true time, at first and jump after jump. */
const HOURS = [0, 1, -1, 0];
const JUMPS = HOURS.length - 1;
const HOUR_MS = 3_600_000;

/** A server whose clock can jump. */
function start(settings: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  return ServerProcess.start(settings, { NODE_OPTIONS: `--import=${PRELOAD}` });
}

async function jump(server: ServerProcess): Promise<void> {
  const before = server.logged('jumped').length;
  server.signal('SIGHUP');
  await vi.waitFor(() => expect(server.logged('jumped')).toHaveLength(before + 1), { timeout: 20_000, interval: 10 });
}

describe('when the clock of the system jumps by an hour, there and back', () => {
  test('37 seqs and order go on, though the times that are told jump', async () => {
    await using server = await start();
    const [ana, bob] = [
      await LiveClient.enter(server.port, 'ana', [ROOM]),
      await LiveClient.enter(server.port, 'bob', [ROOM]),
    ];
    let head = 0;
    for (const [jumps, hours] of HOURS.entries()) {
      if (jumps > 0) await jump(server);
      for (const client of [ana, bob]) head = await client.say(ROOM, `${hours}`);
      for (const client of [ana, bob]) await client.reaches(ROOM, head);
    }
    expectToldAlike([ana, bob], ROOM, 2 + 2 * HOURS.length);
    for (const { content, timestampUtc } of ana.all('broadcast')) {
      const hoursBeside = (Number(timestampUtc) - Date.now()) / HOUR_MS;
      expect(hoursBeside).toBeCloseTo(Number(content), 0);
    }
  });

  test('37 the rate limit is as strict as before, and opens again', async () => {
    await using server = await start({ RATE_LIMIT: '1', RATE_BURST: '5' });
    const beganAtMs = performance.now();
    const ana = await fullClient(server.port, 'ana', [ROOM]);
    for (const jumps of HOURS.keys()) {
      if (jumps > 0) await jump(server);
      ana.send(...Array.from({ length: 50 }, (_, i) => chat(ROOM, `${i}`, { requestId: `${jumps}-${i}` })));
      const isLast = ({ requestId }: { readonly requestId: string }) => requestId === `${jumps}-49`;
      await ana.until(() => [...ana.all('ack'), ...ana.all('error')].find(isLast));
    }
    // By the clock that jumps there would be another five after each jump ahead.
    const seconds = (performance.now() - beganAtMs) / 1000;
    expect(ana.all('ack').length).toBeLessThanOrEqual(5 + seconds);
    const { retryAfterMs } = ana.all('error').at(-1) ?? { retryAfterMs: Number.POSITIVE_INFINITY };
    expect(retryAfterMs).toBeLessThanOrEqual(1000);
    await vi.waitFor(
      () => {
        ana.send(chat(ROOM, 'again', { requestId: 'again' }));
        expect(ana.all('ack').at(-1)).toMatchObject({ requestId: 'again' });
      },
      { timeout: 20_000, interval: 200 },
    );
  });

  test('37 a seat that is kept for half an hour is kept', async () => {
    await using server = await start({ RESUME_GRACE: '30m', HANDSHAKE_TIMEOUT: '100ms' });
    const witness = await LiveClient.enter(server.port, 'witness', [ROOM]);
    let ana = await LiveClient.enter(server.port, 'ana', [ROOM]);
    for (let jumps = 0; jumps < JUMPS; jumps++) {
      ana.destroySocket();
      await server.hasClosed('lost');
      await jump(server);
      // When one that says nothing was judged, so was everybody.
      const { trailers } = await new RawClient(server.port).ended;
      expect(trailers['chat-reason']).toBe('handshake_timeout');
      ana = await ana.comeBack(server.port);
    }
    expect(ana.ledger(ROOM).recovered).toEqual([false, true, true, true]);
    expect(leavesOf(witness, 'ana')).toEqual([]);
  });

  test('37 a seat that is kept for a moment ends after it', async () => {
    await using server = await start({ RESUME_GRACE: '500ms' });
    const witness = await LiveClient.enter(server.port, 'witness', [ROOM]);
    for (const userId of ['ana', 'bob', 'cem']) {
      const client = await LiveClient.enter(server.port, userId, [ROOM]);
      client.destroySocket();
      await jump(server);
      expect(await hearsLeaveOf(witness, userId)).toMatchObject({ reason: 'LOST' });
    }
  });
});

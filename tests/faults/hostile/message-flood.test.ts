import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { chat, hello, join } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { Besieged } from './support/besieged.ts';

const LIMIT = 50;
const BURST = 100;
const SETTINGS = { RATE_LIMIT: `${LIMIT}`, RATE_BURST: `${BURST}` };

/** Sends what it is given, again and again, until its stream is over; how long that took. */
async function floodWith(client: RawClient, envelopes: readonly Buffer[]) {
  const sinceMs = performance.now();
  let end: Awaited<RawClient['ended']> | undefined;
  void client.ended.then((how) => {
    end = how;
  });
  while (end === undefined) {
    client.send(...envelopes);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return { ...end, seconds: (performance.now() - sinceMs) / 1000 };
}

describe('31 a flood of messages', () => {
  test('31 is refused as rate_limited, and ends after ten seconds of it; the room is told no more than the rate', async () => {
    await using besieged = await Besieged.start(SETTINGS);
    const witness = await fullClient(besieged.port, 'witness', ['lobby']);
    const flood = Array.from({ length: 100 }, (_, i) => chat('lobby', `spam ${i}`));
    const {
      status: code,
      trailers,
      seconds,
    } = await besieged.endures(async (port) => {
      const mallory = await fullClient(port, 'mallory', ['lobby']);
      const end = await floodWith(mallory, flood);
      expect(mallory.all('error').length).toBeGreaterThan(0);
      expect(new Set(mallory.all('error').map(({ reason }) => reason))).toEqual(new Set(['rate_limited']));
      return end;
    });

    expect({ code, reason: trailers['chat-reason'] }).toEqual({
      code: status.RESOURCE_EXHAUSTED,
      reason: 'rate_limited',
    });
    const told = witness.all('broadcast').filter(({ userId }) => userId === 'mallory');
    expect(told.length).toBeGreaterThan(BURST);
    expect(told.length).toBeLessThanOrEqual(BURST + LIMIT * Math.ceil(seconds));
    await besieged.server.hasClosed('rate_limited');
    witness.destroySocket();
  });

  test('31 from many on one transport each: every one of them ends, and the two who chat do not notice', async () => {
    await using besieged = await Besieged.start(SETTINGS);
    await besieged.endures(async (port) => {
      const floods = Array.from({ length: 10 }, async (_, i) => {
        const client = await fullClient(port, `mallory-${i}`, [`room-${i}`]);
        return floodWith(
          client,
          Array.from({ length: 50 }, (_, n) => chat(`room-${i}`, `spam ${n}`)),
        );
      });
      for (const { trailers } of await Promise.all(floods)) expect(trailers['chat-reason']).toBe('rate_limited');
    });
  });

  test('31 whoever comes back with its token is as late as before: the rate goes on with the session', async () => {
    await using besieged = await Besieged.start({ RATE_LIMIT: '5', RATE_BURST: '200', RESUME_GRACE: '1h' });
    const first = await fullClient(besieged.port, 'mallory', ['cellar']);
    first.send(...Array.from({ length: 250 }, (_, i) => chat('cellar', `${i}`)));
    await first.hear('error', ({ reason }) => reason === 'rate_limited');
    const token = first.all('welcome')[0]?.resumeToken ?? '';
    first.destroySocket();
    await first.ended;
    const again = new RawClient(besieged.port);
    again.send(hello('mallory', { resumeToken: token }), join('cellar'));
    await again.hear('welcome', ({ resumed }) => resumed);
    again.send(...Array.from({ length: 100 }, (_, i) => chat('cellar', `again ${i}`)));
    expect(await again.hear('error')).toMatchObject({ reason: 'rate_limited' });
    again.destroySocket();
  });
});

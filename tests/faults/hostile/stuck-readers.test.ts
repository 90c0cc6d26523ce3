import { expect, test } from 'vitest';
import { envelope, hello } from '../../support/envelopes.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { LiveClient } from '../support/live-client.ts';
import { Besieged } from './support/besieged.ts';

const ROOM = 'lobby';
const STUCK = 100;
const WINDOW_BYTES = 4096;
/** One write of 64 KiB, and as much again for all that a stream costs. */
const MOST_BYTES_EACH = 128 * 1024;

test('24 a hundred that stop reading: each costs one write at most, which is given back when it is cut', async () => {
  const settings = { RATE_LIMIT: '0', STUCK_WRITE_TIMEOUT: '2s', RESUME_GRACE: '100ms', FOLD_ABOVE: '10' };
  await using besieged = await Besieged.start(settings);
  const speaker = await LiveClient.enter(besieged.port, 'speaker', [ROOM]);
  const before = await besieged.held();
  await besieged.endures(async (port) => {
    const stuck = await Promise.all(Array.from({ length: STUCK }, () => ByteReader.open(port, WINDOW_BYTES)));
    for (const [i, one] of stuck.entries()) one.send(hello(`stuck-${i}`), envelope(1, { 2: ROOM }));
    await Promise.all(stuck.map((one) => one.until(() => one.told.find(({ $case }) => $case === 'joined'))));
    for (let i = 0; i < 100; i++) await speaker.say(ROOM, 'x'.repeat(2000));
    // The windows are full: what is being written to each does not get out.
    await Promise.all(stuck.map((one) => one.until(() => (one.read === WINDOW_BYTES ? true : undefined))));
    const { held } = await besieged.held();
    expect(held - before.held).toBeLessThan(STUCK * MOST_BYTES_EACH);
    await Promise.all(stuck.map((one) => one.until(() => one.resetCode)));
    for (const one of stuck) one.end();
  });
  expect(besieged.server.closed.filter((reason) => reason === 'slow_consumer').length).toBeGreaterThan(0);
  speaker.destroySocket();
});

import { expect, test } from 'vitest';
import { hello, join } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import { frame, request, TYPE } from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const TIMES = 10_000;
/** At the same time. */
const AT_ONCE = 20;

/** Does a thing so often, some of them at a time. */
async function often(times: number, act: (nth: number) => Promise<void>): Promise<void> {
  let begun = 0;
  const worker = async () => {
    while (begun < times) await act(begun++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

test('27 10,000 connects and disconnects: no memory, no socket and no timer stay behind', async () => {
  await using besieged = await Besieged.start();
  await besieged.endures((port) =>
    often(TIMES, async () => {
      const peer = await HostilePeer.connect(port);
      peer.end();
      await peer.ended;
    }),
  );
  expect([...besieged.refused]).toEqual([]);
});

test('27 3,000 who come, join and are gone: no seat, no session and no timer stay behind', async () => {
  await using besieged = await Besieged.start({ RESUME_GRACE: '100ms', ROOM_HISTORY_AGE: '1s' });
  await besieged.endures((port) =>
    often(3000, async (nth) => {
      const peer = await HostilePeer.greet(port);
      const first = Buffer.concat([hello(`user-${nth}`), join(`room-${nth % 100}`)].map(framed));
      await peer.send(Buffer.concat([request(1), frame(TYPE.data, 0, 1, first)]));
      await peer.until(() => peer.count(TYPE.data) > 0);
      peer.end();
      await peer.ended;
    }),
  );
});

import { setTimeout as wait } from 'node:timers/promises';
import type { MeasuredServer } from '../../faults/soak/measured.ts';
import type { Measured } from '../../faults/soak/measured-server.ts';
import { Guest } from './guest.ts';
import { inGroups } from './idle.ts';
import { memoryOf } from './weight.ts';

const ROOMS = 64;
/** More than a room's log may hold. */
const MESSAGES = 800;
const CONTENT = 'x'.repeat(2000);
/** How long an empty room is remembered here, and a few sweeps. */
const FORGOTTEN_AFTER_MS = 5000;
const MEBIBYTE = 2 ** 20;

/** What the logs of rooms hold that are full, and what is left of it when everybody has gone and the rooms are forgotten. */
export async function burst(server: MeasuredServer): Promise<string> {
  // The first is for the compiler.
  await oneBurst(server);
  const before = await memoryOf(server);
  const full = await oneBurst(server);
  const left = await memoryOf(server);
  const mebibytes = (of: (measured: Measured) => number) => (measured: Measured) =>
    (of(measured) / MEBIBYTE).toFixed(1);
  const held = mebibytes(({ heapUsed, external }) => heapUsed + external);
  const resident = mebibytes(({ rss }) => rss);
  const line = (when: string, one: Measured) => `${when}: ${held(one)} MiB heap and external, RSS ${resident(one)}`;
  return [
    `A burst that fills the logs of ${ROOMS} rooms`,
    line('before', before),
    line('with full logs', full),
    line('when the rooms are forgotten', left),
  ].join('\n');
}

/** Memory while the logs were full. */
async function oneBurst(server: MeasuredServer): Promise<Measured> {
  const guests = await inGroups(ROOMS, async (i) => {
    const guest = await Guest.full(server.port, `guest-${i}`);
    await guest.join([`room-${i}`]);
    await guest.say(`room-${i}`, Array<string>(MESSAGES).fill(CONTENT));
    return guest;
  });
  const full = await memoryOf(server);
  await inGroups(ROOMS, async (i) => {
    await guests[i]?.leave([`room-${i}`]);
    guests[i]?.end();
  });
  await wait(FORGOTTEN_AFTER_MS);
  return full;
}

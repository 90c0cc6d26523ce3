import { expect, test } from 'vitest';
import { ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import { join, leave } from '../../support/envelopes.ts';
import { fullClient } from '../../support/raw-client.ts';
import { Besieged } from './support/besieged.ts';

const CLIENTS = 20;
/** Of joins and leaves, for each of the clients. */
const ROUNDS = 1000;
const FOLD_ABOVE = 50;

test('32 40,000 joins and leaves of one room, as fast as they are taken: announced in a few notices, with the right numbers', async () => {
  await using besieged = await Besieged.start({ RATE_LIMIT: '0', FOLD_ABOVE: `${FOLD_ABOVE}` });
  const witness = await fullClient(besieged.port, 'witness', ['square']);
  await besieged.endures(async (port) => {
    const names = Array.from({ length: CLIENTS }, (_, i) => `mallory-${i}`);
    const clients = await Promise.all(names.map((name) => fullClient(port, name)));
    await Promise.all(
      clients.map(async (client) => {
        for (let round = 0; round < ROUNDS; round += 100) {
          client.send(...Array.from({ length: 100 }, () => [join('square'), leave('square')]).flat());
          await client.until(() => (client.all('left').length === round + 100 ? true : undefined));
        }
      }),
    );
    for (const client of clients) client.destroySocket();
    await Promise.all(clients.map(({ ended }) => ended));
  });

  const changes = 2 * CLIENTS * ROUNDS;
  await witness.until(() => (told() >= changes ? true : undefined));
  expect(told()).toBe(changes);
  const notices = witness.all('notice');
  const times = notices.map(({ timestampUtc }) => Number(timestampUtc));
  const seconds = Math.ceil((Math.max(...times) - Math.min(...times)) / 1000) + 1;
  // Those that are announced one by one, and a fold of the rest.
  expect(notices.length).toBeLessThanOrEqual(seconds * (FOLD_ABOVE + 1));
  witness.destroySocket();

  /** Joins and leaves of the flood that the witness was told of. */
  function told(): number {
    return witness.all('notice').reduce((sum, { type, joinedCount, leftCount }) => {
      return sum + (type === ServerNotice_Type.GENERIC ? joinedCount + leftCount : 1);
    }, 0);
  }
});

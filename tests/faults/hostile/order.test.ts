import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { chat, heartbeat, hello, join, leave } from '../../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../../support/raw-client.ts';
import { framed } from '../../support/raw-stream.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { END_STREAM, frame, request, TYPE } from '../support/h2-frames.ts';
import { LiveClient } from '../support/live-client.ts';
import { hearsLeaveOf, leavesOf } from '../support/told-alike.ts';
import { besiegedThroughout } from './support/besieged-throughout.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const besieged = besiegedThroughout({ RATE_LIMIT: '0', FOLD_ABOVE: '1000', MAX_MEMBERS_PER_ROOM: '5' });

/** How often pairs race for one thing. */
const RACES = 50;

test('18 leave twice and chat after it, from a full client, are refused in-band and change nothing', async () => {
  const client = await fullClient(besieged().port, 'mallory', ['left']);
  client.send(
    leave('left', { requestId: 'first' }),
    leave('left', { requestId: 'second' }),
    chat('left', 'too late', { requestId: 'chat' }),
    join('left', { requestId: 'again' }),
  );
  await client.hear('joined');
  expect(client.all('left').map(({ requestId }) => requestId)).toEqual(['first']);
  const refusals = client.all('error').map(({ requestId, reason }) => ({ requestId, reason }));
  expect(refusals).toEqual(['second', 'chat'].map((requestId) => ({ requestId, reason: 'not_a_member' })));
  expect(client.all('joined')[1]).toMatchObject({ requestId: 'again', headSeq: 3n, memberCount: 1 });
  client.destroySocket();
});

test('18 what a basic client says behind its last leave is dropped with its stream, which ends OK', async () => {
  const witness = await LiveClient.enter(besieged().port, 'witness', ['basic']);
  const client = await basicClient(besieged().port, 'mallory', ['basic']);
  // It is owed its own words still when it has left.
  client.send(chat('basic', 'in time'), leave('basic'), chat('basic', 'too late'), join('basic'), leave('basic'));
  expect((await client.ended).status).toBe(status.OK);
  await hearsLeaveOf(witness, 'mallory');
  await witness.say('basic', 'still here');
  expect([...witness.log('basic').values()]).toEqual([
    'mallory joined',
    'mallory said in time ()',
    'mallory left: LEFT',
    'witness said still here ()',
  ]);
  witness.destroySocket();
});

test('18 frames behind a half-close end the transport, and nothing in them counts', async () => {
  const witness = await LiveClient.enter(besieged().port, 'witness', ['closed']);
  const peer = await HostilePeer.greet(besieged().port);
  const data = (flags: number, envelope: Buffer) => frame(TYPE.data, flags, 1, framed(envelope));
  await peer.send(Buffer.concat([request(1), data(0, join('closed', { userId: 'mallory' }))]));
  await witness.hear('notice', ({ userId }) => userId === 'mallory');
  await peer.send(Buffer.concat([data(END_STREAM, chat('closed', 'in time')), data(0, chat('closed', 'too late'))]));
  await peer.ended;
  await hearsLeaveOf(witness, 'mallory');
  await witness.say('closed', 'still here');
  const log = [...witness.log('closed').values()];
  expect(log.filter((what) => what.includes('too late'))).toEqual([]);
  expect(leavesOf(witness, 'mallory')).toHaveLength(1);
  witness.destroySocket();
});

test('19 an envelope in the same packet as the cancel of its stream: the seat ends once, as lost, whatever was taken', async () => {
  const witness = await LiveClient.enter(besieged().port, 'witness', ['cancelled']);
  for (let i = 0; i < RACES; i++) {
    const userId = `user-${i}`;
    const client = await ByteReader.open(besieged().port, 65_535);
    client.send(join('cancelled', { userId }));
    await client.until(() => client.told.find(({ $case }) => $case === 'joined'));
    client.sendAndCancel(chat('cancelled', 'farewell'));
    expect(await hearsLeaveOf(witness, userId)).toMatchObject({ reason: 'LOST' });
    client.end();
  }
  const head = await witness.say('cancelled', 'still here');
  await witness.reaches('cancelled', head);
  expect(witness.violations).toEqual([]);
  for (let i = 0; i < RACES; i++) expect(leavesOf(witness, `user-${i}`)).toHaveLength(1);
  witness.destroySocket();
});

describe('20 of those who reach for one thing at once exactly one gets it:', () => {
  test('20 the last free seat', async () => {
    for (let i = 0; i < RACES; i++) {
      const room = `seat-${i}`;
      const holders = await Promise.all([1, 2, 3, 4].map((n) => fullClient(besieged().port, `holder-${n}`, [room])));
      const rivals = await Promise.all([1, 2].map((n) => fullClient(besieged().port, `rival-${n}`)));
      for (const rival of rivals) rival.send(join(room), heartbeat('behind it'));
      for (const rival of rivals) await rival.hear('heartbeat');
      expect(rivals.map((rival) => rival.all('joined').length).sort()).toEqual([0, 1]);
      expect(rivals.flatMap((rival) => rival.all('error'))).toMatchObject([{ reason: 'room_full' }]);
      for (const client of [...holders, ...rivals]) client.destroySocket();
    }
  });

  test('20 a user id, on two streams that begin in the same moment', async () => {
    const witness = await LiveClient.enter(besieged().port, 'witness', ['twins']);
    for (let i = 0; i < RACES; i++) {
      const userId = `twin-${i}`;
      const twins = [new RawClient(besieged().port), new RawClient(besieged().port)];
      for (const twin of twins) twin.send(hello(userId), join('twins'), heartbeat('behind it'));
      for (const twin of twins) await twin.hear('heartbeat');
      expect(twins.map((twin) => twin.all('joined').length).sort()).toEqual([0, 1]);
      expect(twins.flatMap((twin) => twin.all('error'))).toMatchObject([{ reason: 'user_taken' }]);
      for (const twin of twins) twin.send(leave('twins'));
      await hearsLeaveOf(witness, userId);
      for (const twin of twins) twin.destroySocket();
    }
    expect(witness.violations).toEqual([]);
    expect(witness.log('twins').size).toBe(2 * RACES);
    witness.destroySocket();
  });
});

test('21 a position of another room is one of another epoch: nothing is recovered, and the room is told from its beginning', async () => {
  const client = await LiveClient.enter(besieged().port, 'mallory', ['one', 'other']);
  await client.say('one', 'first');
  const seq = await client.say('one', 'second');
  await client.say('other', 'elsewhere');
  const { epoch } = client.ledger('one');
  client.send(leave('other'), join('other', { position: { epoch, seq }, requestId: 'swapped' }));
  const joined = await client.hear('joined', ({ requestId }) => requestId === 'swapped');
  expect(joined).toMatchObject({ recovered: false, position: { seq: 0n } });
  expect(joined.position?.epoch).not.toBe(epoch);
  await client.hear('broadcast', (said) => said.content === 'elsewhere' && said.room === 'other');
  client.destroySocket();
});

import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { LeaveReason } from '../../../api/gen/chat/v1/chat.ts';
import { chat, heartbeat } from '../../support/envelopes.ts';
import { fullClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

const FAULT = new Error('broken on purpose');

/** Ana's session throws whatever it is told next; bob is in the same room. */
async function withBrokenSession() {
  const server = await startServer({ CHAT_GRPC_RESUME_GRACE: '0s' });
  const ana = await fullClient(server.port, 'ana', ['general']);
  for (const { session } of server.grpc.connections) {
    session.receive = () => {
      throw FAULT;
    };
  }
  const bob = await fullClient(server.port, 'bob', ['general']);
  return { server, ana, bob, [Symbol.asyncDispose]: server.stop };
}

describe('a fault of ours within one stream', () => {
  test('33 ends it INTERNAL with a correlation id', async () => {
    await using world = await withBrokenSession();
    world.ana.send(heartbeat('1'));
    const end = await world.ana.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({
      code: status.INTERNAL,
      reason: 'internal',
    });
    expect(end.message).toMatch(/[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/);
  });

  test('33 says nothing of the fault to the client', async () => {
    await using world = await withBrokenSession();
    world.ana.send(heartbeat('1'));
    expect((await world.ana.ended).message).not.toContain(FAULT.message);
  });

  test('33 is reported', async () => {
    await using world = await withBrokenSession();
    world.ana.send(heartbeat('1'));
    await world.ana.ended;
    expect(world.server.faults).toEqual([FAULT]);
  });

  test('33 leaves the other streams alone', async () => {
    await using world = await withBrokenSession();
    world.ana.send(heartbeat('1'));
    await world.ana.ended;
    world.bob.send(chat('general', 'unmoved'));
    expect(await world.bob.hear('broadcast')).toMatchObject({ content: 'unmoved' });
  });

  test('33 is a lost member to the room', async () => {
    await using world = await withBrokenSession();
    world.ana.send(heartbeat('1'));
    expect(await world.bob.hear('notice')).toMatchObject({ userId: 'ana', reason: LeaveReason.LOST });
  });
});

import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { LeaveReason } from '../../../api/gen/chat/v1/chat.ts';
import { chat, heartbeat, hello, message } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { type RawEnd, RawStream } from '../../support/raw-stream.ts';
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

type Server = Awaited<ReturnType<typeof startServer>>;
type Session =
  Server['grpc']['connections'] extends Set<infer C> ? (C extends { session: infer S } ? S : never) : never;

function broken(): never {
  throw FAULT;
}

interface BrokenCase {
  readonly name: string;
  readonly breaks: (session: Session) => void;
  /** What its client does then. */
  readonly happens: (client: RawClient) => void;
}

const BROKEN: readonly BrokenCase[] = [
  {
    name: 'when it is asked whether it may be read on',
    breaks: (session) => Object.defineProperty(session, 'isFull', { get: broken }),
    happens: (client) => client.send(heartbeat('1')),
  },
  {
    name: 'when a write has left',
    breaks: (session) => Object.defineProperty(session.outbox, 'isFull', { get: broken }),
    happens: (client) => client.send(heartbeat('1')),
  },
  {
    name: 'when it is half-closed',
    breaks: (session) => Object.assign(session, { halfClose: broken }),
    happens: (client) => client.halfClose(),
  },
];

describe('33 a fault of ours in a listener of a stream', () => {
  test.each(BROKEN)('33 $name ends it INTERNAL, and the server goes on', async ({ breaks, happens }) => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '0s' });
    const ana = await fullClient(server.port, 'ana', ['general']);
    for (const { session } of server.grpc.connections) breaks(session);
    const bob = await fullClient(server.port, 'bob', ['general']);
    happens(ana);
    expectInternal(await ana.ended);
    expect(server.faults).toEqual([FAULT]);
    bob.send(chat('general', 'unmoved'));
    expect(await bob.hear('broadcast')).toMatchObject({ content: 'unmoved' });
  });
});

describe('33 a fault of ours in a handler ends the call INTERNAL, and is reported', () => {
  test('33 where a stream begins', async () => {
    await using server = await startServer();
    server.sessions.open = broken;
    const client = new RawClient(server.port);
    client.send(hello('ana'));
    expectInternal(await client.ended);
    expect(server.faults).toEqual([FAULT]);
  });

  test('33 where a stream is told of, and it is gone like any other', async () => {
    await using server = await startServer({}, undefined, { opened: broken });
    const client = new RawClient(server.port);
    client.send(hello('ana'));
    expectInternal(await client.ended);
    expect(server.faults).toEqual([FAULT]);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(0));
    expect(server.closed).toEqual(['internal']);
  });

  test('33 in ListRooms', async () => {
    await using server = await startServer();
    server.rooms.all = broken;
    const call = new RawStream(server.port, { path: '/chat.v1.ChatService/ListRooms' });
    call.send(message({}));
    call.halfClose();
    expectInternal(await call.ended);
    expect(server.faults).toEqual([FAULT]);
  });
});

function expectInternal({ status: code, trailers, message: words }: RawEnd): void {
  expect({ code, reason: trailers['chat-reason'] }).toEqual({ code: status.INTERNAL, reason: 'internal' });
  expect(words).not.toContain(FAULT.message);
}

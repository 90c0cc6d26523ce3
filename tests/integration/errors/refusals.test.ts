import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import { chat, heartbeat, history, join, leave } from '../../support/envelopes.ts';
import { basicClient, fullClient, RawClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

/** Ana, in general, says something that is refused in-band; bob is in general and in busy. */
interface RefusalCase {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly envelope: (requestId: string) => Buffer;
  readonly code: status;
  readonly reason: string;
  readonly room: string;
}

const REFUSALS: readonly RefusalCase[] = [
  {
    name: 'a user id that another holds in the room',
    envelope: (requestId) => join('taken', { requestId }),
    code: status.ALREADY_EXISTS,
    reason: 'user_taken',
    room: 'taken',
  },
  {
    name: '18 a room that is joined already',
    envelope: (requestId) => join('general', { requestId }),
    code: status.ALREADY_EXISTS,
    reason: 'already_joined',
    room: 'general',
  },
  {
    name: '18 chat in a room that is not joined',
    envelope: (requestId) => chat('busy', 'hello', { requestId }),
    code: status.FAILED_PRECONDITION,
    reason: 'not_a_member',
    room: 'busy',
  },
  {
    name: 'chat in a room that does not exist',
    envelope: (requestId) => chat('nowhere', 'hello', { requestId }),
    code: status.FAILED_PRECONDITION,
    reason: 'not_a_member',
    room: 'nowhere',
  },
  {
    name: '18 leave of a room that is not joined',
    envelope: (requestId) => leave('busy', { requestId }),
    code: status.FAILED_PRECONDITION,
    reason: 'not_a_member',
    room: 'busy',
  },
  {
    name: "join in somebody else's name",
    envelope: (requestId) => join('busy', { userId: 'bob', requestId }),
    code: status.PERMISSION_DENIED,
    reason: 'not_your_identity',
    room: 'busy',
  },
  {
    name: "chat in somebody else's name",
    envelope: (requestId) => chat('general', 'I am bob', { userId: 'bob', requestId }),
    code: status.PERMISSION_DENIED,
    reason: 'not_your_identity',
    room: 'general',
  },
  {
    name: "leave in somebody else's name",
    envelope: (requestId) => leave('general', { userId: 'bob', requestId }),
    code: status.PERMISSION_DENIED,
    reason: 'not_your_identity',
    room: 'general',
  },
  {
    name: 'an empty message',
    envelope: (requestId) => chat('general', '', { requestId }),
    code: status.INVALID_ARGUMENT,
    reason: 'empty_message',
    room: 'general',
  },
  {
    name: 'a message that is too long in bytes',
    settings: { CHAT_GRPC_MAX_CONTENT_BYTES: '100' },
    envelope: (requestId) => chat('general', 'é'.repeat(51), { requestId }),
    code: status.INVALID_ARGUMENT,
    reason: 'message_too_long',
    room: 'general',
  },
  {
    name: 'a room that is full',
    settings: { CHAT_GRPC_MAX_MEMBERS_PER_ROOM: '3' },
    envelope: (requestId) => join('busy', { requestId }),
    code: status.RESOURCE_EXHAUSTED,
    reason: 'room_full',
    room: 'busy',
  },
  {
    name: 'more rooms than a session may have',
    settings: { CHAT_GRPC_MAX_ROOMS_PER_SESSION: '3' },
    envelope: (requestId) => join('one-more', { requestId }),
    code: status.RESOURCE_EXHAUSTED,
    reason: 'too_many_rooms',
    room: 'one-more',
  },
  {
    name: 'more rooms than the server may have',
    settings: { CHAT_GRPC_MAX_ROOMS: '5' },
    envelope: (requestId) => join('one-more', { requestId }),
    code: status.RESOURCE_EXHAUSTED,
    reason: 'server_full',
    room: 'one-more',
  },
];

/** Five rooms: general, second and third of ana; busy with three members; taken, by another ana. */
async function populated(settings: RefusalCase['settings'] = {}) {
  const server = await startServer(settings);
  for (const userId of ['bob', 'cem', 'dana']) await fullClient(server.port, userId, ['busy']);
  await fullClient(server.port, 'ana', ['taken']);
  return server;
}

const ROOMS_OF_ANA = ['general', 'second', 'third'] as const;

describe('a full client is told in-band, with its request_id, and goes on', () => {
  test.each(REFUSALS)('$name', async ({ settings, envelope, code, reason, room }) => {
    await using server = await populated(settings);
    const ana = await fullClient(server.port, 'ana', ROOMS_OF_ANA);
    ana.send(envelope('r-1'), heartbeat('still there'));
    const error = await ana.hear('error');
    expect(error).toMatchObject({ requestId: 'r-1', code, reason, room, retryAfterMs: 0 });
    await ana.hear('heartbeat');
    expect(ana.all('error')).toEqual([error]);
  });

  test('history of a room that is not joined', async () => {
    await using server = await populated();
    const ana = await fullClient(server.port, 'ana');
    ana.send(history('busy', { requestId: 'r-1' }), heartbeat('still there'));
    const refusal = { code: status.FAILED_PRECONDITION, reason: 'not_a_member', room: 'busy' };
    expect(await ana.hear('error')).toMatchObject({ requestId: 'r-1', ...refusal });
    await ana.hear('heartbeat');
  });
});

describe('a basic client is told by a notice of type ERROR, and goes on', () => {
  test.each(REFUSALS)('$name', async ({ settings, envelope, room }) => {
    await using server = await populated(settings);
    const ana = await basicClient(server.port, 'ana', ROOMS_OF_ANA);
    ana.send(envelope('r-1'), chat('second', 'still there'));
    await ana.hear('broadcast');
    expect(ana.all('notice')).toMatchObject([{ type: ServerNotice_Type.ERROR, room, seq: 0n }]);
  });
});

describe('a refused envelope changes nothing for the others', () => {
  test.each(REFUSALS)('$name', async ({ settings, envelope }) => {
    await using server = await populated(settings);
    const ana = await fullClient(server.port, 'ana', ROOMS_OF_ANA);
    const before = heads(server);
    ana.send(envelope('r-1'));
    await ana.hear('error');
    expect(heads(server)).toEqual(before);
  });
});

interface FirstJoinCase {
  readonly name: string;
  readonly settings?: Readonly<Record<string, string>>;
  readonly join: Buffer;
  readonly code: status;
  readonly reason: string;
}

const FIRST_JOINS: readonly FirstJoinCase[] = [
  {
    name: 'a user id that another holds',
    join: join('taken', { userId: 'ana' }),
    code: status.ALREADY_EXISTS,
    reason: 'user_taken',
  },
  {
    name: 'a room that is full',
    settings: { CHAT_GRPC_MAX_MEMBERS_PER_ROOM: '3' },
    join: join('busy', { userId: 'ana' }),
    code: status.RESOURCE_EXHAUSTED,
    reason: 'room_full',
  },
  {
    name: 'more rooms than the server may have',
    settings: { CHAT_GRPC_MAX_ROOMS: '2' },
    join: join('one-more', { userId: 'ana' }),
    code: status.RESOURCE_EXHAUSTED,
    reason: 'server_full',
  },
];

describe('the first join of a basic client, refused, ends the stream', () => {
  test.each(FIRST_JOINS)('$name', async ({ settings, join: envelope, code, reason }) => {
    await using server = await populated(settings);
    const ana = new RawClient(server.port);
    ana.send(envelope);
    const end = await ana.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
  });
});

/** How far each room's log reaches, as a server of the same process sees it. */
function heads(server: Awaited<ReturnType<typeof startServer>>) {
  return [...server.rooms.all()].map(({ name, log, members }) => ({ name, head: log.head, members: members.size }));
}

/**
 * What the server is measured against: a chat server on grpc-js as most people
 * write it. The generated service with its own serialisation, a Set of calls a
 * room, and one `write` a member and message, whatever the state of the member's
 * stream. It takes basic and full clients, answers Hello, and never batches; it
 * leaves out acks, notices, limits and history.
 */
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import {
  type ChatServiceServer,
  ChatServiceService,
  type ClientEnvelope,
  type ServerEvent,
} from '../../api/gen/chat/v1/chat.ts';

type Call = ServerDuplexStream<ClientEnvelope, ServerEvent>;
type Event = NonNullable<ServerEvent['event']>;

interface Room {
  readonly members: Set<Call>;
  seq: bigint;
}

const rooms = new Map<string, Room>();

function channel(call: Call): void {
  let user = { userId: '', displayName: '' };
  const joined = new Set<Room>();

  call.on('data', ({ message, requestId }: ClientEnvelope) => {
    switch (message?.$case) {
      case 'hello': {
        user = named(message.value);
        const session = { sessionId: '', resumeToken: '', resumed: false, heartbeatIntervalMs: 0 };
        const value = { ...session, ...user, limits: undefined, server: 'plain', requestId };
        call.write(eventOf({ $case: 'welcome', value }));
        break;
      }
      case 'join': {
        if (user.userId === '') user = named(message.value);
        const { room: name } = message.value;
        const room = rooms.get(name) ?? { members: new Set<Call>(), seq: 0n };
        rooms.set(name, room);
        room.members.add(call);
        joined.add(room);
        const place = { userId: user.userId, room: name, headSeq: room.seq, memberCount: room.members.size };
        const words = { welcomeMessage: `Welcome to ${name}, ${user.displayName}!`, requestId };
        call.write(eventOf({ $case: 'joined', value: { ...place, ...words, position: undefined, recovered: false } }));
        break;
      }
      case 'chat': {
        const room = rooms.get(message.value.room);
        if (room === undefined || !joined.has(room)) break;
        room.seq += 1n;
        const value = { ...message.value, ...user, seq: room.seq, timestampUtc: BigInt(Date.now()) };
        const event = eventOf({ $case: 'broadcast', value });
        for (const member of room.members) member.write(event);
        break;
      }
      case 'leave': {
        const room = rooms.get(message.value.room);
        room?.members.delete(call);
        break;
      }
    }
  });
  const gone = () => {
    for (const room of joined) room.members.delete(call);
  };
  call.on('cancelled', gone);
  call.on('error', gone);
  call.on('end', () => {
    gone();
    call.end();
  });
}

function named({ userId, displayName }: { readonly userId: string; readonly displayName: string }) {
  return { userId, displayName: displayName || userId };
}

function eventOf(event: Event): ServerEvent {
  return { event, batch: [] };
}

const service: ChatServiceServer = { channel, listRooms: (_, reply) => reply(null, { rooms: [], nextPageToken: '' }) };
const address = `127.0.0.1:${process.argv[2]}`;
const server = new Server();
server.addService(ChatServiceService, service);
server.bindAsync(address, ServerCredentials.createInsecure(), (error) => {
  if (error) throw error;
  process.stdout.write(`${JSON.stringify({ address, msg: 'listening' })}\n`);
});

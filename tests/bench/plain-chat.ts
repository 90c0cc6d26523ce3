import type { ClientEnvelope, ServerEvent } from '../../api/gen/chat/v1/chat.ts';

type Event = NonNullable<ServerEvent['event']>;

interface Room<Peer> {
  readonly members: Set<Peer>;
  seq: bigint;
}

/** How events get to a peer, which are made ready once for all that get them. */
export interface Transmission<Peer, Ready> {
  readonly ready: (event: ServerEvent) => Ready;
  readonly send: (peer: Peer, event: Ready) => void;
}

/** What a peer says, and that it is gone. */
export interface PlainSession {
  readonly said: (envelope: ClientEnvelope) => void;
  readonly gone: () => void;
}

/**
 * A chat as most people write it: a Set of peers a room, and one write a member and
 * message, whatever the state of the member's stream. It takes basic and full
 * clients, answers Hello, and never batches; it leaves out acks, notices, limits and
 * history. Returns what serves a peer.
 */
export function plainChat<Peer, Ready>({ ready, send }: Transmission<Peer, Ready>): (peer: Peer) => PlainSession {
  const rooms = new Map<string, Room<Peer>>();
  return (peer) => {
    let user = { userId: '', displayName: '' };
    const joined = new Set<Room<Peer>>();
    const said = ({ message, requestId }: ClientEnvelope) => {
      switch (message?.$case) {
        case 'hello': {
          user = named(message.value);
          const session = { sessionId: '', resumeToken: '', resumed: false, heartbeatIntervalMs: 0 };
          const value = { ...session, ...user, limits: undefined, server: 'plain', requestId };
          send(peer, ready(eventOf({ $case: 'welcome', value })));
          break;
        }
        case 'join': {
          if (user.userId === '') user = named(message.value);
          const { room: name } = message.value;
          const room = rooms.get(name) ?? { members: new Set<Peer>(), seq: 0n };
          rooms.set(name, room);
          room.members.add(peer);
          joined.add(room);
          const place = { userId: user.userId, room: name, headSeq: room.seq, memberCount: room.members.size };
          const words = { welcomeMessage: `Welcome to ${name}, ${user.displayName}!`, requestId };
          const value = { ...place, ...words, position: undefined, recovered: false };
          send(peer, ready(eventOf({ $case: 'joined', value })));
          break;
        }
        case 'chat': {
          const room = rooms.get(message.value.room);
          if (room === undefined || !joined.has(room)) break;
          room.seq += 1n;
          const value = { ...message.value, ...user, seq: room.seq, timestampUtc: BigInt(Date.now()) };
          const event = ready(eventOf({ $case: 'broadcast', value }));
          for (const member of room.members) send(member, event);
          break;
        }
        case 'leave': {
          const room = rooms.get(message.value.room);
          room?.members.delete(peer);
          break;
        }
      }
    };
    const gone = () => {
      for (const room of joined) room.members.delete(peer);
    };
    return { said, gone };
  };
}

/** Tells whoever started a server where it is. */
export function tellListening(address: string): void {
  process.stdout.write(`${JSON.stringify({ address, msg: 'listening' })}\n`);
}

function named({ userId, displayName }: { readonly userId: string; readonly displayName: string }) {
  return { userId, displayName: displayName || userId };
}

function eventOf(event: Event): ServerEvent {
  return { event, batch: [] };
}

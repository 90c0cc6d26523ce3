import { randomBytes } from 'node:crypto';
import { chat, envelope, hello, join, leave } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import { HostilePeer } from '../hostile/support/hostile-peer.ts';
import { ByteReader } from '../support/byte-reader.ts';
import { END_HEADERS, END_STREAM, frame, ping, request, reset, TYPE } from '../support/h2-frames.ts';

const STREAM = 1;
const NO_METHOD = { path: '/chat.v1.ChatService/Nothing' };

export interface Ground {
  readonly port: number;
  /** Where the good ones are. */
  readonly rooms: readonly string[];
  /** A number that nobody else has. */
  readonly next: () => number;
}

export interface Attack {
  readonly what: string;
  /** How many attack so at the same time. */
  readonly attackers: number;
  /** How often each does it at most. */
  readonly everyMs: number;
  /** Begins; returns what is to be done again and again, which says how much it has done, and undefined when it is over and is to begin anew. */
  readonly begin: (ground: Ground) => Promise<() => Promise<number | undefined>>;
}

const data = (stream: number, ...messages: readonly Buffer[]) =>
  frame(TYPE.data, 0, stream, Buffer.concat(messages.map(framed)));

/** A peer with a stream that has said who it is, and what else is given. */
async function member(port: number, userId: string, ...first: readonly Buffer[]): Promise<HostilePeer> {
  const peer = await HostilePeer.greet(port);
  await peer.send(Buffer.concat([request(STREAM), data(STREAM, hello(userId), ...first)]));
  return peer;
}

/** Sends the same through, until it is cut off. */
const sending = (peer: HostilePeer, bytes: Buffer, count: number) => async () => {
  if (peer.isOver) return undefined;
  await peer.send(bytes);
  return count;
};

/** Each at a rate that a core beside the server's can hold, so that it is the server that is tried. */
export const ATTACKS: readonly Attack[] = [
  {
    what: 'messages too fast, in the rooms of the others',
    ...{ attackers: 4, everyMs: 100 },
    begin: async ({ port, rooms, next }) => {
      const nth = next();
      const room = rooms[nth % rooms.length] ?? '';
      const peer = await member(port, `flood-${nth}`, join(room));
      return sending(peer, data(STREAM, ...Array.from({ length: 50 }, () => chat(room, 'spam'))), 50);
    },
  },
  {
    what: 'rooms ever new, joined and left',
    ...{ attackers: 4, everyMs: 100 },
    begin: async ({ port, next }) => {
      const peer = await member(port, `nomad-${next()}`);
      return async () => {
        if (peer.isOver) return undefined;
        const names = Array.from({ length: 10 }, () => `camp-${next()}`);
        await peer.send(data(STREAM, ...names.flatMap((name) => [join(name), leave(name)])));
        return 10;
      };
    },
  },
  {
    what: 'garbage instead of HTTP/2',
    ...{ attackers: 2, everyMs: 40 },
    begin: async ({ port }) => {
      const peer = await HostilePeer.connect(port);
      return sending(peer, randomBytes(16_384), 1);
    },
  },
  {
    what: 'streams opened and reset',
    ...{ attackers: 1, everyMs: 40 },
    begin: async ({ port }) => {
      const peer = await HostilePeer.greet(port);
      let id = -1;
      return async () => {
        if (peer.isOver) return undefined;
        const pairs = Array.from({ length: 20 }, () => {
          id += 2;
          return Buffer.concat([request(id), reset(id)]);
        });
        await peer.send(Buffer.concat(pairs));
        return pairs.length;
      };
    },
  },
  {
    what: 'calls of a method that there is not',
    ...{ attackers: 1, everyMs: 40 },
    begin: async ({ port }) => {
      const peer = await HostilePeer.greet(port);
      let id = -1;
      return async () => {
        if (peer.isOver) return undefined;
        const calls = Array.from({ length: 20 }, () => {
          id += 2;
          return request(id, NO_METHOD, END_HEADERS | END_STREAM);
        });
        await peer.send(Buffer.concat(calls));
        return calls.length;
      };
    },
  },
  {
    what: 'PINGs',
    ...{ attackers: 1, everyMs: 10 },
    begin: async ({ port }) => {
      const peer = await HostilePeer.greet(port);
      return sending(peer, Buffer.concat(Array.from({ length: 500 }, () => ping())), 500);
    },
  },
  {
    what: 'envelopes a byte a frame',
    ...{ attackers: 1, everyMs: 40 },
    begin: async ({ port, next }) => {
      const peer = await member(port, `crumbs-${next()}`);
      const bytes = framed(chat('nowhere', 'x'.repeat(400)));
      return sending(
        peer,
        Buffer.concat(Array.from(bytes, (one) => frame(TYPE.data, 0, STREAM, Buffer.of(one)))),
        bytes.length,
      );
    },
  },
  {
    what: 'readers that do not read, in the rooms of the others',
    ...{ attackers: 20, everyMs: 500 },
    begin: async ({ port, rooms, next }) => {
      const nth = next();
      const reader = await ByteReader.open(port, 1024);
      reader.send(hello(`stuck-${nth}`), envelope(1, { 2: rooms[nth % rooms.length] ?? '' }));
      let isCounted = false;
      return async () => {
        if (reader.resetCode !== undefined) reader.end();
        const count = isCounted ? 0 : 1;
        isCounted = true;
        return reader.resetCode === undefined ? count : undefined;
      };
    },
  },
  {
    what: 'connects and disconnects',
    ...{ attackers: 2, everyMs: 10 },
    begin: async ({ port }) => {
      return async () => {
        const peer = await HostilePeer.connect(port);
        peer.end();
        await peer.ended;
        return 1;
      };
    },
  },
  {
    what: 'connections that say nothing',
    ...{ attackers: 50, everyMs: 500 },
    begin: async ({ port }) => {
      const peer = await HostilePeer.connect(port);
      let isCounted = false;
      return async () => {
        const count = isCounted ? 0 : 1;
        isCounted = true;
        return peer.isOver ? undefined : count;
      };
    },
  },
];

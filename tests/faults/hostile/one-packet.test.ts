import { test } from 'vitest';
import {
  END_HEADERS,
  frame,
  PREFACE,
  ping,
  type RequestOptions,
  request,
  requestBlock,
  reset,
  settings,
  TYPE,
  windowUpdate,
} from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

/**
 * Node tells of streams that were read together one turn later, each in turn. grpc-js
 * 1.14.7 answers calls of methods that there are not, and what is no gRPC, without a
 * look whether their stream is there still, and Node throws at who answers on one that
 * is not: whatever ends the transport in between ends the process.
 */
const CALLS: readonly { readonly what: string; readonly options: RequestOptions }[] = [
  { what: 'calls of a method that there is not', options: { path: '/chat.v1.ChatService/Nothing' } },
  { what: 'calls that are no gRPC', options: { contentType: 'text/plain' } },
  { what: 'calls of the chat', options: {} },
];

const NEXT = 101;
const many = (count: number, one: (nth: number) => Buffer) =>
  Buffer.concat(Array.from({ length: count }, (_, nth) => one(nth)));

/** What comes behind the calls in the same packet, and ends their transport. */
const ENDS: readonly Buffer[] = [
  // the end of the connection
  Buffer.alloc(0),
  // a header block that is no HPACK
  frame(TYPE.headers, END_HEADERS, NEXT, Buffer.alloc(9, 0xff)),
  // a window too large
  many(2, () => windowUpdate(0, 2 ** 31 - 1)),
  // a frame too short
  frame(TYPE.ping, 0, 0, Buffer.alloc(3)),
  // a frame too long
  frame(TYPE.data, 0, 1, Buffer.alloc(20_000)),
  // GOAWAY
  frame(TYPE.goaway, 0, 0, Buffer.alloc(8)),
  // PINGs without end
  many(3000, () => ping()),
  // frames that mean nothing, without end
  many(20_000, () => frame(0xbb, 0, 0)),
  // CONTINUATION without end
  Buffer.concat([frame(TYPE.headers, 0, NEXT, requestBlock()), many(20, () => frame(TYPE.continuation, 0, NEXT))]),
  // the reset of each
  many(20, (nth) => reset(2 * nth + 1)),
  // streams reset without end
  many(3000, (n) => Buffer.concat([request(NEXT + 2 * n), reset(NEXT + 2 * n)])),
  // more streams than are allowed
  many(3000, (n) => request(NEXT + 2 * n)),
];

test.each(CALLS)(
  '29 one packet of twenty $what and of what ends their transport: the process goes on',
  async ({ options }) => {
    await using besieged = await Besieged.start();
    await besieged.endures(async (port) => {
      for (const bytes of ENDS) {
        const calls = Buffer.concat([many(20, (nth) => request(2 * nth + 1, options)), bytes]);
        for (let times = 0; times < 3; times++) {
          // The first packet takes another way through Node than those behind it.
          const stranger = await HostilePeer.connect(port);
          await stranger.send(Buffer.concat([PREFACE, settings(), calls]));
          stranger.halfClose();
          await stranger.ended;
          const peer = await HostilePeer.greet(port);
          await peer.send(calls);
          peer.halfClose();
          await peer.ended;
        }
      }
    });
  },
);

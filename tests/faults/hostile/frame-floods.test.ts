import { describe, expect, test } from 'vitest';
import { chat, heartbeat, hello } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import {
  END_HEADERS,
  frame,
  literal,
  ping,
  request,
  requestBlock,
  reset,
  SETTINGS_INITIAL_WINDOW_SIZE,
  settings,
  TYPE,
  windowUpdate,
} from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const STREAM = 1;
const FOR_MS = 60_000;
const MOST_WINDOW = 2 ** 31 - 1;

const many = (count: number, one: Buffer) => Buffer.concat(Array.from({ length: count }, () => one));
const block = (one: Buffer, frames = 500) => ({ piece: many(frames, one), frames });
const opened = request(STREAM);
const byte = frame(TYPE.data, 0, STREAM, Buffer.of(0));

/** Of an error that ends a transport, RFC 9113, 7. */
const CODE = { flowControl: 3, compression: 9 } as const;

interface Flood {
  readonly what: string;
  /** What comes before. */
  readonly first?: Buffer;
  readonly piece: Buffer;
}

/** HTTP/2 itself takes so many of these and no more; what Node 24 bears is about 10,000 and 330 a second, of resets what the server says. */
const COUNTED_BY_HTTP2: readonly (Flood & { readonly frames: number; readonly most: number })[] = [
  { what: 'empty DATA', first: opened, ...block(frame(TYPE.data, 0, STREAM)), most: 20_000 },
  { what: 'PRIORITY', ...block(frame(TYPE.priority, 0, STREAM, Buffer.alloc(5, 2))), most: 20_000 },
  { what: 'frames of a type that there is not', ...block(frame(0xbb, 0, 0, Buffer.alloc(10))), most: 20_000 },
  {
    what: 'RST_STREAM of a stream that is over',
    first: Buffer.concat([opened, reset(STREAM)]),
    ...block(reset(STREAM), 20),
    most: 200,
  },
];

/** HTTP/2 ends the transport at the first of these, or within one write of them. */
const ENDED_BY_HTTP2: readonly (Flood & { readonly code?: number })[] = [
  {
    what: 'CONTINUATION without end',
    first: frame(TYPE.headers, 0, STREAM, requestBlock()),
    piece: many(100, frame(TYPE.continuation, 0, STREAM, literal('a', 'b'))),
  },
  {
    what: 'empty CONTINUATION',
    first: frame(TYPE.headers, 0, STREAM, requestBlock()),
    piece: many(100, frame(TYPE.continuation, 0, STREAM)),
  },
  { what: 'SETTINGS faster than acknowledged', piece: many(5000, settings()) },
  {
    what: 'SETTINGS of a thousand entries',
    piece: settings(...Array.from({ length: 1000 }, () => [4, 65_535] as const)),
  },
  { what: 'PING faster than answered', piece: many(5000, ping()) },
  {
    what: 'a window too large, of the transport',
    piece: many(2, windowUpdate(0, MOST_WINDOW)),
    code: CODE.flowControl,
  },
  {
    what: 'a window too large, of a stream',
    first: opened,
    piece: many(2, windowUpdate(STREAM, MOST_WINDOW)),
    code: CODE.flowControl,
  },
  {
    what: 'a header block that is no HPACK',
    piece: frame(TYPE.headers, END_HEADERS, STREAM, Buffer.alloc(20, 0xff)),
    code: CODE.compression,
  },
  { what: 'a frame longer than is allowed', piece: frame(TYPE.data, 0, STREAM, Buffer.alloc(20_000)) },
];

describe('29 frames that cost much or make no sense are bounded work', () => {
  test.each(COUNTED_BY_HTTP2)(
    '29 $what: a transport is ended after some thousands',
    async ({ first = Buffer.alloc(0), piece, frames, most }) => {
      await using besieged = await Besieged.start();
      await besieged.endures(async (port) => {
        for (let transports = 0; transports < 20; transports++) {
          const peer = await HostilePeer.greet(port);
          await peer.send(first);
          let taken = 0;
          // Each block is known to be taken by the answer to the PING behind it.
          for (let blocks = 1; !peer.isOver && taken <= most; blocks++) {
            await peer.send(Buffer.concat([piece, ping()]));
            if (await peer.until(() => peer.count(TYPE.ping) >= blocks)) taken += frames;
          }
          expect(taken).toBeLessThanOrEqual(most);
        }
      });
    },
  );

  test.each(ENDED_BY_HTTP2)(
    '29 $what: the transport is ended, as often as it comes',
    async ({ first = Buffer.alloc(0), piece, code }) => {
      await using besieged = await Besieged.start();
      const goaways = await besieged.endures(async (port) => {
        const all = [];
        for (let transports = 0; transports < 20; transports++) {
          const peer = await HostilePeer.greet(port);
          await peer.send(first);
          await peer.flood(() => piece, { pieces: code === undefined ? 100_000 : 1, forMs: FOR_MS });
          all.push((await peer.ended).goaway);
        }
        return new Set(all);
      });
      if (code !== undefined) expect([...goaways]).toEqual([code]);
      await besieged.hasRefused('http2_error');
    },
  );
});

/** These HTTP/2 answers or takes for ever; they are bytes that nobody needs to send. */
const CUT_BY_BYTES: readonly (Flood & { readonly answers?: number })[] = [
  { what: 'PING whose answers are read', piece: many(500, ping()), answers: TYPE.ping },
  { what: 'SETTINGS whose answers are read', piece: many(500, settings()), answers: TYPE.settings },
  { what: 'WINDOW_UPDATE of the transport', piece: many(1000, windowUpdate(0, 1)) },
  { what: 'WINDOW_UPDATE of a stream', first: opened, piece: many(1000, windowUpdate(STREAM, 1)) },
  {
    what: 'DATA of one byte for an ended stream',
    first: Buffer.concat([opened, frame(TYPE.data, 0, STREAM, framed(Buffer.of(7)))]),
    piece: many(1000, byte),
  },
];

describe('29 frames that HTTP/2 bears for ever are bytes: the transport is cut as flooded', () => {
  test.each(CUT_BY_BYTES)('29 $what', async ({ first = Buffer.alloc(0), piece, answers }) => {
    await using besieged = await Besieged.start();
    await besieged.endures(async (port) => {
      const peer = await HostilePeer.greet(port);
      await peer.send(first);
      const before = answers === undefined ? 0 : peer.count(answers);
      const flood = async (nth: number) => {
        if (answers !== undefined) await peer.until(() => peer.count(answers) >= before + nth * 500);
        await peer.send(piece);
      };
      for (let nth = 0; !peer.isOver; nth++) await flood(nth);
    });
    await besieged.hasRefused('flooded');
  });
});

test('5 and 29 envelopes in DATA of one byte each: whoever goes on is cut as flooded', async () => {
  await using besieged = await Besieged.start();
  const piece = morsels(STREAM, framed(chat('nowhere', 'x'.repeat(1000))));
  await besieged.endures(async (port) => {
    const peer = await HostilePeer.greet(port);
    await peer.send(Buffer.concat([opened, frame(TYPE.data, 0, STREAM, framed(hello('mallory')))]));
    await peer.flood(() => piece, { pieces: 100_000, forMs: FOR_MS });
    expect(peer.isOver).toBe(true);
  });
  await besieged.hasRefused('flooded');
});

test('29 DATA of one byte each, on a hundred streams that are not read because they are owed too much: the server does not keep it', async () => {
  await using besieged = await Besieged.start({ RATE_LIMIT: '50', RATE_BURST: '100' });
  // Owed more than it may be, because it reads nothing.
  const first = (id: number) =>
    Buffer.concat([hello(`m-${id}`), ...Array.from({ length: 80 }, (_, i) => heartbeat(`${i}`))].map(framed));
  const streams = Array.from({ length: 100 }, (_, i) => 2 * i + 1);
  const before = await besieged.held();
  await besieged.endures(async (port) => {
    const peer = await HostilePeer.greet(port, [SETTINGS_INITIAL_WINDOW_SIZE, 0]);
    for (const id of streams) await peer.send(Buffer.concat([request(id), frame(TYPE.data, 0, id, first(id))]));
    await peer.until(() => peer.count(TYPE.headers) === streams.length);
    // What the window of a stream allows.
    for (const id of streams) await peer.send(morsels(id, Buffer.alloc(60_000)));
    // Before anything could time out.
    const { held } = await besieged.held();
    expect(held - before.held).toBeLessThan(64 * 1024 * 1024);
    await peer.ended;
  });
  await besieged.hasRefused('flooded');
});

/** A byte a frame. */
function morsels(stream: number, bytes: Buffer): Buffer {
  return Buffer.concat(Array.from(bytes, (one) => frame(TYPE.data, 0, stream, Buffer.of(one))));
}

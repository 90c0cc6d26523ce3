import { describe, expect, test } from 'vitest';
import { chat, hello } from '../../support/envelopes.ts';
import { framed } from '../../support/raw-stream.ts';
import {
  END_HEADERS,
  frame,
  literal,
  ping,
  request,
  requestBlock,
  reset,
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
const opened = request(STREAM);
const byte = frame(TYPE.data, 0, STREAM, Buffer.of(0));

/** Of an error that ends a transport, RFC 9113, 7. */
const CODE = { flowControl: 3, compression: 9 } as const;

interface Flood {
  readonly what: string;
  /** What comes before. */
  readonly first?: Buffer;
  readonly piece: Buffer;
  /** What the transport ends with, where HTTP/2 has a say. */
  readonly code?: number;
}

/** HTTP/2 itself sees these, and ends their transport within some thousand frames. */
const ENDED_BY_HTTP2: readonly Flood[] = [
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
  { what: 'SETTINGS faster than they are acknowledged', piece: many(5000, settings()) },
  {
    what: 'SETTINGS of a thousand entries',
    piece: settings(...Array.from({ length: 1000 }, () => [4, 65_535] as const)),
  },
  { what: 'PING faster than they are answered', piece: many(5000, ping()) },
  { what: 'empty DATA', first: opened, piece: many(1000, frame(TYPE.data, 0, STREAM)) },
  { what: 'PRIORITY', piece: many(1000, frame(TYPE.priority, 0, STREAM, Buffer.alloc(5, 2))) },
  { what: 'frames of a type that there is not', piece: many(1000, frame(0xbb, 0, 0, Buffer.alloc(10))) },
  {
    what: 'RST_STREAM of a stream that is over',
    first: Buffer.concat([opened, reset(STREAM)]),
    piece: many(1000, reset(STREAM)),
  },
  {
    what: 'a window beyond what HTTP/2 allows, of the transport',
    piece: many(2, windowUpdate(0, MOST_WINDOW)),
    code: CODE.flowControl,
  },
  {
    what: 'header blocks that are no HPACK',
    piece: frame(TYPE.headers, END_HEADERS, STREAM, Buffer.alloc(20, 0xff)),
    code: CODE.compression,
  },
  { what: 'a frame longer than is allowed', piece: frame(TYPE.data, 0, STREAM, Buffer.alloc(20_000)) },
];

describe('29 frames without end are bounded work: HTTP/2 ends the transport, as often as it comes', () => {
  test.each(ENDED_BY_HTTP2)('29 $what', async ({ first = Buffer.alloc(0), piece, code }) => {
    await using besieged = await Besieged.start();
    const endings = await besieged.endures(async (port) => {
      const all = [];
      for (let transports = 0; transports < 20; transports++) {
        const peer = await HostilePeer.greet(port);
        await peer.send(first);
        await peer.flood(() => piece, { pieces: 100_000, forMs: FOR_MS });
        all.push(await peer.ended);
      }
      return all;
    });
    expect(endings).toHaveLength(20);
    if (code !== undefined) for (const { goaway } of endings) expect(goaway).toBe(code);
  });
});

/** These HTTP/2 answers or takes for ever; they are bytes that nobody needs to send. */
const CUT_BY_BYTES: readonly (Flood & { readonly answers?: number })[] = [
  { what: 'PING whose answers are read', piece: many(500, ping()), answers: TYPE.ping },
  { what: 'SETTINGS whose acknowledgements are read', piece: many(500, settings()), answers: TYPE.settings },
  { what: 'WINDOW_UPDATE of the transport', piece: many(1000, windowUpdate(0, 1)) },
  { what: 'WINDOW_UPDATE of a stream', first: opened, piece: many(1000, windowUpdate(STREAM, 1)) },
  {
    what: 'DATA of one byte for a stream that was ended',
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

test('29 envelopes in DATA of one byte each: whoever goes on is cut as flooded', async () => {
  await using besieged = await Besieged.start();
  const sliced = (bytes: Buffer) =>
    Buffer.concat(Array.from(bytes, (one) => frame(TYPE.data, 0, STREAM, Buffer.of(one))));
  const piece = sliced(framed(chat('nowhere', 'x'.repeat(1000))));
  await besieged.endures(async (port) => {
    const peer = await HostilePeer.greet(port);
    await peer.send(Buffer.concat([opened, frame(TYPE.data, 0, STREAM, framed(hello('mallory')))]));
    await peer.flood(() => piece, { pieces: 1e9, forMs: FOR_MS });
  });
  await besieged.hasRefused('flooded');
});

test('29 a window beyond what HTTP/2 allows, of a stream, ends that', async () => {
  await using besieged = await Besieged.start();
  await besieged.endures(async (port) => {
    const peer = await HostilePeer.greet(port);
    await peer.send(Buffer.concat([opened, many(2, windowUpdate(STREAM, MOST_WINDOW))]));
    await peer.until(() => peer.resets.has(STREAM) || peer.goaway !== undefined);
    expect(peer.resets.get(STREAM) ?? peer.goaway).toBe(CODE.flowControl);
    peer.end();
    await peer.ended;
  });
});

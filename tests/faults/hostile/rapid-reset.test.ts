import { expect, test } from 'vitest';
import { END_HEADERS, END_STREAM, ping, type RequestOptions, request, reset, TYPE } from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const STREAMS = 200_000;
/** In one write. */
const PAIRS = 200;
const FOR_MS = 60_000;

function resetPairs(firstId: number, count: number, options: RequestOptions): Buffer[] {
  return Array.from({ length: count }, (_, i) =>
    Buffer.concat([request(firstId + 2 * i, options), reset(firstId + 2 * i)]),
  );
}

/** Opens and resets so many streams, on as many transports as it takes because each is ended; how many those were. */
async function resetStreams(port: number, options: RequestOptions): Promise<number> {
  let transports = 0;
  for (let streams = 0; streams < STREAMS; transports++) {
    const peer = await HostilePeer.greet(port);
    const pairs = (nth: number) => Buffer.concat(resetPairs(2 * nth * PAIRS + 1, PAIRS, options));
    streams += PAIRS * (await peer.flood(pairs, { pieces: (STREAMS - streams) / PAIRS, forMs: FOR_MS }));
    await peer.ended;
  }
  return transports;
}

const PATHS: readonly { readonly what: string; readonly options: RequestOptions }[] = [
  { what: 'of the chat', options: {} },
  { what: 'of a method that there is not', options: { path: '/chat.v1.ChatService/Nothing' } },
];

test.each(PATHS)(
  '29 rapid reset: 200,000 streams $what, opened and reset at full speed, end their transports',
  async ({ options }) => {
    await using besieged = await Besieged.start();
    const transports = await besieged.endures((port) => resetStreams(port, options));
    expect(transports).toBeGreaterThan(1);
    await besieged.hasRefused('http2_error');
    expect(besieged.server.logged('internal fault')).toEqual([]);
  },
);

test.each(PATHS)(
  '29 rapid reset: no transport gets further than a hundred or two streams $what',
  async ({ options }) => {
    await using besieged = await Besieged.start();
    await besieged.endures(async (port) => {
      for (let transports = 0; transports < 50; transports++) {
        const peer = await HostilePeer.greet(port);
        let reset = 0;
        // Each block is known to be handled by the answer to the PING behind it.
        for (let blocks = 1; !peer.isOver; blocks++) {
          await peer.send(Buffer.concat([...resetPairs(2 * reset + 1, 20, options), ping()]));
          if (await peer.until(() => peer.count(TYPE.ping) >= blocks)) reset += 20;
        }
        expect(reset).toBeLessThanOrEqual(200);
      }
    });
  },
);

test.each([...PATHS, { what: 'that are no gRPC', options: { contentType: 'text/plain' } }])(
  '29 calls $what, ended by their client as soon as they are begun: whoever goes on is cut',
  async ({ options }) => {
    await using besieged = await Besieged.start();
    await besieged.endures(async (port) => {
      const peer = await HostilePeer.greet(port);
      let id = -1;
      // Never more at a time than it may have.
      while (!peer.isOver) {
        const calls = Array.from({ length: 50 }, () => {
          id += 2;
          return request(id, options, END_HEADERS | END_STREAM);
        });
        await peer.send(Buffer.concat(calls));
        await peer.until(() => peer.answered > (id - 1) / 2);
      }
    });
    await besieged.hasRefused('flooded');
  },
);

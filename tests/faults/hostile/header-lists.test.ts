import { expect, test, vi } from 'vitest';
import { END_HEADERS, frame, type RequestOptions, requestBlock, TYPE } from '../support/h2-frames.ts';
import { Besieged } from './support/besieged.ts';
import { HostilePeer } from './support/hostile-peer.ts';

const MOST_FRAME_BYTES = 16_384;

/** HEADERS, and as much CONTINUATION as the block needs. */
function headers(stream: number, options: RequestOptions): Buffer {
  const block = requestBlock(options);
  const frames: Buffer[] = [];
  for (let at = 0; at < block.length; at += MOST_FRAME_BYTES) {
    const isLast = at + MOST_FRAME_BYTES >= block.length;
    const type = at === 0 ? TYPE.headers : TYPE.continuation;
    frames.push(frame(type, isLast ? END_HEADERS : 0, stream, block.subarray(at, at + MOST_FRAME_BYTES)));
  }
  return Buffer.concat(frames);
}

test.each([
  { what: '200 header pairs', fields: Array.from({ length: 200 }, (_, i) => [`x-${i}`, 'y'] as const) },
  { what: 'one header of 70 KB', fields: [['x', 'y'.repeat(70_000)] as const] },
  { what: 'a header name of 70 KB', fields: [['x'.repeat(70_000), 'y'] as const] },
])('12 $what: no call comes of it, however often', async ({ fields }) => {
  await using besieged = await Besieged.start({ LOG_LEVEL: 'debug' });
  const opened = () => besieged.server.logged('stream opened');
  // Those who chat.
  await vi.waitFor(() => expect(opened()).toHaveLength(2));
  await besieged.endures(async (port) => {
    for (let transports = 0; transports < 20; transports++) {
      const peer = await HostilePeer.greet(port);
      for (let calls = 0; calls < 50 && !peer.isOver; calls++) {
        await peer.send(headers(2 * calls + 1, { fields }));
        await peer.until(() => peer.resets.has(2 * calls + 1));
      }
      expect(peer.count(TYPE.headers)).toBe(0);
      peer.end();
      await peer.ended;
    }
  });
  expect(opened()).toHaveLength(2);
});

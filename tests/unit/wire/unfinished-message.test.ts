import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { bottomOf, http2StreamOf } from '../../../src/wire/cut.ts';
import { isMidMessage, joinPieces } from '../../../src/wire/unfinished-message.ts';
import { bareCall } from '../../support/bare-call.ts';
import { framed } from '../../support/raw-stream.ts';

/** What grpc-js keeps of the message, piece by piece. */
function piecesOf(call: object): Buffer[] {
  return (bottomOf(call) as unknown as { decoder: { readPartialMessage: Buffer[] } }).decoder.readPartialMessage;
}

/** Lets grpc-js take these bytes one at a time, as if each had come in a frame of its own. */
function takeApart(call: object, bytes: Uint8Array): void {
  for (const byte of bytes) http2StreamOf(call).emit('data', Buffer.of(byte));
}

const MESSAGE = framed(Buffer.from(Array.from({ length: 10_000 }, (_, i) => i & 0xff)));

test('the installed grpc-js keeps each piece of an unfinished message by itself', async () => {
  using world = await bareCall();
  takeApart(world.call, MESSAGE.subarray(0, 1005));
  expect(piecesOf(world.call)).toHaveLength(1000);
});

test('joined, they are few, and the message is what it was', async () => {
  using world = await bareCall();
  joinPieces(world.call);
  const message = once(world.call, 'data');
  takeApart(world.call, MESSAGE.subarray(0, -1));
  expect(piecesOf(world.call).length).toBeLessThan(MESSAGE.length / 64 + 64);
  takeApart(world.call, MESSAGE.subarray(-1));
  expect(await message).toEqual([MESSAGE.subarray(5)]);
});

test('so is the next one', async () => {
  using world = await bareCall();
  joinPieces(world.call);
  const messages: Buffer[] = [];
  world.call.on('data', (message: Buffer) => messages.push(message));
  for (let i = 0; i < 3; i++) takeApart(world.call, MESSAGE);
  await vi.waitFor(() => expect(messages).toEqual([1, 2, 3].map(() => MESSAGE.subarray(5))));
});

test.each([
  { what: 'nothing has come', sent: 0, isMid: false },
  { what: 'a message begins', sent: 1, isMid: true },
  { what: 'its prefix is here', sent: 5, isMid: true },
  { what: 'all but its last byte is here', sent: MESSAGE.length - 1, isMid: true },
  { what: 'it is here to its end', sent: MESSAGE.length, isMid: false },
])('whether a message is unfinished is known when $what', async ({ sent, isMid }) => {
  using world = await bareCall();
  takeApart(world.call, MESSAGE.subarray(0, sent));
  expect(isMidMessage(world.call)).toBe(isMid);
});

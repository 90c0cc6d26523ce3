import type { ServerHttp2Stream } from 'node:http2';
import { PassThrough } from 'node:stream';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { EnvelopeReader, type Trouble } from '../../../src/wire/envelope-reader.ts';
import { framed } from '../../support/raw-stream.ts';

const MAX_BYTES = 1000;
const WORDS = Buffer.from('words '.repeat(100));
const ENVELOPES = [Buffer.from('first'), Buffer.alloc(0), Buffer.alloc(MAX_BYTES, 7), Buffer.from('last')];

/** A reader on what is written into a stream here, and what it heard. */
function reading({ encoding = 'identity', pausesAt = () => false as boolean } = {}) {
  const stream = new PassThrough();
  stream.pause();
  const heard: { envelopes: Buffer[]; troubles: Trouble[]; ends: boolean[] } = {
    envelopes: [],
    troubles: [],
    ends: [],
  };
  const reader = new EnvelopeReader(
    { stream: stream as unknown as ServerHttp2Stream, encoding, maxBytes: MAX_BYTES },
    {
      received: (envelope) => {
        heard.envelopes.push(Buffer.from(envelope));
        return !pausesAt();
      },
      unreadable: (trouble) => heard.troubles.push(trouble),
      ended: (isMidEnvelope) => heard.ends.push(isMidEnvelope),
    },
  );
  return { stream, reader, heard };
}

function compressed(bytes: Buffer): Buffer {
  const message = framed(bytes);
  message.writeUInt8(1, 0);
  return message;
}

describe('envelopes are what they were, in their order', () => {
  test.each([1, 3, 7, 100, 10_000])('in pieces of %i bytes', async (pieceBytes) => {
    const { stream, heard } = reading();
    const bytes = Buffer.concat(ENVELOPES.map(framed));
    for (let at = 0; at < bytes.length; at += pieceBytes) stream.emit('data', bytes.subarray(at, at + pieceBytes));
    expect(heard.envelopes).toEqual(ENVELOPES);
    expect(heard.troubles).toEqual([]);
  });

  test.each([1, 10_000])('where each is waited for, in pieces of %i bytes', async (pieceBytes) => {
    const { stream, reader, heard } = reading({ pausesAt: () => true });
    const bytes = Buffer.concat(ENVELOPES.map(framed));
    for (let at = 0; at < bytes.length; at += pieceBytes) stream.write(bytes.subarray(at, at + pieceBytes));
    stream.end();
    for (const [i] of ENVELOPES.entries()) {
      await vi.waitFor(() => expect(heard.envelopes).toEqual(ENVELOPES.slice(0, i + 1)));
      expect(heard.ends).toEqual([]);
      reader.readOn();
    }
    await vi.waitFor(() => expect(heard.ends).toEqual([false]));
  });
});

describe('the end of a stream is told', () => {
  const message = framed(Buffer.from('words'));
  test.each([
    { what: 'before anything has come', sent: 0, isMid: false },
    { what: 'when an envelope has begun', sent: 1, isMid: true },
    { what: 'when its prefix is here', sent: 5, isMid: true },
    { what: 'when its last byte is missing', sent: message.length - 1, isMid: true },
    { what: 'when it is whole', sent: message.length, isMid: false },
  ])('$what', async ({ sent, isMid }) => {
    const { stream, heard } = reading();
    stream.end(message.subarray(0, sent));
    await vi.waitFor(() => expect(heard.ends).toEqual([isMid]));
  });
});

describe('what is compressed', () => {
  test.each([
    { encoding: 'gzip', bytes: gzipSync(WORDS) },
    { encoding: 'deflate', bytes: deflateSync(WORDS) },
    { encoding: 'identity', bytes: WORDS },
  ])('by $encoding is unpacked', ({ encoding, bytes }) => {
    const { stream, heard } = reading({ encoding });
    stream.emit('data', compressed(bytes));
    expect(heard.envelopes).toEqual([WORDS]);
  });

  test('to exactly what is taken is unpacked', () => {
    const { stream, heard } = reading({ encoding: 'gzip' });
    stream.emit('data', compressed(gzipSync(Buffer.alloc(MAX_BYTES))));
    expect(heard.envelopes).toEqual([Buffer.alloc(MAX_BYTES)]);
  });
});

describe('nothing more is read, and why is told once,', () => {
  const bomb = gzipSync(Buffer.alloc(2 ** 24)).subarray(0, MAX_BYTES);
  test.each([
    { what: 'of a prefix too long', bytes: Buffer.from('00000003e9', 'hex'), trouble: 'too_large' },
    { what: 'of a prefix of 4 GiB', bytes: Buffer.from('00ffffffff', 'hex'), trouble: 'too_large' },
    {
      what: 'of what unpacks to too much',
      bytes: compressed(gzipSync(Buffer.alloc(MAX_BYTES + 1))),
      trouble: 'too_large',
    },
    { what: 'of a bomb', bytes: compressed(bomb), trouble: 'too_large' },
    { what: 'of what does not unpack', bytes: compressed(WORDS), trouble: 'does_not_unpack' },
    { what: 'of what is cut off', bytes: compressed(gzipSync(WORDS).subarray(0, -8)), trouble: 'does_not_unpack' },
    { what: 'of an unknown encoding', bytes: compressed(WORDS), encoding: 'constructor', trouble: 'unknown_encoding' },
  ] as const)('$what', ({ bytes, trouble, ...rest }) => {
    const { stream, heard } = reading({ encoding: 'gzip', ...rest });
    stream.emit('data', Buffer.concat([framed(WORDS), bytes, framed(WORDS)]));
    stream.emit('data', framed(WORDS));
    expect(heard).toEqual({ envelopes: [WORDS], troubles: [trouble], ends: [] });
  });
});

test('of an unfinished envelope no more is held than twice of it, in whatever pieces it comes', () => {
  const { stream, heard } = reading();
  const network = Buffer.alloc(2 ** 20);
  framed(Buffer.alloc(MAX_BYTES, 1)).copy(network);
  const allocated = vi.spyOn(Buffer, 'allocUnsafeSlow');
  for (let at = 0; at < MAX_BYTES + 5; at++) stream.emit('data', network.subarray(at, at + 1));
  expect(heard.envelopes).toEqual([Buffer.alloc(MAX_BYTES, 1)]);
  const sizes = allocated.mock.calls.map(([bytes]) => bytes);
  expect(Math.max(...sizes)).toBeLessThan(2 * (MAX_BYTES + 5));
  // Doubled each time, so that a byte is copied twice, and not once for each that follows.
  expect(sizes.length).toBeLessThan(16);
  allocated.mockRestore();
});

test('of what comes when it has been stopped nothing is held, though its listener wanted no more for a while', () => {
  const { stream, reader, heard } = reading({ pausesAt: () => true });
  stream.emit('data', Buffer.concat([framed(WORDS), framed(WORDS)]));
  const allocated = vi.spyOn(Buffer, 'allocUnsafeSlow');
  reader.stop();
  for (let i = 0; i < 100; i++) stream.emit('data', framed(WORDS));
  expect(allocated).not.toHaveBeenCalled();
  allocated.mockRestore();
  reader.readOn();
  expect(heard.envelopes).toEqual([WORDS]);
});

test('once it is stopped nothing more is heard, neither of what came with the envelope at which it was nor of what comes', () => {
  const { stream, reader, heard } = reading({
    pausesAt: () => {
      reader.stop();
      return true;
    },
  });
  const bytes = Buffer.concat([...ENVELOPES.map(framed), framed(WORDS).subarray(0, 100)]);
  stream.emit('data', bytes);
  stream.emit('data', bytes);
  reader.readOn();
  expect(heard.envelopes).toEqual(ENVELOPES.slice(0, 1));
  expect(stream.isPaused()).toBe(false);
});

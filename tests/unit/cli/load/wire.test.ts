import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClientEnvelope, ServerEvent } from '../../../../api/gen/chat/v1/chat.ts';
import { EventScanner } from '../../../../cli/load/wire/event-scanner.ts';
import { MessageCutter, PREFIX_BYTES } from '../../../../cli/load/wire/message-cutter.ts';
import { framedPost } from '../../../../cli/load/wire/post-frame.ts';
import { dueMicrosOf, isOfRun, numberOf, runMark, STAMP_BYTES, senderOf } from '../../../../cli/load/wire/stamp.ts';

/** What a scan of these bytes hears, each as words; seqs in them are exact. */
function heardIn(bytes: Buffer): string[] {
  const heard: string[] = [];
  const scanner = new EventScanner({
    said: (all, { from, to }, seq) => heard.push(`said ${all.toString('utf8', from, to)} at ${seq}`),
    acked: (request, seq) => heard.push(`acked ${request} at ${seq}`),
    told: ({ $case }) => heard.push(`told ${$case}`),
  });
  scanner.scan(bytes, 0, bytes.length);
  return heard;
}

const seqs = fc.bigInt({ min: 0n, max: BigInt(Number.MAX_SAFE_INTEGER) });
const texts = fc.string({ maxLength: 300, unit: 'binary' });

const messages = fc
  .record({ content: texts, seq: seqs, userId: texts, room: texts, displayName: texts, messageId: texts })
  .map(({ seq, ...rest }) => ({
    event: { $case: 'broadcast' as const, value: { ...rest, seq, timestampUtc: 1_790_000_000_000n, traceparent: '' } },
    words: `said ${rest.content} at ${seq}`,
  }));
const acks = fc.record({ request: fc.nat(), seq: seqs, room: texts }).map(({ request, seq, room }) => ({
  event: {
    $case: 'ack' as const,
    value: { requestId: String(request), room, messageId: '', seq, duplicate: false },
  },
  words: `acked ${request} at ${seq}`,
}));
const gaps = fc.record({ fromSeq: seqs, toSeq: seqs, room: texts, epoch: texts }).map((value) => ({
  event: { $case: 'gap' as const, value },
  words: 'told gap',
}));

describe('a scan', () => {
  test('hears of events what the generated code reads, alone and in batches', () => {
    const events = fc.array(fc.oneof(messages, acks, gaps), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(events, (all) => {
        const batch = ServerEvent.encode({
          event: undefined,
          batch: all.map(({ event }) => ({ event, batch: [] })),
        }).finish();
        expect(heardIn(Buffer.from(batch))).toEqual(all.map(({ words }) => words));
        for (const { event, words } of all) {
          expect(heardIn(Buffer.from(ServerEvent.encode({ event, batch: [] }).finish()))).toEqual([words]);
        }
      }),
    );
  });

  test('passes over fields that it does not know', () => {
    const known = Buffer.from(ServerEvent.encode({ event: undefined, batch: [] }).finish());
    // Fields 100 (varint) and 101 (length-delimited), as a later server may send them.
    const unknown = Buffer.from([0xa0, 0x06, 0x96, 0x01, 0xaa, 0x06, 0x02, 0x61, 0x62]);
    expect(heardIn(Buffer.concat([unknown, known, unknown]))).toEqual([]);
  });

  test('of bytes that are no event fails', () => {
    const whole = Buffer.from(
      ServerEvent.encode({
        event: {
          $case: 'broadcast',
          value: {
            ...{ userId: 'ana', room: 'red', content: 'words', timestampUtc: 1n, messageId: 'm' },
            ...{ seq: 7n, displayName: 'Ana', traceparent: '' },
          },
        },
        batch: [],
      }).finish(),
    );
    expect(() => heardIn(whole.subarray(0, -9))).toThrow();
    expect(() => heardIn(Buffer.from([0x0b]))).toThrow();
  });
});

describe('a post', () => {
  const stamps = fc.record({
    dueMicros: fc.integer({ min: 0, max: 2 ** 42 - 1 }),
    sender: fc.integer({ min: 0, max: 2 ** 18 - 1 }),
    number: fc.integer({ min: 0, max: 2 ** 30 - 1 }),
  });

  test('is what the generated code reads, with the stamp that it was given', () => {
    const sizes = fc.oneof(fc.integer({ min: STAMP_BYTES, max: 300 }), fc.constantFrom(16_000, 20_000));
    fc.assert(
      fc.property(stamps, sizes, fc.boolean(), (stamp, contentBytes, hasId) => {
        const run = runMark('k3f9');
        const id = hasId ? String(stamp.number) : '';
        const frame = framedPost({ room: 'load-k3f9-room-1', stamp: { ...stamp, run }, contentBytes, id });
        expect(frame.readUInt32BE(1)).toBe(frame.length - PREFIX_BYTES);
        const { message, requestId } = ClientEnvelope.decode(frame.subarray(PREFIX_BYTES));
        if (message?.$case !== 'chat') throw new Error(`it is ${message?.$case}`);
        expect(message.value).toMatchObject({ room: 'load-k3f9-room-1', messageId: id, userId: '' });
        expect(requestId).toBe(id);
        const content = Buffer.from(message.value.content);
        expect(content.length).toBe(contentBytes);
        expect(isOfRun(content, 0, run)).toBe(true);
        expect(isOfRun(content, 0, runMark('k3f8'))).toBe(false);
        expect({
          dueMicros: dueMicrosOf(content, 0),
          sender: senderOf(content, 0),
          number: numberOf(content, 0),
        }).toEqual(stamp);
      }),
    );
  });
});

test('a message that is said to be longer than any is, is waited for by nobody', () => {
  const cutter = new MessageCutter(() => {});
  expect(() => cutter.push(Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 1]))).toThrow(/4294967295 bytes/);
});

test('messages are cut alike, however the stream comes in pieces', () => {
  const bodies = fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 12 });
  fc.assert(
    fc.property(bodies, fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }), (all, sizes) => {
      const stream = Buffer.concat(
        all.map((body) => {
          const prefix = Buffer.alloc(PREFIX_BYTES);
          prefix.writeUInt32BE(body.length, 1);
          return Buffer.concat([prefix, body]);
        }),
      );
      const cut: Buffer[] = [];
      const cutter = new MessageCutter((bytes, from, to) => cut.push(Buffer.from(bytes.subarray(from, to))));
      for (let at = 0, turn = 0; at < stream.length; turn++) {
        const size = sizes[turn % sizes.length] ?? 1;
        cutter.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(cut.map((body) => body.toString('hex'))).toEqual(all.map((body) => Buffer.from(body).toString('hex')));
    }),
  );
});

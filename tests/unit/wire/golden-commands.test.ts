import { describe, expect, test } from 'vitest';
import type { Command } from '../../../src/core/commands.ts';
import { decodeCommand } from '../../../src/wire/codec.ts';
import * as byHand from '../../support/envelopes.ts';
import { golden, goldenNames } from '../../support/golden.ts';

interface CommandCase {
  readonly golden: string;
  readonly command: Command;
  /** The same written by hand, where tests/support/envelopes.ts can say it. */
  readonly byHand?: Buffer;
}

const room = 'general';
const join = { kind: 'join', requestId: '', userId: 'ana', room, displayName: 'Ana', position: undefined } as const;
const post = {
  kind: 'post',
  requestId: '',
  userId: 'ana',
  room,
  content: 'hello',
  messageId: '',
  traceparent: '',
} as const;
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

/** An arm with all of its fields, and the fields beside it. */
const handwritten = (arm: number, fields: byHand.Fields, requestId: string) =>
  byHand.message({ [arm]: byHand.message(fields), 10: requestId, 11: traceparent });

const COMMANDS: readonly CommandCase[] = [
  {
    golden: 'ClientEnvelope.join',
    command: { ...join, requestId: 'r-1', displayName: 'Ana María', position: { epoch: 'e-1', seq: 2n ** 53n + 1n } },
    byHand: handwritten(
      1,
      { 1: 'ana', 2: room, 3: 'Ana María', 4: byHand.message({ 1: 'e-1', 2: 2n ** 53n + 1n }) },
      'r-1',
    ),
  },
  {
    golden: 'ClientEnvelope.chat',
    command: { ...post, requestId: 'r-2', content: '¿qué tal? 👋', messageId: 'm-1', traceparent },
  },
  {
    golden: 'ClientEnvelope.leave',
    command: { kind: 'leave', requestId: 'r-3', userId: 'ana', room },
    byHand: handwritten(3, { 1: 'ana', 2: room }, 'r-3'),
  },
  {
    golden: 'ClientEnvelope.history',
    command: {
      kind: 'history',
      requestId: 'r-4',
      room,
      epoch: 'e-1',
      beforeSeq: 2n ** 53n + 1n,
      limit: 4_294_967_295,
    },
    byHand: handwritten(4, { 1: room, 2: 'e-1', 3: 2n ** 53n + 1n, 4: 4_294_967_295 }, 'r-4'),
  },
  {
    golden: 'ClientEnvelope.members',
    command: { kind: 'members', requestId: 'r-5', room, pageSize: 50, pageToken: '17' },
    byHand: handwritten(5, { 1: room, 2: 50, 3: '17' }, 'r-5'),
  },
  {
    golden: 'ClientEnvelope.heartbeat',
    command: { kind: 'heartbeat', requestId: 'r-6', nonce: Buffer.of(0, 1, 0xfe, 0xff), reply: true },
    byHand: handwritten(6, { 1: Buffer.of(0, 1, 0xfe, 0xff), 2: true }, 'r-6'),
  },
  {
    golden: 'ClientEnvelope.hello',
    command: {
      kind: 'hello',
      requestId: 'r-7',
      client: 'golden/1.0',
      userId: 'ana',
      displayName: 'Ana María',
      resumeToken: 't-1',
    },
    byHand: handwritten(7, { 1: 'golden/1.0', 2: 'ana', 3: 'Ana María', 4: 't-1' }, 'r-7'),
  },
  {
    golden: 'ClientEnvelope.empty',
    command: { kind: 'unrecognised', requestId: '' },
    byHand: byHand.armless(),
  },
  {
    golden: 'ClientEnvelope.basic-join',
    command: join,
    byHand: byHand.join(room, { userId: 'ana', displayName: 'Ana' }),
  },
  { golden: 'ClientEnvelope.basic-join-lobby', command: { ...join, room: 'lobby' } },
  { golden: 'ClientEnvelope.basic-join-nameless', command: { ...join, userId: '' } },
  { golden: 'ClientEnvelope.basic-chat', command: post },
  { golden: 'ClientEnvelope.basic-chat-empty', command: { ...post, content: '' } },
  { golden: 'ClientEnvelope.basic-chat-lobby', command: { ...post, room: 'lobby' } },
  { golden: 'ClientEnvelope.basic-chat-nanoseconds', command: post },
  { golden: 'ClientEnvelope.basic-chat-beyond-2-53', command: post },
  { golden: 'ClientEnvelope.basic-chat-negative', command: post },
  {
    golden: 'ClientEnvelope.basic-leave',
    command: { kind: 'leave', requestId: '', userId: 'ana', room },
    byHand: byHand.leave(room, { userId: 'ana' }),
  },
];

describe('what protoc writes becomes the command that was meant', () => {
  test.each(COMMANDS)('$golden', ({ golden: name, command }) => {
    expect(decodeCommand(golden(name))).toEqual(command);
  });
});

describe('what tests write by hand is what protoc writes', () => {
  const cases = COMMANDS.filter((one) => one.byHand !== undefined);
  test.each(cases)('$golden', ({ golden: name, byHand: bytes }) => {
    expect(bytes?.toString('hex')).toBe(golden(name).toString('hex'));
  });
});

test('each golden ClientEnvelope is read', () => {
  expect(COMMANDS.map((one) => one.golden).sort()).toEqual(goldenNames('ClientEnvelope'));
});

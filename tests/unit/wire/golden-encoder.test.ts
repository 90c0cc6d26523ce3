import { describe, expect, test } from 'vitest';
import type { Answer, RoomEvent } from '../../../src/core/events.ts';
import type { ClientKind } from '../../../src/core/ports.ts';
import { answerEncoder, encodeRoomEvent, serverEventsIn } from '../../../src/wire/codec.ts';
import { golden, goldenNames } from '../../support/golden.ts';

const room = 'general';
const who = { userId: 'ana', displayName: 'Ana María' };
const message: RoomEvent = {
  kind: 'message',
  room,
  ...who,
  content: '¿qué tal? 👋',
  utcMs: 1_700_000_000_123,
  messageId: 'm-1',
  traceparent: '',
  seq: Number.MAX_SAFE_INTEGER,
};
const left: RoomEvent = { kind: 'member_left', room, ...who, utcMs: 1_700_000_000_124, seq: 301, reason: 'lost' };
const joined: RoomEvent = { kind: 'member_joined', room, ...who, utcMs: 1_700_000_000_123, seq: 300 };
const ack: Answer = { kind: 'acked', requestId: 'r-1', room, messageId: 'm-1', seq: 300, duplicate: true };
const encode = answerEncoder('chat-grpc/9.9.9');

interface AnswerCase {
  readonly golden: string;
  readonly answer: Answer;
  readonly client?: ClientKind;
}

const ANSWERS: readonly AnswerCase[] = [
  {
    golden: 'ServerEvent.welcome',
    answer: {
      kind: 'welcome',
      requestId: 'r-1',
      sessionId: 's-1',
      resumeToken: 't-1',
      resumed: true,
      ...who,
      limits: {
        maxEnvelopeBytes: 1,
        maxContentBytes: 2,
        maxNameBytes: 3,
        maxRoomsPerSession: 4,
        rateLimit: 5,
        rateBurst: 6,
        maxPageSize: 9,
        maxMembersPerRoom: 10,
        maxRooms: 11,
        maxSessions: 12,
        roomHistoryBytes: 13,
        roomHistoryAgeMs: 14,
        historyBytes: 15,
        foldAbove: 16,
        resumeGraceMs: 8,
        handshakeTimeoutMs: 17,
        heartbeatIntervalMs: 25_000,
        heartbeatTimeoutMs: 18,
        stuckWriteTimeoutMs: 19,
        maxUnfinishedBytes: 20,
      },
    },
  },
  {
    golden: 'ServerEvent.joined',
    answer: {
      kind: 'joined',
      requestId: 'r-1',
      room,
      userId: 'ana',
      displayName: 'Ana',
      epoch: 'e-1',
      seq: 7,
      recovered: true,
      headSeq: 9,
      memberCount: 3,
    },
  },
  { golden: 'ServerEvent.ack', answer: ack },
  {
    golden: 'ServerEvent.error',
    answer: {
      kind: 'refused',
      requestId: 'r-1',
      refusal: {
        reason: 'rate_limited',
        message: 'more than 20 envelopes a second; wait 50 ms',
        retryAfterMs: 50,
        room,
      },
    },
  },
  {
    golden: 'ServerEvent.gap',
    answer: { kind: 'gap', room, epoch: 'e-1', fromSeq: 5, toSeq: Number.MAX_SAFE_INTEGER },
  },
  {
    golden: 'ServerEvent.history',
    answer: {
      kind: 'history',
      requestId: 'r-1',
      room,
      epoch: 'e-1',
      hasMore: true,
      entries: [encodeRoomEvent(message), encodeRoomEvent(left)],
    },
  },
  {
    golden: 'ServerEvent.members',
    answer: {
      kind: 'members',
      requestId: 'r-1',
      room,
      members: [
        { ...who, joinedAtUtcMs: 1_700_000_000_123, isDetached: false },
        { userId: 'bob', displayName: 'Bob', joinedAtUtcMs: 1_700_000_000_124, isDetached: true },
      ],
      nextPageToken: '17',
      memberCount: 40,
      headSeq: 300,
    },
  },
  {
    golden: 'ServerEvent.heartbeat',
    answer: { kind: 'heartbeat_reply', nonce: Uint8Array.of(0, 1, 0xfe, 0xff) },
  },
  { golden: 'ServerEvent.draining', answer: { kind: 'draining', reconnectAfterMs: 750 } },
  { golden: 'ServerEvent.left', answer: { kind: 'left', requestId: 'r-1', room, reason: 'left', seq: 300 } },
  {
    golden: 'ServerEvent.notice-error',
    client: 'basic',
    answer: {
      kind: 'refused',
      requestId: 'r-1',
      refusal: { reason: 'not_a_member', message: 'join lobby first', room: 'lobby' },
    },
  },
  {
    golden: 'ServerEvent.notice-gap',
    client: 'basic',
    answer: { kind: 'gap', room, epoch: 'e-1', fromSeq: 5, toSeq: 7 },
  },
];

interface RoomEventCase {
  readonly golden: string;
  readonly event: RoomEvent;
}

const ROOM_EVENTS: readonly RoomEventCase[] = [
  { golden: 'ServerEvent.broadcast-as-sent', event: message },
  {
    golden: 'ServerEvent.notice-fold',
    event: { kind: 'fold', room, utcMs: 1_700_000_000_125, seq: 302, joinedCount: 12, leftCount: 3 },
  },
  { golden: 'ServerEvent.notice-user-joined', event: joined },
  { golden: 'ServerEvent.notice-user-left', event: left },
];

describe('our encoder writes byte for byte what protoc writes', () => {
  test.each(ANSWERS)('$golden', ({ golden: name, answer, client = 'full' }) => {
    expect(hexOfTheOnlyEvent(encode(answer, client))).toBe(golden(name).toString('hex'));
  });

  test.each(ROOM_EVENTS)('$golden', ({ golden: name, event }) => {
    expect(hexOfTheOnlyEvent(encodeRoomEvent(event))).toBe(golden(name).toString('hex'));
  });

  test('entries one after another are ServerEvent.batch', () => {
    const entries = [encodeRoomEvent(message), encodeRoomEvent(left), encode(ack, 'full') ?? Buffer.alloc(0)];
    expect(Buffer.concat(entries).toString('hex')).toBe(golden('ServerEvent.batch').toString('hex'));
  });
});

test('each golden ServerEvent is written by our encoder, unless it has fields that we do not fill', () => {
  const written = [...ANSWERS, ...ROOM_EVENTS].map((one) => one.golden).concat('ServerEvent.batch');
  const unfilled = ['broadcast', 'notice'].map((arm) => `ServerEvent.${arm}`);
  expect([...written, ...unfilled].sort()).toEqual(goldenNames('ServerEvent'));
});

function hexOfTheOnlyEvent(entry: Uint8Array | undefined): string {
  const events = serverEventsIn(entry ?? Buffer.alloc(0));
  expect(events).toHaveLength(1);
  return hex(events[0] ?? Buffer.alloc(0));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

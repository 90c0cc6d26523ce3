import { describe, expect, test } from 'vitest';
import {
  ClientEnvelope,
  LeaveReason,
  ListRoomsRequest,
  ListRoomsResponse,
  Member_State,
  type MessageFns,
  ServerEvent,
  ServerNotice_Type,
} from '../../../api/gen/chat/v1/chat.ts';
import { golden, goldenNames } from '../../support/golden.ts';

const room = 'general';
const who = { userId: 'ana', displayName: 'Ana María' };
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

interface DecodedCase {
  readonly golden: string;
  readonly event: ServerEvent['event'];
}

/** The arms with fields that this server does not fill yet. */
const BEYOND_OUR_ENCODER: readonly DecodedCase[] = [
  {
    golden: 'ServerEvent.joined',
    event: {
      $case: 'joined',
      value: {
        userId: 'ana',
        room,
        welcomeMessage: 'Welcome to general, Ana!',
        position: { epoch: 'e-1', seq: 7n },
        recovered: true,
        headSeq: 9n,
        memberCount: 3,
        requestId: 'r-1',
      },
    },
  },
  {
    golden: 'ServerEvent.broadcast',
    event: {
      $case: 'broadcast',
      value: {
        ...who,
        room,
        content: '¿qué tal? 👋',
        timestampUtc: 1_700_000_000_123n,
        messageId: 'm-1',
        seq: BigInt(Number.MAX_SAFE_INTEGER),
        traceparent,
      },
    },
  },
  {
    golden: 'ServerEvent.notice',
    event: {
      $case: 'notice',
      value: {
        ...who,
        room,
        type: ServerNotice_Type.ERROR,
        message: '3 joined and 2 left',
        seq: 300n,
        timestampUtc: 1_700_000_000_123n,
        reason: LeaveReason.FORBIDDEN,
        joinedCount: 3,
        leftCount: 2,
      },
    },
  },
  {
    golden: 'ServerEvent.welcome',
    event: {
      $case: 'welcome',
      value: {
        ...who,
        sessionId: 's-1',
        resumeToken: 't-1',
        resumed: true,
        heartbeatIntervalMs: 25_000,
        limits: {
          maxEnvelopeBytes: 1,
          maxContentBytes: 2,
          maxNameBytes: 3,
          maxRooms: 4,
          envelopesPerSecond: 5,
          envelopeBurst: 6,
          maxUnacked: 256,
          resumeGraceMs: 8,
          maxPageSize: 9,
        },
        server: 'chat-grpc/9.9.9',
        requestId: 'r-1',
      },
    },
  },
  {
    golden: 'ServerEvent.members',
    event: {
      $case: 'members',
      value: {
        requestId: 'r-1',
        room,
        members: [
          { ...who, joinedAtUtc: 1_700_000_000_123n, state: Member_State.ACTIVE },
          { userId: 'bob', displayName: 'Bob', joinedAtUtc: 1_700_000_000_124n, state: Member_State.DETACHED },
        ],
        nextPageToken: '17',
        memberCount: 40,
        headSeq: 300n,
      },
    },
  },
];

describe('the generated code reads what our encoder does not fill', () => {
  test.each(BEYOND_OUR_ENCODER)('$golden', ({ golden: name, event }) => {
    expect(ServerEvent.decode(golden(name))).toEqual({ event, batch: [] });
  });

  test('ListRoomsRequest', () => {
    expect(ListRoomsRequest.decode(golden('ListRoomsRequest.page'))).toEqual({ pageSize: 50, pageToken: '17' });
  });

  test('ListRoomsResponse', () => {
    const rooms = [
      { room, memberCount: 3, position: { epoch: 'e-1', seq: 300n } },
      { room: 'lobby', memberCount: 0, position: { epoch: 'e-2', seq: BigInt(Number.MAX_SAFE_INTEGER) } },
    ];
    expect(ListRoomsResponse.decode(golden('ListRoomsResponse.page'))).toEqual({ rooms, nextPageToken: '18' });
  });
});

describe('the generated code writes again byte for byte what protoc wrote', () => {
  test.each(goldenNames('ClientEnvelope'))('%s', (name) =>
    expect(rewritten(ClientEnvelope, name)).toBe(hex(golden(name))),
  );
  test.each(goldenNames('ServerEvent'))('%s', (name) => expect(rewritten(ServerEvent, name)).toBe(hex(golden(name))));
  test.each(goldenNames('ListRoomsRequest'))('%s', (name) =>
    expect(rewritten(ListRoomsRequest, name)).toBe(hex(golden(name))),
  );
  test.each(goldenNames('ListRoomsResponse'))('%s', (name) =>
    expect(rewritten(ListRoomsResponse, name)).toBe(hex(golden(name))),
  );
});

function rewritten<T>(type: MessageFns<T>, name: string): string {
  return hex(type.encode(type.decode(golden(name))).finish());
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

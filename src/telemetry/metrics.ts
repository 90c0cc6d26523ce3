import type { Histogram, Meter } from '@opentelemetry/api';
import type { Deliveries } from '../core/deliveries.ts';
import type { RoomRegistry } from '../core/room-registry.ts';
import type { SessionRegistry } from '../core/session-registry.ts';
import type { Traffic } from '../core/traffic.ts';

const STREAM_BUCKETS = [0.01, 0.1, 1, 10, 60, 300, 1800, 3600, 21_600, 86_400];
const PASS_BUCKETS = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1];

export interface Measured {
  readonly sessions: SessionRegistry;
  readonly rooms: RoomRegistry;
  readonly deliveries: Deliveries;
  readonly traffic: Traffic;
  /** TCP connections. */
  readonly transports: { readonly size: number };
}

/** What is recorded when it happens, all in seconds; and counts by reason. */
export interface Recorders {
  readonly fanoutDuration: Histogram;
  readonly deliveryLag: Histogram;
  readonly callDuration: Histogram;
  /** Streams that are over, by why. */
  readonly closed: Map<string, number>;
  /** Streams and calls that were not let in, and TCP connections that were not served, by why. */
  readonly refused: Map<string, number>;
  readonly transportsRefused: Map<string, number>;
}

export function createRecorders(meter: Meter): Recorders {
  const seconds = (name: string, description: string, explicitBucketBoundaries: number[]) =>
    meter.createHistogram(name, { unit: 's', description, advice: { explicitBucketBoundaries } });
  return {
    fanoutDuration: seconds(
      'chat.fanout.duration',
      'From an event being appended to everybody being written to who could be',
      PASS_BUCKETS,
    ),
    deliveryLag: seconds(
      'chat.delivery.lag',
      'From an event being appended to a write of it having left, one of each pass',
      PASS_BUCKETS,
    ),
    callDuration: seconds('rpc.server.call.duration', 'How long streams lasted', STREAM_BUCKETS),
    closed: new Map(),
    refused: new Map(),
    transportsRefused: new Map(),
  };
}

/**
 * Lets the numbers that the core keeps be read: on the way of a delivery there are
 * only integers. No metric has a room or a user as an attribute.
 */
export function exportMeasured(meter: Meter, recorders: Recorders, measured: Measured): void {
  const { closed, refused, transportsRefused } = recorders;
  const { sessions, rooms, deliveries, traffic, transports } = measured;
  const counter = (name: string, unit: string, description: string, read: () => number) =>
    meter.createObservableCounter(name, { unit, description }).addCallback((result) => result.observe(read()));
  const byKey = (
    name: string,
    unit: string,
    description: string,
    key: string,
    read: () => Iterable<[string, number]>,
  ) =>
    meter.createObservableCounter(name, { unit, description }).addCallback((result) => {
      for (const [value, count] of read()) result.observe(count, { [key]: value });
    });
  const states = (name: string, unit: string, description: string, read: () => { active: number; detached: number }) =>
    meter.createObservableUpDownCounter(name, { unit, description }).addCallback((result) => {
      for (const [state, count] of Object.entries(read())) result.observe(count, { state });
    });

  states('chat.session.active', '{session}', 'Sessions with an identity', () => sessionsByState(sessions));
  states('chat.member.active', '{member}', 'Seats in rooms', () => membersByState(rooms));
  meter
    .createObservableUpDownCounter('chat.room.active', {
      unit: '{room}',
      description: 'Rooms, the empty ones that are remembered too',
    })
    .addCallback((result) => {
      for (const [state, count] of Object.entries(roomsByState(rooms))) result.observe(count, { state });
    });
  meter
    .createObservableUpDownCounter('chat.transport.active', { unit: '{transport}', description: 'TCP connections' })
    .addCallback((result) => result.observe(transports.size));
  byKey(
    'chat.transport.refused',
    '{transport}',
    'TCP connections that were not served',
    'reason',
    () => transportsRefused,
  );
  byKey('chat.session.refused', '{session}', 'Streams and calls that were not let in', 'reason', () => refused);
  byKey('chat.session.closed', '{session}', 'Streams that are over', 'reason', () => closed);
  byKey('chat.session.resumed', '{session}', 'Rooms joined again with a position', 'recovered', () => [
    ['true', traffic.resumed.recovered],
    ['false', traffic.resumed.unrecovered],
  ]);
  counter('chat.message.received', '{message}', 'Posts that arrived', () => traffic.received);
  byKey('chat.message.rejected', '{message}', 'Posts that were rejected', 'reason', () => traffic.rejected);
  counter('chat.delivery.owed', '{event}', 'Events appended, once a member', () => deliveries.owed);
  counter('chat.delivery.written', '{event}', 'Events handed to the network', () => deliveries.written);
  counter('chat.delivery.skipped', '{event}', 'Events told in a gap instead', () => deliveries.skipped);
  counter('chat.delivery.abandoned', '{event}', 'Events whose stream ended first', () => deliveries.abandoned);
  meter
    .createObservableUpDownCounter('chat.delivery.behind', {
      unit: '{event}',
      description: 'Events that are owed still',
    })
    .addCallback((result) => result.observe(sessions.behind));
  counter('chat.delivery.bytes', 'By', 'Bytes of all writes, answers included', () => deliveries.bytes);
  counter('chat.write.count', '{write}', 'Writes that have left', () => deliveries.writes);
  counter('chat.log.trimmed', '{event}', 'Events that logs gave up to stay within their budget', () => rooms.trimmed);
  meter
    .createObservableGauge('chat.log.bytes', { unit: 'By', description: 'Memory of the logs of all rooms' })
    .addCallback((result) => result.observe(rooms.heldBytes));
  meter
    .createObservableGauge('chat.member.lag', { unit: '{event}', description: 'Events that sessions are behind' })
    .addCallback((result) => {
      const lags = Array.from(sessions.all(), ({ outbox }) => outbox.behind).sort((a, b) => a - b);
      result.observe(lags.at(-1) ?? 0, { statistic: 'max' });
      result.observe(lags[Math.floor(lags.length * 0.99)] ?? 0, { statistic: 'p99' });
    });
}

function sessionsByState(sessions: SessionRegistry): { active: number; detached: number } {
  const count = { active: 0, detached: 0 };
  for (const { phase } of sessions.all()) if (phase === 'active' || phase === 'detached') count[phase] += 1;
  return count;
}

function membersByState(rooms: RoomRegistry): { active: number; detached: number } {
  const count = { active: 0, detached: 0 };
  for (const { members } of rooms.all()) {
    for (const { isDetached } of members.values()) count[isDetached ? 'detached' : 'active'] += 1;
  }
  return count;
}

function roomsByState(rooms: RoomRegistry): { occupied: number; empty: number } {
  const count = { occupied: 0, empty: 0 };
  for (const { members } of rooms.all()) count[members.size === 0 ? 'empty' : 'occupied'] += 1;
  return count;
}

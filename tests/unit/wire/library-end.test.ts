import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import type { Reason } from '../../../src/core/errors.ts';
import { whenLibraryEnds } from '../../../src/wire/library-end.ts';
import { bareCall } from '../../support/bare-call.ts';

interface Case {
  readonly name: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A message with its prefix. */
  readonly hex: string;
  readonly code: status;
  readonly reason: Reason;
}

const CASES: readonly Case[] = [
  { name: 'too long by its prefix', hex: '00ffffffff', code: status.RESOURCE_EXHAUSTED, reason: 'envelope_too_large' },
  {
    name: 'that does not decompress',
    headers: { 'grpc-encoding': 'gzip' },
    hex: '0100000000',
    code: status.INTERNAL,
    reason: 'invalid_envelope',
  },
  {
    name: 'compressed in an unknown way',
    headers: { 'grpc-encoding': 'snappy' },
    hex: '0100000000',
    code: status.UNIMPLEMENTED,
    reason: 'unsupported',
  },
];

describe('the installed grpc-js ends a call by itself for a message', () => {
  test.each(CASES)('$name, and that is told, here and to the client', async ({ headers = {}, hex, code, reason }) => {
    using world = await bareCall({ headers });
    const told: Reason[] = [];
    whenLibraryEnds(world.call, (why) => {
      told.push(why);
      return true;
    });
    world.call.resume();
    world.client.sendBytes(Buffer.from(hex, 'hex'));
    const end = await world.client.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
    expect(told).toEqual([reason]);
  });

  test.each(CASES)('$name, and what has ended already is left as it is', async ({ headers = {}, hex, code }) => {
    using world = await bareCall({ headers });
    whenLibraryEnds(world.call, () => false);
    world.call.resume();
    world.client.sendBytes(Buffer.from(hex, 'hex'));
    const end = await world.client.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason: undefined });
  });
});

test('a status of ours keeps its own reason, whoever thinks that it has not ended', async () => {
  using world = await bareCall();
  whenLibraryEnds(world.call, () => true);
  const metadata = new Metadata();
  metadata.set('chat-reason', 'server_full');
  world.call.emit('error', { code: status.RESOURCE_EXHAUSTED, details: 'full', metadata });
  expect((await world.client.ended).trailers['chat-reason']).toBe('server_full');
});

test('a time-out of the client is nothing that it did wrong', async () => {
  using world = await bareCall({ headers: { 'grpc-timeout': '1m' } });
  const told: Reason[] = [];
  whenLibraryEnds(world.call, (why) => {
    told.push(why);
    return true;
  });
  expect((await world.client.ended).status).toBe(status.DEADLINE_EXCEEDED);
  expect(told).toEqual([]);
});

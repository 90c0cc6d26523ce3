import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { Places } from '../../../src/wire/places.ts';

/** A call that somebody over there has made, and how it was ended. */
class Call extends EventEmitter {
  readonly ends: unknown[] = [];
  readonly #peer: string;

  constructor(peer: string) {
    super();
    this.#peer = peer;
    this.on('error', ({ code, metadata }) => this.ends.push([code, metadata.get('chat-reason')]));
  }

  getPeer(): string {
    return this.#peer;
  }
}

const FULL = [[status.RESOURCE_EXHAUSTED, ['server_full']]];

function places(most: { ofAll: number; ofOne: number }) {
  const refused: string[] = [];
  const all = new Places<Call>('calls', most, (peer, { reason }) => refused.push(`${peer} ${reason}`));
  const take = (peer: string) => {
    const call = new Call(peer);
    return { call, isTaken: all.take(call) };
  };
  return { all, take, refused };
}

describe('Places', () => {
  test('one transport takes its few, and leaves the others theirs', () => {
    const { take, refused } = places({ ofAll: 10, ofOne: 2 });
    const [first, , third] = [take('ana'), take('ana'), take('ana')];
    expect([first.isTaken, third.isTaken, third.call.ends]).toEqual([true, false, FULL]);
    expect(take('bob').isTaken).toBe(true);
    expect(refused).toEqual(['ana server_full']);
    first.call.emit('cancelled');
    expect(take('ana').isTaken).toBe(true);
  });

  test('together they take no more than there are', () => {
    const { all, take } = places({ ofAll: 2, ofOne: 2 });
    const first = take('ana');
    take('bob');
    expect(take('cleo').call.ends).toEqual(FULL);
    expect(all.calls.size).toBe(2);
    first.call.emit('cancelled');
    expect(take('cleo').isTaken).toBe(true);
  });
});

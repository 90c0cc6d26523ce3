import { expect } from 'vitest';
import { ServerNotice_Type } from '../../../api/gen/chat/v1/chat.ts';
import type { RawClient } from '../../support/raw-client.ts';
import { wordOf } from './ledger.ts';
import type { LiveClient } from './live-client.ts';

/**
 * Each of these was told of the room up to `head`: every seq from where it began,
 * once and in order, and whatever two of them were told of one seq is the same.
 * `exceptGaps`: what a gap names is not missed.
 */
export function expectToldAlike(clients: readonly LiveClient[], room: string, head: number, exceptGaps = false): void {
  const known = new Map<number, string>();
  for (const client of clients) {
    const { at, gaps } = client.ledger(room);
    expect(client.violations, client.userId).toEqual([]);
    expect(at, `${client.userId} was told up to the head`).toBe(head);
    if (!exceptGaps) expect(gaps, client.userId).toEqual([]);
    for (const [seq, what] of client.log(room)) {
      expect(known.get(seq) ?? what, `what ${client.userId} was told of ${seq}`).toBe(what);
      known.set(seq, what);
    }
  }
}

/** The USER_LEFT that a client was told of a user. */
export function leavesOf(client: RawClient, userId: string) {
  return client
    .all('notice')
    .filter((notice) => notice.type === ServerNotice_Type.USER_LEFT && notice.userId === userId)
    .map(({ seq, reason, timestampUtc }) => ({
      seq: Number(seq),
      reason: wordOf(reason),
      at: Number(timestampUtc),
    }));
}

/** Settled when this client is told of the user's leave. */
export function hearsLeaveOf(client: LiveClient, userId: string): Promise<ReturnType<typeof leavesOf>[number]> {
  return client.until(() => leavesOf(client, userId)[0]);
}

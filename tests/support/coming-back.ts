import { vi } from 'vitest';
import { type At, hello, join } from './envelopes.ts';
import { RawClient, type Told } from './raw-client.ts';
import type { RawStreamOptions } from './raw-stream.ts';
import type { startServer } from './server.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

/** For conditions that come when the machine gets to them. */
export const PATIENCE = { timeout: 30_000, interval: 10 };

/** Whoever was told something, in this order. */
interface Hearer {
  readonly told: readonly Told[];
}

/** The token of the session that a client has had. */
export function tokenOf({ told }: Hearer): string {
  const welcome = told.findLast((event) => event.$case === 'welcome');
  if (welcome === undefined) throw new Error('it was not welcomed');
  return welcome.value.resumeToken;
}

/** Where a client stands in a room: the last seq, or the end of the last gap, that it was told. */
export function positionOf({ told }: Hearer, room: string): At {
  let at: At | undefined;
  for (const { $case, value } of told) {
    if (!('room' in value) || value.room !== room) continue;
    if ($case === 'joined') at = value.position;
    else if ($case === 'gap') at = { epoch: value.epoch, seq: value.toSeq };
    else if (($case === 'broadcast' || $case === 'notice') && at !== undefined) at = { ...at, seq: value.seq };
  }
  if (at === undefined) throw new Error(`it was never in ${room}`);
  return at;
}

/** A stream with the token of an earlier one of the same client, on which `rooms` are joined from where it stood. */
export async function comeBack(
  port: number,
  earlier: Hearer,
  rooms: readonly string[] = [],
  options?: RawStreamOptions,
): Promise<RawClient> {
  const client = new RawClient(port, options);
  const joins = rooms.map((room) => join(room, { position: positionOf(earlier, room) }));
  client.send(hello('', { resumeToken: tokenOf(earlier) }), ...joins);
  await client.hear('welcome');
  for (const room of rooms) await client.hear('joined', (ack) => ack.room === room);
  return client;
}

/** Settled when the server has noticed that the user's stream is gone. */
export async function isDetached(server: Server, room: string, userId: string): Promise<void> {
  await vi.waitFor(() => {
    if (!server.rooms.get(room)?.members.get(userId)?.isDetached) throw new Error(`${userId} is not detached`);
  }, PATIENCE);
}

/** The seqs of one room that a client was told live or again, in the order they came. */
export function seqsOf({ told }: Hearer, room: string): number[] {
  return told.flatMap(({ $case, value }) =>
    ($case === 'broadcast' || $case === 'notice') && value.room === room ? [Number(value.seq)] : [],
  );
}

/** from, from + 1, … to. */
export function run(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, i) => from + i);
}

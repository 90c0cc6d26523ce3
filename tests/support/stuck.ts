import { vi } from 'vitest';
import type { UnfinishedWrite } from '../../src/core/outbox.ts';
import { ByteReader } from '../faults/support/byte-reader.ts';
import { PATIENCE } from './coming-back.ts';
import { chat, hello, join } from './envelopes.ts';
import type { RawClient } from './raw-client.ts';
import type { startServer } from './server.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

/** Enough for what a member is told of itself, and for no message of 4,000 bytes. */
const WINDOW_BYTES = 1024;

/** A member of the room, of either kind, that reads nothing behind its JoinAck unless it is allowed to. */
export async function stuckReader(port: number, kind: 'full' | 'basic', userId: string, room: string) {
  const reader = await ByteReader.open(port, WINDOW_BYTES);
  if (kind === 'full') reader.send(hello(userId), join(room));
  else reader.send(join(room, { userId }));
  await reader.until(() => reader.told.find(({ $case }) => $case === 'joined'));
  return Object.assign(reader, { [Symbol.dispose]: () => reader.end() });
}

/** The write to a user that has not left yet, as soon as there is one. */
export async function unfinishedWriteTo(server: Server, room: string, userId: string): Promise<UnfinishedWrite> {
  return await vi.waitFor(() => {
    const write = server.rooms.get(room)?.members.get(userId)?.outbox.unfinished;
    if (write === undefined) throw new Error(`nothing that was written to ${userId} is unfinished`);
    return write;
  }, PATIENCE);
}

/** Says something of so many bytes, and waits until it is heard. */
export async function sayBytes(speaker: RawClient, room: string, bytes: number): Promise<void> {
  const heard = speaker.all('broadcast').length;
  speaker.send(chat(room, 'x'.repeat(bytes)));
  await speaker.until(() => speaker.all('broadcast').length > heard || undefined);
}

import type { ChatConnection, LoggedEvent } from '../connection/index.ts';
import { connectUntil, type Visit } from './connect-until.ts';
import { endOfSeat } from './end-of-seat.ts';
import type { LineWriter } from './line-writer.ts';
import type { Telling } from './telling.ts';

export interface TailOptions extends Visit {
  /** So many events of the past. */
  readonly lines: number;
}

interface Surroundings {
  readonly writer: LineWriter;
  readonly telling: Telling;
  readonly stop: AbortSignal;
}

/** Tells the last of what happened in a room, and then what happens, until it is stopped. @throws ChatError */
export async function tailRoom(options: TailOptions, { writer, telling, stop }: Surroundings): Promise<void> {
  const { name, lines, room, ...where } = options;
  const chat = await connectUntil(stop, { ...where, userId: name });
  chat.onState((state) => {
    const line = state.kind === 'closed' ? undefined : telling.state(state, Date.now());
    if (line !== undefined) void writer.write(line);
  });
  // What happens from the join on waits until what happened before is told.
  const told = (async () => {
    for (const event of await past(chat, room, lines)) await writer.write(telling.event(event));
  })();
  told.catch(() => chat.close());
  try {
    for await (const event of chat.events) {
      if (event.kind !== 'join_delayed') await told;
      const end = endOfSeat(event);
      if (end !== undefined) throw end;
      await writer.write(telling.event(event));
    }
    await told;
  } finally {
    await chat.close();
  }
}

/** Joins, and asks for what was before; a page of the server is not always enough. */
async function past(chat: ChatConnection, room: string, count: number): Promise<readonly LoggedEvent[]> {
  const { position } = await chat.join(room);
  let events: readonly LoggedEvent[] = [];
  let before = position.seq + 1n;
  while (events.length < count) {
    const page = await chat.history(room, { epoch: position.epoch, before, limit: count - events.length });
    events = [...page.events, ...events];
    const [oldest] = page.events;
    if (!page.hasMore || oldest === undefined) break;
    before = oldest.seq;
  }
  return events;
}

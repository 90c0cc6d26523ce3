import { PatientQuestions } from '../chat/patient-questions.ts';
import { type ChatConnection, ChatError, type ChatEvent, type LoggedEvent } from '../connection/index.ts';
import { connectUntil, type Visit } from './connect-until.ts';
import { endOfSeat } from './end-of-seat.ts';
import type { LineWriter } from './line-writer.ts';
import type { Telling } from './telling.ts';

/** Events that wait for the past to be told; a server that is asked politely may take some seconds for it. */
const MOST_HELD = 100_000;

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
  const { lines, room, ...where } = options;
  const chat = await connectUntil(stop, where);
  chat.onState((state) => {
    const line = state.kind === 'closed' ? undefined : telling.state(state, Date.now());
    if (line !== undefined) void writer.write(line);
  });
  // What happens from the join on. It is taken at once, for the answers come behind it, and told after the past.
  let held: ChatEvent[] | undefined = [];
  const begun = past(chat, new PatientQuestions(chat, stop), room, lines).then(async (events) => {
    const beginning = [...events, ...(held ?? [])];
    held = undefined;
    for (const event of beginning) await writer.write(telling.event(event));
  });
  begun.catch(() => chat.close());
  try {
    for await (const event of chat.events) {
      const end = endOfSeat(event);
      if (end !== undefined) throw end;
      if (event.kind !== 'join_delayed') {
        if (held !== undefined) {
          if (held.length >= MOST_HELD)
            throw new ChatError({ reason: 'lost', message: 'too much is said to tell the past first' });
          held.push(event);
          continue;
        }
        await begun;
      }
      await writer.write(telling.event(event));
    }
    await begun;
  } catch (error) {
    // The reader of the output may be who stopped it, in the middle of a question.
    if (!stop.aborted) throw error;
  } finally {
    await chat.close();
  }
}

/** Joins, and asks for what was before; a page of the server is not always enough. */
async function past(
  chat: ChatConnection,
  questions: PatientQuestions,
  room: string,
  count: number,
): Promise<readonly LoggedEvent[]> {
  const { position } = await chat.join(room);
  let events: readonly LoggedEvent[] = [];
  let before = position.seq + 1n;
  while (events.length < count) {
    const asked = { epoch: position.epoch, before, limit: count - events.length };
    const page = await questions.ask(() => chat.history(room, asked)).catch(goneMeanwhile);
    if (page === undefined) break;
    events = [...page.events, ...events];
    const [oldest] = page.events;
    if (!page.hasMore || oldest === undefined) break;
    before = oldest.seq;
  }
  return events;
}

/** Behind a lost stream the room may have begun anew, or its seat be waited for. */
function goneMeanwhile(error: unknown): undefined {
  if (error instanceof ChatError && ['invalid_position', 'not_a_member'].includes(error.reason)) return undefined;
  throw error;
}

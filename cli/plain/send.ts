import { Speaker } from '../chat/speaker.ts';
import { type ChatConnection, ChatError, type PostedMessage } from '../connection/index.ts';
import { connectUntil, type Visit } from './connect-until.ts';
import { endOfSeat } from './end-of-seat.ts';

interface Surroundings {
  /** Each is a message; empty ones are not sent. */
  readonly lines: AsyncIterable<string> | Iterable<string>;
  readonly taken: (posted: PostedMessage) => Promise<void>;
  /** The server did not take this line, counted from 1. */
  readonly refused: (error: unknown, line: number) => void;
  readonly stop: AbortSignal;
}

export interface Sending {
  readonly refused: number;
  /** All lines were read, and said or refused; otherwise it was stopped before. */
  readonly isWhole: boolean;
}

/** Says lines in a room, in their order, and leaves. @throws ChatError */
export async function sendLines(options: Visit, surroundings: Surroundings): Promise<Sending> {
  const { room, ...where } = options;
  const { lines, taken, refused, stop } = surroundings;
  const chat = await connectUntil(stop, where);
  const over = new AbortController();
  let line = 0;
  let refusals = 0;
  let written = Promise.resolve();
  const speaker = new Speaker(chat, room, {
    over: over.signal,
    taken: (posted) => {
      written = written.then(() => taken(posted));
    },
    refused: (error) => {
      // What was not said because it ends is no refusal.
      if (chat.state.kind === 'closed') return;
      refusals += 1;
      refused(error, line);
    },
  });
  const lost = listening(chat);
  lost.catch(() => over.abort());
  try {
    await Promise.race([chat.join(room), lost]);
    const texts = eachOf(lines);
    for (;;) {
      // The input may have nothing to say for long, and the server be gone.
      const { done, value: text } = await Promise.race([texts.next(), lost]);
      if (done) break;
      line += 1;
      if (text === '') continue;
      await Promise.race([speaker.say(text), lost]);
      await written;
    }
    return { refused: refusals, isWhole: !stop.aborted };
  } finally {
    over.abort();
    await chat.close();
  }
}

async function* eachOf(lines: Surroundings['lines']): AsyncGenerator<string, undefined> {
  yield* lines;
}

/** Takes what is told, so that answers come through. Rejects when nothing more can be said. */
async function listening(chat: ChatConnection): Promise<never> {
  for await (const event of chat.events) {
    const end = endOfSeat(event);
    if (end !== undefined) throw end;
  }
  throw new ChatError({ reason: 'closed', message: 'the connection was closed' });
}

import { identityBy } from '../chat/identity.ts';
import { Speaker } from '../chat/speaker.ts';
import type { ChatConnection, ChatEvent, JoinedRoom, ServerAccess } from '../connection/index.ts';
import { printable } from '../terminal/printable.ts';
import { connectUntil } from './connect-until.ts';
import { endOfSeat } from './end-of-seat.ts';
import { EXIT_USAGE, exitCodeOfError } from './exit-codes.ts';
import type { Prompt } from './prompt.ts';
import type { Telling } from './telling.ts';

const DEFAULT_ROOM = 'general';
/** A script must come to an end. A person can see how it stands, and quit. */
const PATIENCE_IN_A_PIPE_S = 60;
const QUIT = new Set(['/quit', '!quit']);

export interface JoinOptions {
  readonly server: ServerAccess;
  /** Asked for when undefined or empty, unless a token has it. */
  readonly name: string | undefined;
  /** Asked for when undefined; empty is the default room. */
  readonly room: string | undefined;
  readonly client: string;
  /** Seconds without the server after which to give up; undefined: for ever on a terminal, a minute in a pipe. */
  readonly patienceS: number | undefined;
  readonly welcomeTimeoutMs: number;
}

interface Terminal {
  readonly prompt: Prompt;
  /** For what went wrong. */
  readonly complain: (line: string) => void;
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal;
  readonly telling: Telling;
}

/**
 * Asks for what is not given, first the name, then the room, and talks there:
 * lines in and lines out, until /quit or the end of input. Returns the exit code.
 */
export async function joinRoom(options: JoinOptions, terminal: Terminal): Promise<number> {
  const { prompt, complain, stop } = terminal;
  stop.addEventListener('abort', () => prompt.close(), { once: true });
  const isKnown = options.server.token !== undefined;
  const name = options.name?.trim() || (isKnown ? '' : await askForName(prompt));
  if (name === undefined) {
    if (prompt.isTerminal || stop.aborted) return 0;
    complain('a name is needed: --name ana');
    return EXIT_USAGE;
  }
  const asked = options.room ?? (await prompt.ask(`room [${DEFAULT_ROOM}]: `));
  // A person who ends the input here has thought better of it; a pipe has merely nothing to say.
  if (stop.aborted || (asked === undefined && prompt.isTerminal)) return 0;
  const room = asked?.trim() || DEFAULT_ROOM;
  try {
    await visit({ ...options, name, room }, terminal);
    return 0;
  } catch (error) {
    prompt.close();
    if (stop.aborted) return 0;
    complain(messageOf(error));
    return exitCodeOfError(error);
  }
}

/** Connects, takes the seat and talks. */
async function visit(options: JoinOptions & { name: string; room: string }, terminal: Terminal): Promise<void> {
  const { server, client, name, room, patienceS, welcomeTimeoutMs } = options;
  const { prompt, stop, telling } = terminal;
  const patience = patienceS ?? (prompt.isTerminal ? Number.POSITIVE_INFINITY : PATIENCE_IN_A_PIPE_S);
  const giveUpAfterMs = patience * 1000;
  const where = { server, client, welcomeTimeoutMs, giveUpAfterMs };
  const chat = await connectUntil(stop, { ...where, ...identityBy(name, server) });
  chat.onState((state) => {
    const line = telling.state(state, Date.now());
    if (line !== undefined) prompt.print(line);
  });
  try {
    const joining = chat.join(room);
    const printing = print(chat, terminal, joining);
    printing.catch(() => {}); // its failure is told by whatever is waited for then
    await joining;
    await talk(chat, { room, printing }, terminal);
  } finally {
    await chat.close();
  }
}

/** Settled when the input is at its end and said. @throws ChatError when the room is lost for good. */
async function talk(
  chat: ChatConnection,
  { room, printing }: { room: string; printing: Promise<undefined> },
  { prompt, complain, stop }: Terminal,
): Promise<void> {
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  const over = new AbortController();
  const speaker = new Speaker(chat, room, {
    over: over.signal,
    refused: (error) => {
      const words = `not sent: ${messageOf(error)}`;
      if (prompt.isTerminal) prompt.print(`! ${words}`);
      else complain(words);
    },
  });
  try {
    for (;;) {
      const line = await Promise.race([prompt.ask('> '), printing, stopped]);
      if (line === undefined || QUIT.has(line.trim())) break;
      if (line === '') continue;
      const said = speaker.say(line);
      // A person goes on typing; a pipe is read no faster than the server takes it.
      if (!prompt.isTerminal) await Promise.race([said, printing, stopped]);
    }
    await Promise.race([speaker.idle, printing, stopped]);
  } finally {
    over.abort();
  }
  prompt.close();
  await chat.close();
  await printing;
}

/** Shows what happens, behind the greeting. @throws ChatError when the seat or the connection is lost for good. */
async function print(
  chat: ChatConnection,
  { prompt, telling }: Terminal,
  joining: Promise<JoinedRoom>,
): Promise<undefined> {
  const greeted = joining.then((joined) => prompt.print(telling.joined(joined, chat.displayName)));
  greeted.catch(() => {}); // told by whoever waits for `joining`
  for await (const event of chat.events) {
    if (event.kind !== 'join_delayed') await greeted;
    const end = endOfSeat(event);
    if (end !== undefined) throw end;
    if (!prompt.isTerminal || !isOwn(event, chat)) prompt.print(telling.event(event));
  }
}

/** On a terminal one's own words stand there already, typed. */
function isOwn(event: ChatEvent, chat: ChatConnection): boolean {
  return event.kind === 'message' && event.userId === chat.userId;
}

async function askForName(prompt: Prompt): Promise<string | undefined> {
  for (;;) {
    const name = await prompt.ask('name: ');
    if (name === undefined || name.trim() !== '') return name?.trim();
  }
}

/** A server's words reach the terminal too. */
function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

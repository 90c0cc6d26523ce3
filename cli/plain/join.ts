import { type ChatConnection, ChatError, type ChatEvent, connect } from '../connection/index.ts';
import { printable } from './printable.ts';
import type { Prompt } from './prompt.ts';
import { render } from './render.ts';
import { Speaker } from './speaker.ts';

export const EXIT_USAGE = 64;
const EXIT_NO_SERVER = 69;
const EXIT_REFUSED = 77;

const DEFAULT_ROOM = 'general';
const QUIT = new Set(['/quit', '!quit']);

export interface JoinOptions {
  readonly host: string;
  readonly port: number;
  /** Asked for when undefined or empty. */
  readonly name: string | undefined;
  /** Asked for when undefined; empty is the default room. */
  readonly room: string | undefined;
  readonly client: string;
}

interface Terminal {
  readonly prompt: Prompt;
  /** For what went wrong. */
  readonly complain: (line: string) => void;
  /** Aborted when the program is told to stop. */
  readonly stop: AbortSignal;
}

/**
 * Asks for what is not given, first the name, then the room, and talks there:
 * lines in and lines out, until /quit or the end of input. Returns the exit code.
 */
export async function joinRoom(options: JoinOptions, terminal: Terminal): Promise<number> {
  const { prompt, complain, stop } = terminal;
  stop.addEventListener('abort', () => prompt.close(), { once: true });
  const name = options.name?.trim() || (await askForName(prompt));
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
    const chat = await enter({ ...options, name, room }, terminal);
    await talk(chat, room, terminal);
    return 0;
  } catch (error) {
    prompt.close();
    if (stop.aborted) return 0;
    complain(messageOf(error));
    return exitCodeOf(error);
  }
}

/** Connects and takes the seat. Being told to stop ends it at once up to there, and no more after. */
async function enter(options: JoinOptions & { name: string; room: string }, { prompt, stop }: Terminal) {
  const { host, port, client, name, room } = options;
  const entering = new AbortController();
  const giveUp = () => entering.abort();
  stop.addEventListener('abort', giveUp);
  const chat = await connect({ host, port, client, userId: name, signal: entering.signal });
  try {
    const joined = await chat.join(room);
    const company = companyOf(joined.memberCount - 1);
    prompt.print(
      `* in ${printable(joined.room)} as ${printable(chat.displayName)}; ${company}. /quit or Ctrl+C leaves.`,
    );
  } catch (error) {
    await chat.close();
    throw error;
  }
  stop.removeEventListener('abort', giveUp);
  return chat;
}

/** @throws ChatError when the stream ends otherwise than by this side. */
async function talk(chat: ChatConnection, room: string, { prompt, complain, stop }: Terminal): Promise<void> {
  const printing = print(chat, prompt);
  printing.catch(() => {}); // its failure is told below, by whatever is waited for then
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
  void chat.leave(room);
  await chat.close();
  await printing;
}

async function print(chat: ChatConnection, prompt: Prompt): Promise<undefined> {
  for await (const event of chat.events) {
    if (!prompt.isTerminal || !isOwn(event, chat)) prompt.print(render(event));
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

function companyOf(others: number): string {
  if (others === 0) return 'nobody else is here';
  return others === 1 ? '1 other is here' : `${others} others are here`;
}

/** A server's words reach the terminal too. */
function messageOf(error: unknown): string {
  return printable(error instanceof Error ? error.message : String(error));
}

function exitCodeOf(error: unknown): number {
  return error instanceof ChatError && ['unreachable', 'lost', 'draining'].includes(error.reason)
    ? EXIT_NO_SERVER
    : EXIT_REFUSED;
}

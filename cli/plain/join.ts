import { type ChatConnection, ChatError, type ChatEvent, connect } from '../connection/index.ts';
import type { Prompt } from './prompt.ts';
import { render } from './render.ts';

export const EXIT_USAGE = 64;
const EXIT_NO_SERVER = 69;
const EXIT_REFUSED = 77;

const DEFAULT_ROOM = 'general';
const QUIT = new Set(['/quit', '!quit']);

export interface JoinOptions {
  readonly host: string;
  readonly port: number;
  readonly name: string | undefined;
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

/** Talks in one room, lines in and lines out, until /quit or the end of input. Returns the exit code. */
export async function joinRoom(options: JoinOptions, terminal: Terminal): Promise<number> {
  const { prompt, complain } = terminal;
  const name = options.name ?? (await askForName(prompt));
  if (name === undefined) {
    complain('a name is needed: --name ana');
    return EXIT_USAGE;
  }
  const room = options.room ?? (((await prompt.ask(`room [${DEFAULT_ROOM}]: `)) ?? '').trim() || DEFAULT_ROOM);
  let chat: ChatConnection | undefined;
  try {
    const { host, port, client } = options;
    chat = await connect({ host, port, client, userId: name });
    const joined = await chat.join(room);
    const others = joined.memberCount - 1;
    const company =
      others === 0 ? 'nobody else is here' : others === 1 ? '1 other is here' : `${others} others are here`;
    prompt.print(`* in ${joined.room} as ${chat.displayName}; ${company}. /quit or Ctrl+C leaves.`);
  } catch (error) {
    await chat?.close();
    complain(messageOf(error));
    return exitCodeOf(error);
  }
  return talk(chat, room, terminal);
}

async function talk(chat: ChatConnection, room: string, { prompt, complain, stop }: Terminal): Promise<number> {
  const printing = print(chat, prompt);
  const ended = printing.then(
    () => undefined,
    (error: unknown) => ({ error }),
  );
  const stopped = new Promise<undefined>((resolve) => {
    if (stop.aborted) resolve(undefined);
    stop.addEventListener('abort', () => resolve(undefined), { once: true });
  });
  for (;;) {
    const line = await Promise.race([prompt.ask('> '), ended, stopped]);
    if (typeof line === 'object') {
      prompt.close();
      complain(messageOf(line.error));
      return exitCodeOf(line.error);
    }
    if (line === undefined || QUIT.has(line.trim())) break;
    if (line === '') continue;
    const posted = chat.post(room, line);
    // A person goes on typing; a pipe is read no faster than the server takes it.
    if (prompt.isTerminal) posted.catch((error: unknown) => prompt.print(`! not sent: ${messageOf(error)}`));
    else await posted.catch((error: unknown) => complain(`not sent: ${messageOf(error)}`));
  }
  prompt.close();
  await chat.leave(room).catch(() => {});
  await chat.close();
  await ended;
  return 0;
}

async function print(chat: ChatConnection, prompt: Prompt): Promise<void> {
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

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function exitCodeOf(error: unknown): number {
  return error instanceof ChatError && ['unreachable', 'lost', 'draining'].includes(error.reason)
    ? EXIT_NO_SERVER
    : EXIT_REFUSED;
}

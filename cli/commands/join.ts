import type { Command } from 'commander';
import { SessionTicket, ticketFolder } from '../chat/session-ticket.ts';
import type { ServerAccess } from '../connection/index.ts';
import { EXIT_CODES_HELP, exitCodeOf } from '../plain/exit-codes.ts';
import { joinRoom } from '../plain/join.ts';
import { Prompt } from '../plain/prompt.ts';
import { counted } from '../state/words.ts';
import { WELCOME_TIMEOUT_MS, withName, withPatience, withServer } from './options.ts';
import { type ServerFlags, serverOf, withToken } from './security.ts';
import { type Surroundings, tellingFor, wantsColours } from './surroundings.ts';

interface JoinFlags extends ServerFlags {
  readonly name?: string;
  readonly room?: string;
  readonly patience?: number;
  readonly plain?: true;
  readonly json?: true;
  /** False with --no-color. */
  readonly color: boolean;
}

export function addJoin(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('join', { isDefault: true })
    .description(
      'Join rooms and talk: full-screen on a terminal, lines in a pipe. It is what is done without a command.',
    );
  withName(command, 'asked for when not given');
  withToken(
    withServer(
      command.option('-r, --room <room>', 'where to talk; asked for when not given, and "general" when left empty'),
    ),
  );
  withPatience(command, 'for ever on a terminal and 60 in a pipe')
    .option('--plain', 'lines on a terminal too')
    .option('--json', 'tell what happens as a JSON object a line')
    .addHelpText(
      'after',
      `
Examples:
  $ chat-client join --name ana --room general
  $ date | chat-client join --name clock --room general
  $ CHAT_GRPC_PORT=50052 chat-client
  $ tail -f news.txt | chat-client join --name news --room general --patience 3600
  $ chat-client join --name ears --room general --json | jq .content
  $ chat-client join --ca certs/ca.pem --token-file ana.token --room general

/help lists the commands and keys of the full-screen client. In lines, what you
type is sent; /quit, !quit, Ctrl+C and the end of input leave the room.
When the connection is lost it comes back by itself, and says what was missed.
With a token you are who it says; --name is then for show, where it has no name.

${EXIT_CODES_HELP}`,
    )
    // Whatever is no command lands here.
    .allowExcessArguments()
    .action((flags: JoinFlags, { args: [word] }: Command) => {
      if (word !== undefined)
        program.error(`error: '${word}' is no command of chat-client, and no option of join; see --help`);
      return surroundings.traced(() => join(flags, surroundings));
    });
}

async function join(flags: JoinFlags, surroundings: Surroundings): Promise<number> {
  const server = serverOf(flags, surroundings);
  if (typeof server === 'number') return server;
  const { input, output, environment } = surroundings;
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const isLines = !isTerminal || flags.plain === true || flags.json === true || environment['TERM'] === 'dumb';
  return await (isLines ? joinInLines : joinOnScreen)(server, flags, surroundings);
}

async function joinOnScreen(server: ServerAccess, flags: JoinFlags, surroundings: Surroundings): Promise<number> {
  const { name = '', room = '', patience } = flags;
  const { input, output, client, stop, environment } = surroundings;
  // Otherwise React is the slow one, for developers.
  surroundings.setVariable('NODE_ENV', 'production');
  const { runScreen } = await import('../app/run.ts');
  const giveUpAfterMs = patience === undefined ? Number.POSITIVE_INFINITY : patience * 1000;
  const ticket = new SessionTicket(ticketFolder(environment), `${server.host} ${server.port}`);
  const { failure, unsent } = await runScreen(
    {
      ...{ server, client, giveUpAfterMs, welcomeTimeoutMs: WELCOME_TIMEOUT_MS, ticket },
      ...{ name: name.trim(), room: room.trim() },
    },
    { input, output, stop, colours: wantsColours(surroundings, flags.color) },
  );
  if (unsent > 0) surroundings.complain(`${counted(unsent, 'message')} not sent`);
  if (failure === undefined) return 0;
  surroundings.complain(failure.message);
  return exitCodeOf(failure);
}

function joinInLines(server: ServerAccess, flags: JoinFlags, surroundings: Surroundings): Promise<number> {
  const { name, room, patience: patienceS, json } = flags;
  const { input, output, client, complain } = surroundings;
  const stop = new AbortController();
  surroundings.stop.addEventListener('abort', () => stop.abort(), { once: true });
  if (surroundings.stop.aborted) stop.abort();
  // Lines of JSON are for programs: no question stands between them.
  const prompt = new Prompt(input, output, { interrupted: () => stop.abort(), isMute: json === true });
  const telling = tellingFor(flags, surroundings);
  return joinRoom(
    { server, name, room, patienceS, client, welcomeTimeoutMs: WELCOME_TIMEOUT_MS },
    { prompt, complain, stop: stop.signal, telling },
  );
}

#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT_USAGE, joinRoom } from './plain/join.ts';
import { Prompt } from './plain/prompt.ts';

const version = String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}

function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of seconds.');
}

const program = new Command('chat-client')
  .description('Talks to a chat-grpc server from a terminal.')
  .version(version)
  .exitOverride()
  .addHelpText(
    'after',
    `
Example:
  $ chat-client join --name ana --room general`,
  );

program
  .command('join')
  .description('Join a room and talk: what you type is sent, what others say is shown.')
  .option('-n, --name <name>', 'who you are; asked for when not given')
  .option('-r, --room <room>', 'where to talk; asked for when not given, and "general" when left empty')
  .addOption(new Option('--host <host>', 'the server').env('CHAT_GRPC_HOST').default('127.0.0.1'))
  .addOption(new Option('--port <port>', 'its port').env('CHAT_GRPC_PORT').default(50051).argParser(portNumber))
  .option(
    '--patience <seconds>',
    'how long to go on when the server is gone; without it for ever on a terminal and 60 in a pipe',
    seconds,
  )
  .addHelpText(
    'after',
    `
Examples:
  $ chat-client join --name ana --room general
  $ date | chat-client join --name clock --room general
  $ CHAT_GRPC_PORT=50052 chat-client join
  $ tail -f news.txt | chat-client join --name news --room general --patience 3600

When the connection is lost it comes back by itself, and says what was missed.
/quit, !quit, Ctrl+C and the end of input leave the room.

Exit codes: 0 left, 64 wrong usage, 69 no server or it went away, 77 refused.`,
  )
  .action(async (options: { name?: string; room?: string; host: string; port: number; patience?: number }) => {
    const { name, room, host, port, patience: patienceS } = options;
    const stop = new AbortController();
    const abort = () => stop.abort();
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.once(signal, abort);
    // Nobody reads what is shown any more (`| head`), or the terminal is gone.
    for (const stream of [process.stdout, process.stdin]) stream.on('error', abort);
    process.exitCode = await joinRoom(
      { host, port, name, room, patienceS, client: `chat-client/${version}` },
      {
        prompt: new Prompt(process.stdin, process.stdout, abort),
        complain: (line) => process.stderr.write(`chat-client: ${line}\n`),
        stop: stop.signal,
      },
    );
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}

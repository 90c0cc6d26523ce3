#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { EXIT_USAGE, joinRoom } from './plain/join.ts';
import { Prompt } from './plain/prompt.ts';
import { telemetryBy } from './telemetry/otel-environment.ts';

const version = String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);

function portNumber(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('It must be a number from 1 to 65535.');
}

/** 0 is any free one. */
function listeningPort(text: string): number {
  return /^0+$/.test(text) ? 0 : portNumber(text);
}

function seconds(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new InvalidArgumentError('It must be a number of seconds.');
}

/** Starts what exports traces, if the environment says so. Returns what exports the rest. */
async function startTelemetry(): Promise<() => Promise<void>> {
  const telemetry = telemetryBy(process.env, version);
  if (typeof telemetry === 'string') return program.error(`chat-client: ${telemetry}`, { exitCode: EXIT_USAGE });
  if (telemetry === undefined) return async () => {};
  Object.assign(process.env, telemetry.environment);
  const { startSdk } = await import('./telemetry/sdk.ts');
  const flush = startSdk(telemetry.sampleRatio);
  return async () => {
    await flush();
    // An export that a frozen collector does not answer would keep the program for as long as it waits.
    process.exit();
  };
}

const program = new Command('chat-client')
  .description('Talks to a chat-grpc server from a terminal.')
  .version(version)
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  $ chat-client join --name ana --room general
  $ chat-client traces`,
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
    const flush = await startTelemetry();
    process.exitCode = await joinRoom(
      { host, port, name, room, patienceS, client: `chat-client/${version}` },
      {
        prompt: new Prompt(process.stdin, process.stdout, abort),
        complain: (line) => process.stderr.write(`chat-client: ${line}\n`),
        stop: stop.signal,
      },
    );
    await flush();
  });

program
  .command('traces')
  .description('Show the traces, metrics and logs that programs export over OTLP/gRPC: a collector to look at.')
  .option('--host <host>', 'where to listen', '127.0.0.1')
  .option('--port <port>', 'the port to listen on; 0 is any free one', listeningPort, 4317)
  .option('--out <file>', 'write every span, metric point and log to it too, as a line of JSON; begun anew')
  .addHelpText(
    'after',
    `
Examples:
  $ chat-client traces
  $ chat-client traces --port 4318 --out seen.jsonl
  $ chat-client traces | grep ERROR

In other terminals, a server and a client that export to it:
  $ CHAT_GRPC_OTEL_ENABLED=true make run
  $ CHAT_GRPC_OTEL_ENABLED=true make client NAME=ana ROOM=general

On a terminal the metrics stand in a table at the bottom; otherwise each is a line.
NO_COLOR=1 shows no colours. Ctrl+C ends.

Exit codes: 0 ended, 64 wrong usage, 69 cannot listen there, 73 cannot write the file.`,
  )
  .action(async ({ host, port, out }: { host: string; port: number; out?: string }) => {
    const { showTraces } = await import('./traces/command.ts');
    const stop = new AbortController();
    const abort = () => stop.abort();
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.once(signal, abort);
    process.stdout.on('error', abort);
    process.exitCode = await showTraces(
      { host, port, out },
      {
        output: process.stdout,
        isTerminal: process.stdout.isTTY === true && process.env['TERM'] !== 'dumb',
        colours: process.stdout.isTTY === true && (process.env['NO_COLOR'] ?? '') === '',
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

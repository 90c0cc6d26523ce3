#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addJoin } from './commands/join.ts';
import { addLoad } from './commands/load.ts';
import { addRooms } from './commands/rooms.ts';
import { addSend } from './commands/send.ts';
import type { Surroundings } from './commands/surroundings.ts';
import { addTail } from './commands/tail.ts';
import { addTraces } from './commands/traces.ts';
import { addWho } from './commands/who.ts';
import { EXIT_CODES_HELP, EXIT_STOPPED, EXIT_USAGE } from './plain/exit-codes.ts';
import { telemetryBy } from './telemetry/otel-environment.ts';

const version = String(JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).version);

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

const stop = new AbortController();
const abort = () => stop.abort();
// Whoever presses Ctrl+C twice does not want to wait.
const interrupt = () => (stop.signal.aborted ? process.exit(EXIT_STOPPED) : stop.abort());
// Never taken back: Ink ends the process by a signal that nobody else listens to.
for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, abort);
process.on('SIGINT', interrupt);
// Nobody reads what is shown any more (`| head`), or the terminal is gone.
for (const stream of [process.stdout, process.stdin]) stream.on('error', abort);

const surroundings: Surroundings = {
  input: process.stdin,
  output: process.stdout,
  environment: process.env,
  client: `chat-client/${version}`,
  complain: (line) => process.stderr.write(`chat-client: ${line}\n`),
  stop: stop.signal,
  traced: async (command) => {
    const flush = await startTelemetry();
    process.exitCode = await command();
    await flush();
  },
  setVariable: (name, value) => {
    process.env[name] = value;
  },
};

const program = new Command('chat-client')
  .description('Talks to a chat-grpc server from a terminal.')
  .version(version)
  .exitOverride()
  .addHelpText(
    'after',
    `
Examples:
  $ chat-client join --name ana --room general
  $ chat-client send general the build is green
  $ chat-client tail general --json | jq .content
  $ chat-client rooms
  $ chat-client join --ca certs/ca.pem --token-file ana.token --room general

${EXIT_CODES_HELP}`,
  );
addJoin(program, surroundings);
addSend(program, surroundings);
addTail(program, surroundings);
addRooms(program, surroundings);
addWho(program, surroundings);
const ended = (exitCode: number) => {
  process.exitCode = exitCode;
};
addLoad(program, surroundings, ended);
addTraces(program, surroundings, ended);

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE;
}

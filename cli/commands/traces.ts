import type { Command } from 'commander';
import { listeningPort } from './options.ts';
import { type Surroundings, wantsColours } from './surroundings.ts';

interface TracesFlags {
  readonly host: string;
  readonly port: number;
  readonly out?: string;
  /** False with --no-color. */
  readonly color: boolean;
}

export function addTraces(program: Command, surroundings: Surroundings, ended: (exitCode: number) => void): void {
  program
    .command('traces')
    .description('Show the traces, metrics and logs that programs export over OTLP/gRPC: a collector to look at.')
    .option('--host <host>', 'where to listen', '127.0.0.1')
    .option('--port <port>', 'the port to listen on; 0 is any free one', listeningPort, 4317)
    .option('--out <file>', 'write every span, metric point and log to it too, as a line of JSON; begun anew')
    .option('--no-color', 'no colours; NO_COLOR=1 does the same')
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
Ctrl+C ends.

Exit codes: 0 ended, 64 wrong usage, 69 cannot listen there, 73 cannot write the file.`,
    )
    .action(async ({ host, port, out, color }: TracesFlags) => {
      const { output, environment, complain, stop } = surroundings;
      const { showTraces } = await import('../traces/command.ts');
      const isTerminal = output.isTTY === true && environment['TERM'] !== 'dumb';
      const colours = wantsColours(surroundings, color);
      ended(await showTraces({ host, port, out }, { output, isTerminal, colours, complain, stop }));
    });
}

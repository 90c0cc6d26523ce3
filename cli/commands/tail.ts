import type { Command } from 'commander';
import { EXIT_CODES_HELP } from '../plain/exit-codes.ts';
import { LineWriter } from '../plain/line-writer.ts';
import { watchReader } from '../plain/reader-watch.ts';
import { tailRoom } from '../plain/tail.ts';
import { WELCOME_TIMEOUT_MS, wholeNumber, withName, withPatience, withServer } from './options.ts';
import { identityOf, orExitCode } from './outcome.ts';
import { type ServerFlags, serverOf, withToken } from './security.ts';
import { roomName } from './send.ts';
import { type Surroundings, tellingFor } from './surroundings.ts';

interface TailFlags extends ServerFlags {
  readonly name?: string;
  readonly patience?: number;
  readonly lines: number;
  readonly json?: true;
  /** False with --no-color. */
  readonly color: boolean;
}

const PATIENCE_S = 60;

export function addTail(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('tail')
    .description('Show what was said in a room and what is said: a line each, until Ctrl+C.')
    .argument('<room>', 'where', roomName)
    .option('-l, --lines <count>', 'so many events of the past', wholeNumber, 10);
  withPatience(withToken(withServer(withName(command, 'the login name when not given'))), `${PATIENCE_S}`)
    .option('--json', 'a JSON object an event')
    .addHelpText(
      'after',
      `
Examples:
  $ chat-client tail general --name ears
  $ chat-client tail general --json | jq -r 'select(.kind == "message") | .content'
  $ chat-client tail general --lines 100 --json | head -n 5

It takes a seat, so others see it come and go.

${EXIT_CODES_HELP}`,
    )
    .action((room: string, flags: TailFlags) =>
      surroundings.traced(() => orExitCode(surroundings, () => tail(room, flags, surroundings))),
    );
}

async function tail(room: string, flags: TailFlags, surroundings: Surroundings): Promise<number> {
  const { patience = PATIENCE_S, lines } = flags;
  const { output, client } = surroundings;
  const enough = new AbortController();
  const stop = AbortSignal.any([surroundings.stop, enough.signal]);
  const server = serverOf(flags, surroundings);
  if (typeof server === 'number') return server;
  const identity = identityOf(flags, server, surroundings);
  if (typeof identity === 'number') return identity;
  const where = { server, client, welcomeTimeoutMs: WELCOME_TIMEOUT_MS, giveUpAfterMs: patience * 1000 };
  const telling = tellingFor(flags, surroundings);
  const unwatch = watchReader(() => enough.abort());
  try {
    await tailRoom({ ...where, ...identity, room, lines }, { writer: new LineWriter(output, stop), telling, stop });
    return 0;
  } finally {
    unwatch();
  }
}

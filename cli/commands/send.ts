import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { EXIT_CODES_HELP, EXIT_REFUSED, EXIT_STOPPED, EXIT_USAGE } from '../plain/exit-codes.ts';
import { jsonLine } from '../plain/json-line.ts';
import { LineWriter } from '../plain/line-writer.ts';
import { sendLines } from '../plain/send.ts';
import { printable } from '../terminal/printable.ts';
import { WELCOME_TIMEOUT_MS, withName, withPatience, withServer } from './options.ts';
import { identityOf, messageOf, orExitCode } from './outcome.ts';
import { type ServerFlags, serverOf, withToken } from './security.ts';
import type { Surroundings } from './surroundings.ts';

interface SendFlags extends ServerFlags {
  readonly name?: string;
  readonly patience?: number;
  readonly json?: true;
}

const PATIENCE_S = 60;

export function addSend(program: Command, surroundings: Surroundings): void {
  const command = program
    .command('send')
    .description('Say something in a room: the words given, or each line of standard input.')
    .argument('<room>', 'where', roomName)
    .argument('[text...]', 'one message; without it, standard input, a message a line');
  withPatience(withToken(withServer(withName(command, 'the login name when not given'))), `${PATIENCE_S}`)
    .option('--json', 'tell what was taken, a JSON object a message')
    .addHelpText(
      'after',
      `
Examples:
  $ chat-client send general the build is green
  $ printf 'one\\ntwo\\n' | chat-client send general --name ci
  $ chat-client send general --json done | jq .seq

Lines go out in their order and no faster than the server takes them; empty ones
are skipped. One that is refused is told, and the others are sent.

${EXIT_CODES_HELP}
130 when it was stopped before everything was said.`,
    )
    .action((room: string, text: readonly string[], flags: SendFlags) =>
      surroundings.traced(() => orExitCode(surroundings, () => send(room, text, flags, surroundings))),
    );
}

async function send(
  room: string,
  text: readonly string[],
  flags: SendFlags,
  surroundings: Surroundings,
): Promise<number> {
  const { patience = PATIENCE_S, json } = flags;
  const { input, output, client, complain, stop } = surroundings;
  if (text.length > 0 && text.join('').trim() === '') {
    complain('there is nothing to say; a message has words');
    return EXIT_USAGE;
  }
  const server = serverOf(flags, surroundings);
  if (typeof server === 'number') return server;
  const identity = identityOf(flags, server, surroundings);
  if (typeof identity === 'number') return identity;
  if (text.length === 0 && input.isTTY) complain('each line is a message; Ctrl+D ends');
  const writer = new LineWriter(output, stop);
  const typed = text.length === 0 ? createInterface({ input }) : undefined;
  stop.addEventListener('abort', () => typed?.close(), { once: true });
  // At once: lines that nobody waits for are lost.
  const given = typed?.[Symbol.asyncIterator]();
  const where = { server, client, welcomeTimeoutMs: WELCOME_TIMEOUT_MS, giveUpAfterMs: patience * 1000 };
  try {
    const { refused, isWhole } = await sendLines(
      { ...where, ...identity, room },
      {
        lines: given ?? [text.join(' ')],
        taken: async (posted) => {
          if (json === true) await writer.write(jsonLine({ kind: 'sent', ...posted }));
        },
        refused: (error, line) => {
          const which = text.length === 0 ? `line ${line} was not sent` : 'not sent';
          complain(`${which}: ${printable(messageOf(error))}`);
        },
        stop,
      },
    );
    if (!isWhole) throw new Error('stopped');
    return refused === 0 ? 0 : EXIT_REFUSED;
  } catch (error) {
    // Whoever runs a script must not take what was left unsaid for said.
    if (!stop.aborted) throw error;
    complain('stopped before everything was said');
    return EXIT_STOPPED;
  } finally {
    typed?.close();
  }
}

export function roomName(text: string): string {
  if (text.trim() !== '') return text.trim();
  throw new InvalidArgumentError('A room has a name.');
}

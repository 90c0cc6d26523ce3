import type { Command } from 'commander';
import { PatientQuestions } from '../chat/patient-questions.ts';
import type { RoomMember } from '../connection/index.ts';
import { connectUntil } from '../plain/connect-until.ts';
import { EXIT_CODES_HELP } from '../plain/exit-codes.ts';
import { jsonLine } from '../plain/json-line.ts';
import { LineWriter } from '../plain/line-writer.ts';
import { printable } from '../terminal/printable.ts';
import { WELCOME_TIMEOUT_MS, withName, withServer } from './options.ts';
import { identityOf, orExitCode } from './outcome.ts';
import { type ServerFlags, serverOf, withToken } from './security.ts';
import { roomName } from './send.ts';
import type { Surroundings } from './surroundings.ts';

interface WhoFlags extends ServerFlags {
  readonly name?: string;
  readonly json?: true;
}

export function addWho(program: Command, surroundings: Surroundings): void {
  const command = program.command('who').description('List who is in a room; takes no seat there.');
  withToken(withServer(withName(command.argument('<room>', 'where', roomName), 'the login name when not given')))
    .option('--json', 'a JSON object a member')
    .addHelpText(
      'after',
      `
Examples:
  $ chat-client who general
  $ chat-client who general --json | jq -r .userId

${EXIT_CODES_HELP}`,
    )
    .action((room: string, flags: WhoFlags) =>
      surroundings.traced(() => orExitCode(surroundings, () => who(room, flags, surroundings))),
    );
}

async function who(room: string, flags: WhoFlags, surroundings: Surroundings): Promise<number> {
  const { json } = flags;
  const { output, client, stop } = surroundings;
  const server = serverOf(flags, surroundings);
  if (typeof server === 'number') return server;
  const identity = identityOf(flags, server, surroundings);
  if (typeof identity === 'number') return identity;
  const writer = new LineWriter(output, stop);
  const where = { server, client, welcomeTimeoutMs: WELCOME_TIMEOUT_MS, giveUpAfterMs: 0 };
  const chat = await connectUntil(stop, { ...where, ...identity });
  const questions = new PatientQuestions(chat, stop);
  try {
    let pageToken = '';
    let count = 0;
    do {
      const after = pageToken;
      const page = await questions.ask(() => chat.members(room, { pageToken: after }));
      count += page.members.length;
      for (const member of page.members) {
        await writer.write(json === true ? jsonLine({ kind: 'member', room: page.room, ...member }) : inWords(member));
      }
      pageToken = page.nextPageToken;
    } while (pageToken !== '' && !stop.aborted);
    if (count === 0 && json !== true) await writer.write('nobody');
    return 0;
  } finally {
    await chat.close();
  }
}

function inWords({ userId, displayName, isDetached }: RoomMember): string {
  const who = displayName === userId ? userId : `${displayName} (${userId})`;
  return `${printable(who)}${isDetached ? ', away' : ''}`;
}

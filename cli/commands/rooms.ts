import type { Command } from 'commander';
import { type ListedRoom, listRooms } from '../connection/index.ts';
import { EXIT_CODES_HELP } from '../plain/exit-codes.ts';
import { jsonLine } from '../plain/json-line.ts';
import { LineWriter } from '../plain/line-writer.ts';
import { cellsOf, padded } from '../terminal/cells.ts';
import { drawable } from '../terminal/drawable.ts';
import { WELCOME_TIMEOUT_MS, withServer } from './options.ts';
import { orExitCode } from './outcome.ts';
import { type ServerFlags, serverOf, withToken } from './security.ts';
import type { Surroundings } from './surroundings.ts';

interface RoomsFlags extends ServerFlags {
  readonly json?: true;
}

export function addRooms(program: Command, surroundings: Surroundings): void {
  withToken(withServer(program.command('rooms').description('List the rooms of the server, and how many are in each.')))
    .option('--json', 'a JSON object a room')
    .addHelpText(
      'after',
      `
Examples:
  $ chat-client rooms
  $ chat-client rooms --json | jq -r .room

${EXIT_CODES_HELP}`,
    )
    .action((flags: RoomsFlags) =>
      surroundings.traced(() => orExitCode(surroundings, () => rooms(flags, surroundings))),
    );
}

async function rooms(flags: RoomsFlags, surroundings: Surroundings): Promise<number> {
  const { output, stop } = surroundings;
  const isJson = flags.json === true;
  const server = serverOf(flags, surroundings);
  if (typeof server === 'number') return server;
  const writer = new LineWriter(output, stop);
  let pageToken = '';
  let count = 0;
  do {
    const page = await listRooms({ ...server, pageToken, timeoutMs: WELCOME_TIMEOUT_MS, signal: stop });
    count += page.rooms.length;
    const lines = isJson ? page.rooms.map((room) => jsonLine({ kind: 'room', ...room })) : inColumns(page.rooms);
    for (const line of lines) await writer.write(line);
    pageToken = page.nextPageToken;
  } while (pageToken !== '' && !stop.aborted);
  if (count === 0 && !isJson) await writer.write('no rooms');
  return 0;
}

/** The columns are as wide as this page needs. */
function inColumns(rooms: readonly ListedRoom[]): string[] {
  const widest = Math.max(...rooms.map(({ room }) => cellsOf(drawable(room))));
  return rooms.map(({ room, memberCount }) => `${padded(drawable(room), widest)}  ${memberCount}`);
}

/**
 * `make picture`: draws docs/chat-client.svg, the README's picture, from what the
 * real client shows while three people talk over the real server.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, Program } from '../support/program.ts';
import { TerminalProgram } from '../support/terminal.ts';
import { withFixedClock } from './fixed-clock.ts';
import { svgOf } from './svg.ts';

const FILE = fileURLToPath(new URL('../../docs/chat-client.svg', import.meta.url));
const ENTER = '\r';
const COLUMNS = 92;
const ROWS = 22;

const port = await freePort();
await using server = new Program('server', { env: { CHAT_GRPC_PORT: `${port}` } });
await server.shows('listening');

await using bob = await opened('bob', 'general');
await using ana = await opened('ana', 'general');
await using lei = await opened('李雷', 'general');
await says(bob, 'the new server is up since Monday, nobody was cut off');
await says(ana, 'even over the restart?');
await says(lei, '我也没有断线 👍 the room says who is back');
await says(bob, 'every event has a number; who misses one is told which');
ana.type(`/join attic${ENTER}`);
await ana.shows('Welcome to attic');
bob.type(`/join attic${ENTER}`);
await bob.shows('Welcome to attic');
ana.type('\u001b1');
await ana.shows('general · 3 members');
bob.type(`anybody up here?${ENTER}/leave${ENTER}`);
await bob.shows('left attic');
await says(lei, 'a page pasted here is one message:\u001b\rfirst line\u001b\rsecond line');
await ana.shows('second line');
await ana.shows(/2 attic +1/);
await ana.shows(/· \d+(\.\d)? ms ─/);
ana.type('one moment, I will look');
await ana.shows('> one moment, I will look');

const { emulator } = ana;
const rows = Array.from({ length: ROWS }, (_, row) => withFixedClock(emulator.cells(row)));
const description =
  'The terminal client: rooms and members at the left, a conversation, the state of the connection, a line being typed';
writeFileSync(
  FILE,
  svgOf({
    title: 'chat-client --name ana --room general',
    description,
    columns: COLUMNS,
    rows,
    cursor: emulator.cursor,
  }),
);
console.log(`drawn: ${FILE}`);

async function opened(name: string, room: string): Promise<TerminalProgram> {
  const args = ['join', '--name', name, '--room', room, '--port', `${port}`];
  const program = new TerminalProgram({ args, columns: COLUMNS, rows: ROWS, env: { XDG_STATE_HOME: '/dev/null' } });
  await program.shows(/Welcome to .+, /);
  return program;
}

/** Settled when the server has it. */
async function says(who: TerminalProgram, text: string): Promise<void> {
  who.type(`${text}${ENTER}`);
  await who.shows(new RegExp(`› .*: ${text.slice(0, 8)}`));
}

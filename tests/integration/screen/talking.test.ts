import { describe, expect, test } from 'vitest';
import { entered, screenOf } from '../../support/screen-program.ts';
import { startServer } from '../../support/server.ts';

const ENTER = '\r';
const ALT_ENTER = '\u001b\r';

describe('the full-screen client', () => {
  test('two people talk, each on a screen of another size, and it is resized meanwhile', async () => {
    await using server = await startServer();
    await using ana = await entered('ana', { port: server.port });
    await using bob = await entered('bob', { port: server.port, columns: 40, rows: 12 });
    await ana.shows('members 2');
    ana.type(`hello bob, 你好 👩‍👩‍👧${ENTER}`);
    await bob.shows('ana: hello bob, 你好 👩👩👧');
    await ana.shows('› ');
    bob.type(`hi ana, this line is longer than forty columns${ENTER}`);
    await ana.shows('bob: hi ana, this line is longer than forty columns');
    await bob.shows(/bob: hi ana, this line is longer\n {8}than forty columns\n/);
    for (const [columns, rows] of [
      [120, 40],
      [40, 12],
      [20, 6],
      [80, 24],
    ] as const) {
      ana.resize(columns, rows);
      bob.type(`at ${columns}${ENTER}`);
      await ana.shows((screen) => {
        const lines = screen.split('\n');
        const isWhole = lines[rows - 1] === '>' && /^─ connected/.test(lines[rows - 2] ?? '');
        return isWhole && lines[rows - 3]?.endsWith(`at ${columns}`) === true;
      }, `all of itself at ${columns} columns`);
    }
    expect(ana.emulator.cursor).toEqual({ x: 2, y: 23 });
    expect(ana.emulator.isCursorVisible).toBe(true);
    expect(ana.screen).toContain('hello bob');
  });

  test('several lines are one message, and what is pasted is one', async () => {
    await using server = await startServer();
    const bob = await server.connect('bob');
    await bob.join('general');
    await using ana = await entered('ana', { port: server.port });
    expect(await bob.next()).toMatchObject({ kind: 'member_joined' });
    ana.type(`one${ALT_ENTER}two${ENTER}`);
    expect(await bob.next()).toMatchObject({ content: 'one\ntwo' });
    const page = Array.from({ length: 100 }, (_, line) => `line ${line}`).join('\n');
    ana.paste(page);
    await ana.shows('line 99');
    ana.type(ENTER);
    expect(await bob.next()).toMatchObject({ content: page });
    ana.paste('x'.repeat(5000));
    await ana.shows('not pasted: 5,000 bytes, and a message has 4096 at');
    ana.type(`after${ENTER}`);
    expect(await bob.next()).toMatchObject({ content: 'after' });
    await bob.close();
  });

  test('a key that is held fills the composer, and the limit is counted', async () => {
    await using server = await startServer({ CHAT_GRPC_MAX_CONTENT_BYTES: '400' });
    await using ana = await entered('ana', { port: server.port });
    for (let count = 0; count < 39; count += 1) ana.type('k'.repeat(10));
    await ana.shows(/─ 390\/400$/m);
    await ana.shows(`  ${'k'.repeat(78)}\n  ${'k'.repeat(78)}\n`);
    ana.type('ü'.repeat(6) + ENTER);
    await ana.shows('not sent: 402 bytes, and a message has 400 at most');
    ana.type(`\u007f${ENTER}`);
    await ana.shows(/› .*ana: k+/);
    await ana.shows((screen) => screen.split('\n').at(-1) === '>', 'an empty composer');
  });

  test('rooms: joined, left, switched, with what is unread in the others', async () => {
    await using server = await startServer();
    const bob = await server.connect('bob');
    await bob.join('general');
    await using ana = await entered('ana', { port: server.port });
    ana.type(`/join attic${ENTER}`);
    await ana.shows('Welcome to attic');
    await bob.post('general', 'one');
    await bob.post('general', 'two');
    await ana.shows(/^ 1 general +2│/m);
    ana.type('\u001b1');
    await ana.shows(/─ new ─+\n.*bob: one\n.*bob: two\n/);
    await ana.shows(/^›1 general {6}│/m);
    ana.type('\u000e');
    await ana.shows(/^›2 attic/m);
    ana.type(`/leave${ENTER}`);
    await ana.shows('left attic');
    await ana.showsNot('2 attic');
    ana.type(`/rooms${ENTER}`);
    await ana.shows('rooms: general (2)');
    ana.type(`/who${ENTER}`);
    await ana.shows('2 members: bob; ana');
    ana.type('bo\t');
    await ana.shows(/^> bob:$/m);
    ana.type(`hi${ENTER}/nonsense${ENTER}`);
    await ana.shows('there is no /nonsense; /help lists the commands');
    await bob.close();
  });

  test('what scrolled away is there, and what is older than oneself too', async () => {
    await using server = await startServer();
    const bob = await server.connect('bob');
    await bob.join('general');
    for (let line = 1; line <= 150; line += 1) await bob.post('general', `line ${line}.`);
    await using ana = await entered('ana', { port: server.port, rows: 12 });
    await ana.shows('line 150.');
    ana.type('\u001b[1;5H');
    await ana.shows(/line 52\./);
    await bob.post('general', 'and one more');
    await ana.shows(/↓ \d+ more, PgDn/);
    ana.type(`/history 100${ENTER}`);
    await ana.shows('line 51.');
    ana.type('\u001b[1;5H');
    await ana.shows('line 1.');
    ana.type('\u001b[1;5F');
    await ana.shows('and one more');
    await ana.showsNot('more, PgDn');
    await bob.close();
  });

  test('without a name it asks; one that is taken, and one that is not allowed, is asked for again', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('general');
    await using other = screenOf({ port: server.port });
    await other.shows(/^name:$/m);
    other.type(`ana${ENTER}`);
    await other.shows('ana is in general already');
    await other.shows(/^name: ana2$/m);
    other.type(`\u0015a\u200bna${ENTER}`);
    await other.shows(/name.*Another name\?/s);
    other.type(`${ENTER}`);
    other.type(`\u0015bob${ENTER}`);
    await other.shows('Welcome to general, bob!');
    expect(await ana.next()).toMatchObject({ kind: 'member_joined', userId: 'bob' });
    await ana.close();
  });

  test('too fast: it waits, sends all of it in order, and says so', async () => {
    // So few a second that it is too fast however slowly a busy machine types.
    await using server = await startServer({ CHAT_GRPC_RATE_LIMIT: '1', CHAT_GRPC_RATE_BURST: '20' });
    const bob = await server.connect('bob');
    await bob.join('general');
    await using ana = await entered('ana', { port: server.port });
    await bob.next();
    for (let line = 0; line < 12; line += 1) ana.type(`line ${line}${ENTER}`);
    await ana.shows('too fast for the server; goes out in');
    for (let line = 0; line < 12; line += 1) expect(await bob.next()).toMatchObject({ content: `line ${line}` });
    await ana.showsNot('waiting');
    await bob.close();
  });

  test.each([
    { how: 'NO_COLOR', env: { NO_COLOR: '1' }, args: [] },
    { how: '--no-color', env: {}, args: ['--no-color'] },
  ])('$how: no colours', async ({ env, args }) => {
    await using server = await startServer();
    await using ana = await entered('ana', { port: server.port, env, args });
    ana.type(`hello${ENTER}`);
    await ana.shows(/› .*ana: hello/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
    expect(ana.output).not.toMatch(/\u001b\[[\d;]*m/);
  });
});

import { userInfo } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import { connect } from '../../cli/connection/index.ts';
import { freePort, Program, programFile } from '../support/program.ts';
import { startServer } from '../support/server.ts';

/** `chat-client` with these words against a port. */
function client(port: number, ...args: string[]): Program {
  return new Program('client', { args, env: { CHAT_GRPC_PORT: `${port}` } });
}

async function watched(settings: Record<string, string> = {}) {
  const server = await startServer(settings);
  const bob = await server.connect('bob');
  await bob.join('general');
  return { server, port: server.port, bob, [Symbol.asyncDispose]: () => bob.close().then(() => server.stop()) };
}

const parsed = (program: Program) => program.lines.map((line) => JSON.parse(line));

describe('chat-client send', () => {
  test('says the words given as one message, and leaves', async () => {
    await using world = await watched();
    await using ci = client(world.port, 'send', 'general', 'the', 'build  is', 'green', '--name', 'ci');
    expect(await ci.exit).toBe(0);
    expect({ stdout: ci.stdout, stderr: ci.stderr }).toEqual({ stdout: '', stderr: '' });
    expect(await world.bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ci' });
    expect(await world.bob.next()).toMatchObject({ kind: 'message', userId: 'ci', content: 'the build  is green' });
    expect(await world.bob.next()).toMatchObject({ kind: 'member_left', userId: 'ci', reason: 'left' });
  });

  test('says each line of its input, in order, however fast the server takes them', async () => {
    await using world = await watched({ CHAT_GRPC_RATE_LIMIT: '200', CHAT_GRPC_RATE_BURST: '10' });
    await using ci = client(world.port, 'send', 'general', '--name', 'ci', '--json');
    const lines = Array.from({ length: 40 }, (_, line) => `line ${line}`);
    ci.type(`${lines.join('\n\n')}\n/quit\n`);
    ci.endInput();
    expect(await ci.exit).toBe(0);
    await world.bob.next();
    for (const content of [...lines, '/quit']) expect(await world.bob.next()).toMatchObject({ content });
    const seqs = parsed(ci).map(({ kind, room, seq, duplicate }) => ({ kind, room, seq, duplicate }));
    expect(seqs).toEqual(
      [...lines, ''].map((_, index) => ({ kind: 'sent', room: 'general', seq: index + 3, duplicate: false })),
    );
  });

  test('tells which line was refused, sends the others, and ends with 77', async () => {
    await using world = await watched();
    await using ci = client(world.port, 'send', 'general', '--name', 'ci');
    ci.type(`one\n${'x'.repeat(5000)}\nthree\n`);
    ci.endInput();
    expect(await ci.exit).toBe(77);
    expect(ci.stderr).toMatch(/^chat-client: line 2 was not sent: the message has 5000 bytes, .*\n$/);
    await world.bob.next();
    for (const content of ['one', 'three']) expect(await world.bob.next()).toMatchObject({ content });
  });

  test('the name is taken: ends with 77', async () => {
    await using world = await watched();
    await using ci = client(world.port, 'send', 'general', 'hello', '--name', 'bob');
    expect(await ci.exit).toBe(77);
    expect(ci.stderr).toBe('chat-client: bob is in general already; take another user id\n');
  });

  test('the server goes away for good: ends with 69, and does not wait for more input', async () => {
    await using world = await watched();
    await using ci = client(world.port, 'send', 'general', '--name', 'ci', '--patience', '0');
    ci.type('one\n');
    await world.bob.next();
    expect(await world.bob.next()).toMatchObject({ content: 'one' });
    await world.server.stop();
    expect(await ci.exit).toBe(69);
    expect(ci.stderr).toBe('chat-client: the server is shutting down\n');
  });

  test('told to stop before the end of its input, it leaves, and says that it is not all', async () => {
    await using world = await watched();
    await using ci = client(world.port, 'send', 'general', '--name', 'ci');
    ci.type('one\n');
    await world.bob.next();
    expect(await world.bob.next()).toMatchObject({ content: 'one' });
    ci.signal('SIGINT');
    expect(await ci.exit).toBe(130);
    expect(ci.stderr).toBe('chat-client: stopped before everything was said\n');
    expect(await world.bob.next()).toMatchObject({ kind: 'member_left', reason: 'left' });
  });
});

describe('chat-client tail', () => {
  test('tells what was, then what is, each once and in order', async () => {
    await using world = await watched();
    for (let line = 1; line <= 5; line += 1) await world.bob.post('general', `old ${line}`);
    await using ears = client(world.port, 'tail', 'general', '--name', 'ears', '--lines', '4', '--json');
    await ears.shows('member_joined');
    for (let line = 1; line <= 3; line += 1) await world.bob.post('general', `new ${line}`);
    await ears.shows('new 3');
    ears.signal('SIGTERM');
    expect(await ears.exit).toBe(0);
    expect(ears.stderr).toBe('');
    const told = parsed(ears);
    expect(told.map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9, 10]);
    expect(told[0]).toEqual({
      ...{ kind: 'message', room: 'general', seq: 4, userId: 'bob', displayName: 'bob', content: 'old 3' },
      messageId: expect.any(String),
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
    expect(told[3]).toMatchObject({ kind: 'member_joined', userId: 'ears' });
  });

  test('more of the past than the server gives at once', async () => {
    await using world = await watched({ CHAT_GRPC_MAX_PAGE_SIZE: '10' });
    for (let line = 1; line <= 35; line += 1) await world.bob.post('general', `old ${line}.`);
    await using ears = client(world.port, 'tail', 'general', '--name', 'ears', '--lines', '30');
    await ears.shows('* ears joined');
    ears.signal('SIGTERM');
    expect(await ears.exit).toBe(0);
    expect(ears.lines.map((line) => line.slice(9))).toEqual([
      ...Array.from({ length: 29 }, (_, line) => `bob: old ${line + 7}.`),
      '* ears joined',
    ]);
  });

  test('more of the past than the server lets one ask for at once', async () => {
    const limits = { CHAT_GRPC_RATE_LIMIT: '100', CHAT_GRPC_RATE_BURST: '10' };
    await using world = await watched({ CHAT_GRPC_MAX_PAGE_SIZE: '5', ...limits });
    await using ci = client(world.port, 'send', 'general', '--name', 'ci');
    ci.type(Array.from({ length: 30 }, (_, line) => `old ${line}\n`).join(''));
    ci.endInput();
    expect(await ci.exit).toBe(0);
    await using ears = client(world.port, 'tail', 'general', '--name', 'ears', '--lines', '30', '--json');
    await ears.shows('"ears"');
    ears.signal('SIGTERM');
    expect(await ears.exit).toBe(0);
    expect(ears.stderr).toBe('');
    expect(parsed(ears).map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, index) => index + 5));
  });

  test('and send, without a name, are two users by the name of the login', async () => {
    await using world = await watched();
    await using ears = client(world.port, 'tail', 'general', '--lines', '0', '--json');
    expect(await world.bob.next()).toMatchObject({ kind: 'member_joined', displayName: userInfo().username });
    await using ci = client(world.port, 'send', 'general', 'heard?');
    expect(await ci.exit).toBe(0);
    await ears.shows('heard?');
    ears.signal('SIGTERM');
    expect(await ears.exit).toBe(0);
    const [came, said] = parsed(ears);
    expect([came, said]).toMatchObject([{ kind: 'member_joined' }, { kind: 'message', content: 'heard?' }]);
    expect(said.displayName).toBe(userInfo().username);
    expect(said.userId).toBe(came.userId);
  });

  // Ten lines are written and ten are read: the eleventh, whose write would fail, never comes.
  test.runIf(process.platform === 'linux')('ends well behind `| head`, although nothing more is said', async () => {
    await using world = await watched();
    for (let line = 1; line <= 20; line += 1) await world.bob.post('general', `old ${line}`);
    const words = [process.execPath, programFile('client'), 'tail', 'general', '--name', 'ears', '--json'];
    const script = 'set -o pipefail; "$@" | head -n 10';
    const env = { CHAT_GRPC_PORT: `${world.port}` };
    await using shell = new Program(['bash', '-c', script, 'bash', ...words], { env });
    expect(await shell.exit).toBe(0);
    expect(shell.stderr).toBe('');
    const told = parsed(shell).map(({ kind, content }) => content ?? kind);
    expect(told).toEqual([...Array.from({ length: 9 }, (_, line) => `old ${line + 12}`), 'member_joined']);
  });

  test('ends well when its reader has enough', async () => {
    await using world = await watched();
    for (let line = 1; line <= 20; line += 1) await world.bob.post('general', `old ${line}`);
    await using ears = client(world.port, 'tail', 'general', '--name', 'ears', '--json');
    await ears.shows('old 15');
    ears.closeOutput();
    await world.bob.post('general', 'one more');
    expect(await ears.exit).toBe(0);
    expect(ears.stderr).toBe('');
  });
});

describe('chat-client rooms and who', () => {
  test('list what there is, on as many pages as it takes', async () => {
    await using world = await watched({ CHAT_GRPC_MAX_PAGE_SIZE: '2' });
    for (const room of ['attic', '日本', 'cellar']) await world.bob.join(room);
    const ana = await world.server.connect('ana');
    for (const name of ['eve', 'mia', 'zoe']) await (await world.server.connect(name)).join('general');
    await using rooms = client(world.port, 'rooms');
    await using roomsJson = client(world.port, 'rooms', '--json');
    await using who = client(world.port, 'who', 'general', '--name', 'ana');
    await using whoJson = client(world.port, 'who', 'general', '--json');
    for (const program of [rooms, roomsJson, who, whoJson]) {
      expect(await program.exit).toBe(0);
      expect(program.stderr).toBe('');
    }
    expect(rooms.lines).toEqual(['general  4', 'attic    1', '日本    1', 'cellar  1']);
    expect(parsed(roomsJson)[0]).toEqual({
      ...{ kind: 'room', room: 'general', memberCount: 4 },
      position: { epoch: expect.any(String), seq: 4 },
    });
    expect(who.lines).toEqual(['bob', 'eve', 'mia', 'zoe']);
    expect(parsed(whoJson)[0]).toEqual({
      ...{ kind: 'member', room: 'general', userId: 'bob', displayName: 'bob', isDetached: false },
      joinedAt: expect.stringMatching(/Z$/),
    });
    await ana.close();
  });

  test('who shows the user behind another name, and who is away', async () => {
    await using world = await watched();
    const stop = new AbortController();
    const { port } = world;
    const ana = await connect({ port, userId: 'ana', displayName: 'Ana', signal: stop.signal });
    await ana.join('general');
    stop.abort();
    await vi.waitFor(
      async () => expect((await world.bob.members('general')).members.at(-1)).toMatchObject({ isDetached: true }),
      { timeout: 30_000 },
    );
    await using who = client(port, 'who', 'general');
    expect(await who.exit).toBe(0);
    expect(who.lines).toEqual(['bob', 'Ana (ana), away']);
  });

  test('who has more pages than the server lets one ask for at once', async () => {
    const limits = { CHAT_GRPC_RATE_LIMIT: '100', CHAT_GRPC_RATE_BURST: '10' };
    await using world = await watched({ CHAT_GRPC_MAX_PAGE_SIZE: '1', ...limits });
    const names = ['ana', 'eve', 'joe', 'kim', 'leo', 'mia', 'zoe'];
    for (const name of names) await (await world.server.connect(name)).join('general');
    await using who = client(world.port, 'who', 'general');
    expect(await who.exit).toBe(0);
    expect(who.lines).toEqual(['bob', ...names]);
  });

  test('nothing there is no failure', async () => {
    await using server = await startServer();
    await using rooms = client(server.port, 'rooms');
    expect(await rooms.exit).toBe(0);
    expect(rooms.stdout).toBe('no rooms\n');
    await using who = client(server.port, 'who', 'general');
    expect(await who.exit).toBe(0);
    expect(who.stdout).toBe('nobody\n');
  });
});

describe('chat-client, whatever it is to do', () => {
  test.each([
    { args: ['send', 'general', 'hello'] },
    { args: ['tail', 'general'] },
    { args: ['rooms'] },
    { args: ['who', 'general'] },
  ])('$args without a server names the address, and ends with 69', async ({ args }) => {
    const port = await freePort();
    await using program = client(port, ...args);
    expect(await program.exit).toBe(69);
    expect(program.stdout).toBe('');
    expect(program.stderr).toMatch(
      new RegExp(`^chat-client: no chat server at 127\\.0\\.0\\.1:${port}; start one with "make run", .*\\n$`),
    );
  });

  test.each([
    { args: ['send'] },
    { args: ['send', ' '] },
    { args: ['send', 'general', ''] },
    { args: ['tail'] },
    { args: ['tail', 'general', '--lines', 'x'] },
    { args: ['who'] },
    { args: ['rooms', '--port', '0'] },
    { args: ['rooms', '--nonsense'] },
  ])('$args is wrong usage: 64', async ({ args }) => {
    await using program = client(await freePort(), ...args);
    expect(await program.exit).toBe(64);
    expect(program.stderr).toMatch(/^(error|chat-client): /);
  });

  test.each([
    { args: ['snd', 'general', 'hello'], word: 'snd' },
    { args: ['join', 'general'], word: 'general' },
  ])('$args: says that $word is no command', async ({ args, word }) => {
    await using program = client(await freePort(), ...args);
    expect(await program.exit).toBe(64);
    expect(program.stderr).toBe(`error: '${word}' is no command of chat-client, and no option of join; see --help\n`);
  });

  test.each(['join', 'send', 'tail', 'rooms', 'who', 'traces'])(
    '%s --help has an example and the exit codes',
    async (name) => {
      await using program = new Program('client', { args: [name, '--help'] });
      expect(await program.exit).toBe(0);
      expect(program.stdout).toContain(`$ chat-client ${name}`);
      expect(program.stdout).toMatch(/Exit codes: 0 .*64 wrong usage/);
    },
  );

  test('as JSON, join tells everything, and nothing of it steers a terminal', async () => {
    await using world = await watched();
    await using ears = client(world.port, '--name', 'ears', '--room', 'general', '--json');
    await ears.shows('"kind":"joined"');
    await world.bob.post('general', 'a\u001b[31m\u009b\u202eb');
    await ears.shows('"kind":"message"');
    ears.type('hello\n');
    await ears.shows('hello');
    ears.endInput();
    expect(await ears.exit).toBe(0);
    expect(ears.stdout).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(parsed(ears)).toMatchObject([
      { kind: 'joined', room: 'general', displayName: 'ears', memberCount: 2, position: { seq: 2 } },
      { kind: 'message', content: 'a\u001b[31m\u009b\u202eb', seq: 3 },
      { kind: 'message', content: 'hello', userId: 'ears' },
      { kind: 'state', state: 'closed' },
    ]);
  });
});

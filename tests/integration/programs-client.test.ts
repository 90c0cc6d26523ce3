import { describe, expect, test, vi } from 'vitest';
import { freePort, Program } from '../support/program.ts';
import { startServer } from '../support/server.ts';
import { TcpProxy } from '../support/tcp-proxy.ts';

const GREETING = '/quit or Ctrl+C leaves.';

/** `chat-client join` against a port. */
function join(port: number, ...args: string[]): Program {
  return new Program('client', { args: ['join', ...args], env: { CHAT_GRPC_PORT: `${port}` } });
}

describe('chat-client join, piped', () => {
  test('sends the lines that come in, shows what is said, and leaves at the end of input', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    await bob.shows('* in lobby as bob; 1 other is here.');
    await ana.post('lobby', 'hello bob');
    await bob.shows('ana: hello bob');
    bob.type('one\ntwo\n\nthree');
    bob.endInput();

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toBe('');
    expect(bob.lines.map((line) => line.replace(/^[\d:]{8} /, ''))).toEqual([
      '* in lobby as bob; 1 other is here. /quit or Ctrl+C leaves.',
      'ana: hello bob',
      'bob: one',
      'bob: two',
      'bob: three',
    ]);
    expect(await ana.next()).toMatchObject({ kind: 'member_joined', userId: 'bob' });
    expect(await ana.next()).toMatchObject({ kind: 'message', userId: 'ana' });
    for (const content of ['one', 'two', 'three'])
      expect(await ana.next()).toMatchObject({ kind: 'message', userId: 'bob', content });
    expect(await ana.next()).toMatchObject({ kind: 'member_left', userId: 'bob', reason: 'left' });
    await ana.close();
  });

  test('loses no line of a long file to the rate limit', async () => {
    await using server = await startServer({ CHAT_GRPC_RATE_LIMIT: '500', CHAT_GRPC_RATE_BURST: '5' });
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    const lines = Array.from({ length: 60 }, (_, i) => `line ${i}`);
    bob.type(`${lines.join('\n')}\n`);
    bob.endInput();

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toBe('');
    expect(bob.lines.slice(1).map((line) => line.replace(/^.*bob: /, ''))).toEqual(lines);
  });

  test('says which line was not sent, and goes on', async () => {
    await using server = await startServer();
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    bob.type(`${'x'.repeat(5000)}\nshort\n`);
    bob.endInput();

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toMatch(/^chat-client: not sent: the message has 5000 bytes, .*\n$/);
    expect(bob.lines.at(-1)).toContain('bob: short');
  });

  test.each(['/quit', '!quit'])('%s leaves although the input goes on', async (quit) => {
    await using server = await startServer();
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    bob.type(`before\n${quit}\nafter\n`);

    expect(await bob.exit).toBe(0);
    expect(bob.stdout).toContain('bob: before');
    expect(bob.stdout).not.toContain('after');
    await vi.waitFor(() => expect(server.closed).toEqual(['ok']), { timeout: 30_000 });
  });

  test.each([
    { input: 'ana\n\nhi\n', shown: ['* in general as ana;', 'ana: hi'] },
    { input: 'ana\nlobby\nhi\n', shown: ['* in lobby as ana;', 'ana: hi'] },
    { input: '\n  \nana\n\nhi\n', shown: ['* in general as ana;', 'ana: hi'] },
    { input: 'ana\n', shown: ['* in general as ana;'] },
  ])('asks for the name, then the room: $input', async ({ input, shown }) => {
    await using server = await startServer();
    await using ana = join(server.port);
    ana.type(input);
    ana.endInput();

    expect(await ana.exit).toBe(0);
    expect(ana.lines).toEqual(shown.map((text) => expect.stringContaining(text)));
  });

  test('an empty --name is asked for, an empty --room is the default', async () => {
    await using server = await startServer();
    await using ana = join(server.port, '--name', '', '--room', '');
    ana.type('ana\n');
    ana.endInput();

    expect(await ana.exit).toBe(0);
    expect(ana.stdout).toContain('* in general as ana;');
  });

  test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s leaves the room', async (signal) => {
    await using server = await startServer();
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    await bob.shows(GREETING);
    bob.signal(signal);

    expect(await bob.exit).toBe(0);
    await vi.waitFor(() => expect(server.closed).toEqual(['ok']), { timeout: 30_000 });
  });

  test('ends when nobody reads what it shows', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby');
    await bob.shows(GREETING);
    bob.closeOutput();
    await ana.post('lobby', 'anybody there?');

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toBe('');
    await ana.close();
  });
});

describe('chat-client, when the connection is lost', () => {
  test('comes back, says what was missed, and loses no line', async () => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    const ana = await server.connect('ana');
    await ana.join('lobby');
    await using bob = join(proxy.port, '--name', 'bob', '--room', 'lobby');
    await bob.shows(GREETING);
    proxy.sever();
    await bob.shows('* connection lost; back in 1 s');
    await ana.post('lobby', 'one');
    await ana.post('lobby', 'two');
    bob.type('said meanwhile\n');
    proxy.heal();
    await bob.shows(', 2 messages caught up');
    await bob.shows('bob: said meanwhile');
    bob.endInput();

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toBe('');
    const told = bob.lines.filter((line) => !line.startsWith('* not back yet'));
    expect(told.slice(2)).toEqual([
      expect.stringContaining('ana: one'),
      expect.stringContaining('ana: two'),
      expect.stringMatching(/back after \d+ s, 2 messages/),
      expect.stringContaining('bob: said meanwhile'),
    ]);
    await ana.close();
  });

  test('a server that is killed and started again: says that the room began anew', async () => {
    const port = await freePort();
    const env = { CHAT_GRPC_PORT: `${port}` };
    await using first = new Program('server', { env });
    await first.shows('listening');
    await using bob = join(port, '--name', 'bob', '--room', 'lobby');
    await bob.shows(GREETING);
    first.signal('SIGKILL');
    await bob.shows('* connection lost');
    await using second = new Program('server', { env });
    await second.shows('listening');
    await bob.shows('* lobby began anew');
    bob.type('hello again\n');
    await bob.shows('bob: hello again');
    bob.endInput();

    expect(await bob.exit).toBe(0);
    expect(bob.stderr).toBe('');
  });

  test('after a crash, waits for the end of the seat that it had', async () => {
    await using server = await startServer({ CHAT_GRPC_RESUME_GRACE: '1s' });
    await using crashed = join(server.port, '--name', 'bob', '--room', 'lobby');
    await crashed.shows(GREETING);
    // Started before, so that the seat is still there when it asks for it.
    await using bob = join(server.port, '--room', 'lobby');
    const over = [...server.grpc.connections].map((connection) => connection.over);
    crashed.signal('SIGKILL');
    await Promise.all(over);
    bob.type('bob\n');
    await bob.shows('* your name is held by a session that is gone; joining lobby at ');
    await bob.shows(GREETING);
    bob.endInput();

    expect(await bob.exit).toBe(0);
  });

  test('a signal ends the wait', async () => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    await using bob = join(proxy.port, '--name', 'bob', '--room', 'lobby');
    await bob.shows(GREETING);
    proxy.sever();
    await bob.shows('* connection lost');
    bob.signal('SIGTERM');
    expect(await bob.exit).toBe(0);
  });
});

describe('chat-client, when it cannot', () => {
  test('no server: says what to do', async () => {
    await using ana = join(await freePort(), '--name', 'ana', '--room', 'lobby');
    expect(await ana.exit).toBe(69);
    expect(ana.stdout).toBe('');
    expect(ana.stderr).toMatch(/^chat-client: no chat server at 127\.0\.0\.1:\d+; start one with "make run", .*\n$/);
  });

  test('the server goes away: says so, and does not wait for its input', async () => {
    const server = await startServer();
    await using bob = join(server.port, '--name', 'bob', '--room', 'lobby', '--patience', '0');
    await bob.shows(GREETING);
    await server.stop();

    expect(await bob.exit).toBe(69);
    expect(bob.stdout).toContain('* the server is going away\n');
    expect(bob.stderr).toBe('chat-client: the server is shutting down\n');
  });

  test('the server is killed: says where the connection went', async () => {
    const port = await freePort();
    await using server = new Program('server', { env: { CHAT_GRPC_PORT: `${port}` } });
    await server.shows('listening');
    await using bob = join(port, '--name', 'bob', '--room', 'lobby', '--patience', '0');
    await bob.shows(GREETING);
    server.signal('SIGKILL');

    expect(await bob.exit).toBe(69);
    expect(bob.stderr).toMatch(/^chat-client: the connection to 127\.0\.0\.1:\d+ was lost \(.+\)\n$/);
  });

  test('the server is killed and does not come back: gives up after its patience', async () => {
    const port = await freePort();
    await using server = new Program('server', { env: { CHAT_GRPC_PORT: `${port}` } });
    await server.shows('listening');
    await using bob = join(port, '--name', 'bob', '--room', 'lobby', '--patience', '0.5');
    await bob.shows(GREETING);
    server.signal('SIGKILL');

    expect(await bob.exit).toBe(69);
    expect(bob.stdout).toContain('* connection lost; back in 1 s\n');
    expect(bob.stderr).toMatch(/^chat-client: (no chat server at|the connection to) .+\n$/);
  });

  test('the name is taken', async () => {
    await using server = await startServer();
    const ana = await server.connect('ana');
    await ana.join('lobby');
    await using other = join(server.port, '--name', 'ana', '--room', 'lobby');

    expect(await other.exit).toBe(77);
    expect(other.stderr).toBe('chat-client: ana is in lobby already; take another user id\n');
    await ana.close();
  });

  test('no name in the input', async () => {
    await using nobody = join(await freePort());
    nobody.endInput();
    expect(await nobody.exit).toBe(64);
    expect(nobody.stderr).toBe('chat-client: a name is needed: --name ana\n');
  });

  test.each([
    { args: ['join', '--port', 'x'], said: '--port' },
    { args: ['join', '--port', '0'], said: '--port' },
    { args: ['join', '--port', '65536'], said: '--port' },
    { args: ['join', '--patience', '-1'], said: '--patience' },
    { args: ['join', '--nonsense'], said: '--nonsense' },
    { args: ['nonsense'], said: 'nonsense' },
  ])('wrong usage: $args', async ({ args, said }) => {
    await using client = new Program('client', { args });
    expect(await client.exit).toBe(64);
    expect(client.stderr).toContain(said);
  });

  test.each([{ args: ['--help'] }, { args: ['join', '--help'] }])('$args has an example', async ({ args }) => {
    await using client = new Program('client', { args });
    expect(await client.exit).toBe(0);
    expect(client.stdout).toContain('$ chat-client join --name ana --room general');
  });
});

import { describe, expect, test, vi } from 'vitest';
import { entered, screenOf, stateFolder } from '../../support/screen-program.ts';
import { startServer } from '../../support/server.ts';
import { TcpProxy } from '../../support/tcp-proxy.ts';
import { clientCommand, TerminalProgram } from '../../support/terminal.ts';

const ENTER = '\r';

async function watched(settings: Record<string, string> = {}) {
  const server = await startServer(settings);
  const bob = await server.connect('bob');
  await bob.join('general');
  return { server, bob, [Symbol.asyncDispose]: () => bob.close().then(() => server.stop()) };
}

describe('the full-screen client ends', () => {
  test.each([
    { how: '/quit', end: (ana: TerminalProgram) => ana.type(`/quit${ENTER}`) },
    { how: 'Ctrl+C', end: (ana: TerminalProgram) => ana.type('half a line\u0003') },
    { how: 'Ctrl+D', end: (ana: TerminalProgram) => ana.type('\u0004') },
    { how: 'SIGTERM', end: (ana: TerminalProgram) => ana.signal('SIGTERM') },
    { how: 'a terminal that is closed', end: (ana: TerminalProgram) => ana.hangUp() },
  ])('by $how: the room sees a leave at once', async ({ end }) => {
    await using world = await watched();
    await using ana = await entered('ana', { port: world.server.port });
    expect(await world.bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    end(ana);

    expect(await world.bob.next()).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'left' });
    expect((await ana.exit).code).toBe(0);
    await vi.waitFor(() => expect(world.server.closed).toContain('ok'), { timeout: 30_000 });
  });

  test('what was said last goes out before, in the room that is left and in all', async () => {
    await using world = await watched();
    await world.bob.join('attic');
    await using ana = await entered('ana', { port: world.server.port });
    await world.bob.next();
    ana.type(`/join attic${ENTER}`);
    await ana.shows('Welcome to attic');
    ana.type(`bye attic${ENTER}/leave${ENTER}`);
    await ana.shows('left attic');
    ana.type(`bye all${ENTER}/quit${ENTER}`);
    const seen = ['ana joined', 'bye attic', 'ana left', 'bye all', 'ana left'];
    for (const what of seen) {
      const event = await world.bob.next();
      const words = event.kind === 'message' ? event.content : event.kind === 'member_left' ? 'ana left' : 'ana joined';
      expect(words).toBe(what);
    }
    expect((await ana.exit).code).toBe(0);
    expect(ana.screen).not.toContain('not sent');
  });

  test('what could not be said is told', async () => {
    await using server = await startServer();
    await using proxy = await TcpProxy.to(server.port);
    await using ana = await entered('ana', { port: proxy.port });
    proxy.sever();
    await ana.shows(/^─ (reconnecting|connecting)/m);
    ana.type(`anybody?${ENTER}`);
    await ana.shows('1 message waiting');
    ana.type(`/quit${ENTER}`);
    expect((await ana.exit).code).toBe(0);
    expect(ana.screen).toContain('chat-client: 1 message not sent');
  });

  test('and the terminal is as it was', async () => {
    await using server = await startServer();
    const args = ['join', '--name', 'ana', '--room', 'general', '--port', `${server.port}`];
    await using shell = new TerminalProgram({
      command: 'sh',
      args: ['-c', 'echo before; stty -a; "$@"; stty -a; echo "ended with $?"', 'sh', ...clientCommand(...args)],
      columns: 100,
      rows: 40,
      env: { XDG_STATE_HOME: '/dev/null' },
    });
    await shell.shows('Welcome to general');
    const { emulator } = shell;
    expect(emulator).toMatchObject({ isAlternate: true });
    expect(emulator.modes).toMatchObject({ autowrap: false, bracketedPaste: true, focusReporting: true });
    shell.type(`/quit${ENTER}`);

    expect((await shell.exit).code).toBe(0);
    expect(emulator).toMatchObject({ isAlternate: false, isCursorVisible: true });
    expect(emulator.modes).toMatchObject({ autowrap: true, bracketedPaste: false, focusReporting: false });
    const [, first = '', second = ''] = shell.screen.split(/(?=^speed )/m);
    expect(second.trimEnd()).toBe(`${first.trimEnd()}\nended with 0`);
  });

  test('told to stop while it is suspended, it does not come back', async () => {
    await using server = await startServer();
    await using ana = await entered('ana', { port: server.port });
    ana.type('\u001a');
    await ana.showsNot('connected');
    ana.signal('SIGTERM');
    expect((await ana.exit).code).toBe(0);
    expect(ana.emulator.isAlternate).toBe(false);
  });

  test('a second Ctrl+C does not wait for a server that does not answer', async () => {
    await using world = await watched();
    await using ana = await entered('ana', { port: world.server.port });
    const { connections } = world.server.grpc;
    expect(connections.size).toBeGreaterThan(0);
    ana.type('\u0003\u0003');
    expect((await ana.exit).code).toBe(0);
  });
});

describe('the full-screen client that is killed', () => {
  test('is seen to be gone after the grace', async () => {
    await using world = await watched({ CHAT_GRPC_RESUME_GRACE: '300ms' });
    await using ana = await entered('ana', { port: world.server.port });
    expect(await world.bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
    ana.signal('SIGKILL');
    expect(await world.bob.next()).toMatchObject({ kind: 'member_left', userId: 'ana', reason: 'lost' });
  });

  test('and opened again at once comes back as itself: nobody saw it go, and it sees what was said', async () => {
    using state = stateFolder();
    await using world = await watched();
    const { port } = world.server;
    {
      await using ana = await entered('ana', { port, env: state.env });
      expect(await world.bob.next()).toMatchObject({ kind: 'member_joined', userId: 'ana' });
      ana.signal('SIGKILL');
      await ana.exit;
    }
    await world.bob.post('general', 'said meanwhile');
    await using ana = await entered('ana', { port, env: state.env });
    await ana.shows('bob: said meanwhile');
    ana.type(`back${ENTER}`);
    expect(await world.bob.next()).toMatchObject({ content: 'said meanwhile' });
    expect(await world.bob.next()).toMatchObject({ kind: 'message', userId: 'ana', content: 'back' });
  });

  test('without what it leaves, it waits for the end of its ghost', async () => {
    await using world = await watched({ CHAT_GRPC_RESUME_GRACE: '1s' });
    const { port } = world.server;
    await using first = await entered('ana', { port });
    await using ana = screenOf({ port, columns: 120 });
    await ana.shows(/^name:$/m);
    const over = [...world.server.grpc.connections].map((connection) => connection.over);
    first.signal('SIGKILL');
    await Promise.race(over);
    ana.type(`ana${ENTER}`);
    await ana.shows('your name is held by a session that is gone; joining general at');
    await ana.shows('Welcome to general, ana!');
  });

  test('a second one beside it does not take its session: the name is taken', async () => {
    using state = stateFolder();
    await using server = await startServer();
    await using ana = await entered('ana', { port: server.port, env: state.env });
    await using other = screenOf({ port: server.port, name: 'ana', env: state.env });
    await other.shows('ana is in general already');
    ana.type(`still here${ENTER}`);
    await ana.shows(/› .*still here/);
  });
});

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { type ChatConnection, connect } from '../../cli/connection/index.ts';
import { freePort, Program } from '../support/program.ts';

/** A server as a process, once it takes connections, and one of them. */
async function serve(
  env: Record<string, string> = {},
  cwd?: string,
): Promise<{ server: Program; ana: ChatConnection }> {
  const port = Number(env['CHAT_GRPC_PORT'] ?? (await freePort()));
  const server = new Program('server', { env: { CHAT_GRPC_PORT: `${port}`, ...env }, ...(cwd && { cwd }) });
  try {
    return { server, ana: await reach(port) };
  } catch (error) {
    await server[Symbol.asyncDispose]();
    throw error;
  }
}

/** Nothing else tells that a silent server listens. */
function reach(port: number): Promise<ChatConnection> {
  return vi.waitFor(() => connect({ port, userId: 'ana', giveUpAfterMs: 0 }), { timeout: 30_000, interval: 20 });
}

async function scratch() {
  const path = await mkdtemp(join(tmpdir(), 'chat-grpc-server-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

describe('chat-grpc', () => {
  test.each(['SIGTERM', 'SIGINT'] as const)('%s: clients are told, and it exits 0', async (signal) => {
    const { server, ana } = await serve();
    await using _ = server;
    await ana.join('lobby');
    server.signal(signal);

    expect((await ana.events.next()).value).toMatchObject({ kind: 'draining', reconnectAfterMs: expect.any(Number) });
    // 14 is UNAVAILABLE.
    await expect(ana.events.next()).rejects.toMatchObject({ reason: 'draining', code: 14 });
    expect(await server.exit).toBe(0);
    expect(server.stderr).toBe('');
  });

  test('logs JSON, a line each, when its output is no terminal', async () => {
    const { server, ana } = await serve();
    await using _ = server;
    await ana.close();
    server.signal('SIGTERM');
    await server.exit;

    const lines = server.lines.map((line) => JSON.parse(line));
    expect(lines.map((line) => line.msg)).toEqual(['listening', 'shutting down', 'stopped']);
    for (const line of lines) expect(Date.parse(line.time)).toBeGreaterThan(0);
  });

  test('goes on, and stops as ever, when nobody reads its log any more', async () => {
    const { server, ana } = await serve({ CHAT_GRPC_LOG_LEVEL: 'debug' });
    await using _ = server;
    server.closeOutput();
    await ana.join('lobby');
    expect(await ana.post('lobby', 'still there?')).toMatchObject({ seq: 2n });
    await ana.close();
    server.signal('SIGTERM');

    expect(await server.exit).toBe(0);
  });

  test('prints nothing when it is to be silent', async () => {
    const { server, ana } = await serve({ CHAT_GRPC_LOG_LEVEL: 'silent', CHAT_GRPC_MAX_SEND_MSG_SIZE: 'x' });
    await using _ = server;
    await ana.close();
    server.signal('SIGTERM');

    expect(await server.exit).toBe(0);
    expect(server.stdout + server.stderr).toBe('');
  });

  test('names the settings that have no meaning, once', async () => {
    const { server, ana } = await serve({
      CHAT_GRPC_MAX_SEND_MSG_SIZE: 'chat',
      CHAT_GRPC_NONSENSE: '1',
      CHAT_GRPC_EMPTY: '',
    });
    await using _ = server;
    await ana.close();

    expect(server.stdout.match(/CHAT_GRPC_MAX_SEND_MSG_SIZE/g)).toHaveLength(1);
    expect(JSON.parse(server.lines[0] ?? '')).toMatchObject({
      msg: 'these settings have no meaning here',
      settings: ['CHAT_GRPC_MAX_SEND_MSG_SIZE', 'CHAT_GRPC_NONSENSE'],
    });
  });

  test('reads .env in its working directory, and the environment wins', async () => {
    await using directory = await scratch();
    const port = await freePort();
    const settings = ['# ours', `CHAT_GRPC_PORT=${await freePort()}`, 'CHAT_GRPC_MAX_ROOMS_PER_SESSION="7"', 'OTHER=1'];
    await writeFile(join(directory.path, '.env'), `${settings.join('\n')}\n`);
    const { server, ana } = await serve({ CHAT_GRPC_PORT: `${port}` }, directory.path);
    await using _ = server;

    expect(ana.limits?.maxRooms).toBe(7);
    await ana.close();
  });

  test('36 wrong settings: one error that names each of them', async () => {
    const env = { CHAT_GRPC_PORT: 'x', CHAT_GRPC_SHUTDOWN_GRACE: 'abc', CHAT_GRPC_MAX_ROOMS: '5' };
    await using server = new Program('server', { env });

    expect(await server.exit).toBe(2);
    expect(server.stdout).toBe('');
    expect(server.stderr.trimEnd().split('\n')).toEqual([
      'chat-grpc: settings are wrong:',
      expect.stringMatching(/^ {2}CHAT_GRPC_PORT=x: must be .+/),
      expect.stringMatching(/^ {2}CHAT_GRPC_SHUTDOWN_GRACE=abc: must be .+/),
    ]);
  });

  test('36 a taken port: one line that says what to do', async () => {
    const port = `${await freePort()}`;
    const { server, ana } = await serve({ CHAT_GRPC_PORT: port });
    await using _ = server;
    await using second = new Program('server', { env: { CHAT_GRPC_PORT: port } });

    expect(await second.exit).toBe(1);
    expect(second.stdout).toBe('');
    expect(second.stderr).toMatch(/^chat-grpc: 127\.0\.0\.1:\d+ is taken; stop .*CHAT_GRPC_PORT.*\n$/);
    await ana.close();
  });
});

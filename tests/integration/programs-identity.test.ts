import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type ChatEvent, type ConnectionState, connect } from '../../cli/connection/index.ts';
import { Program, portOf } from '../support/program.ts';
import { tlsFiles } from '../support/tls-files.ts';
import { SECRET, signed } from '../support/tokens.ts';

const nowS = () => Math.floor(Date.now() / 1000);
/** @param claims beside those of an hour of ana in every room, from now. */
const fresh = (claims: object = {}) => signed({ iat: nowS(), exp: nowS() + 3600, ...claims });

const folder = mkdtempSync(joinPath(tmpdir(), 'chat-grpc-identity-'));
function file(name: string, content: string): string {
  const path = joinPath(folder, name);
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
}

const tls = tlsFiles();
const revoked = file('revoked', '');
let server: Program;
let env: Record<string, string>;

beforeAll(async () => {
  server = new Program('server', {
    env: { CHAT_GRPC_PORT: '0', CHAT_GRPC_AUTH_SECRET: SECRET, CHAT_GRPC_AUTH_REVOKED: revoked, ...tls.ofServer },
  });
  env = { CHAT_GRPC_PORT: `${await portOf(server)}`, CHAT_GRPC_CA: tls.ca };
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  tls[Symbol.dispose]();
  rmSync(folder, { recursive: true });
});

async function client(args: readonly string[], settings: Record<string, string> = {}) {
  await using program = new Program('client', { args, env: { ...env, ...settings } });
  program.endInput();
  const code = await program.exit;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

describe.concurrent('with a token', () => {
  test('each command is who the token says, without a name', async () => {
    const token = file('carl.token', `${await fresh({ sub: 'carl', name: 'Carl C' })}\n`);
    const by = { CHAT_GRPC_TOKEN_FILE: token };
    const told = await client(['join', '--room', 'told', '--json'], by);
    expect(told).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(told.stdout.split('\n')[0] ?? '')).toMatchObject({ kind: 'joined', displayName: 'Carl C' });
    expect(await client(['join', '--room', 'told'], by)).toMatchObject({
      stdout: expect.stringContaining('* in told as Carl C;'),
    });
    expect(await client(['send', 'said', 'hello', '--json'], by)).toMatchObject({ code: 0, stderr: '' });
    await using tail = new Program('client', {
      args: ['tail', 'said', '--json', '--token-file', token],
      env: { ...env, CHAT_GRPC_TOKEN: 'passed by' },
    });
    await tail.shows('"content":"hello"');
    expect(tail.stdout).toContain('"userId":"carl","displayName":"Carl C"');
    expect(await client(['who', 'said'], by)).toMatchObject({ code: 0, stdout: 'Carl C (carl)\n' });
    expect(await client(['rooms'], by)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^said +1$/m) });
  });

  test('a name is for show alone, and only where the token has none', async () => {
    const dora = { CHAT_GRPC_TOKEN: await fresh({ sub: 'dora' }), CHAT_GRPC_NAME: 'Dora D' };
    expect((await client(['join', '--room', 'shown'], dora)).stdout).toContain('* in shown as Dora D;');
    const eric = { CHAT_GRPC_TOKEN: await fresh({ sub: 'eric', name: 'Eric' }), CHAT_GRPC_NAME: 'the boss' };
    expect((await client(['join', '--room', 'shown'], eric)).stdout).toContain('* in shown as Eric;');
  });

  test('what it does not allow is said, and refused', async () => {
    const CHAT_GRPC_TOKEN = await fresh({ sub: 'fred', rooms: { readable: ['join'] } });
    for (const [args, says] of [
      [['send', 'readable', 'hello'], /^chat-client: not sent: .*readable.*\n$/],
      [['send', 'closed', 'hello'], /^chat-client: .*closed.*\n$/],
      [['join', '--room', 'closed'], /^chat-client: .*closed.*\n$/],
      [['who', 'closed'], /^chat-client: .*closed.*\n$/],
    ] as const) {
      expect(await client(args, { CHAT_GRPC_TOKEN })).toMatchObject({ code: 77, stderr: expect.stringMatching(says) });
    }
  });

  test('that runs out: a line says so while there is time', async () => {
    const CHAT_GRPC_TOKEN = await fresh({ sub: 'gina', exp: nowS() + 15 });
    await using join = new Program('client', { args: ['join', '--room', 'soon'], env: { ...env, CHAT_GRPC_TOKEN } });
    await join.shows('* your token expires within a minute and there is no other yet; without one the connection ends');
    join.endInput();
    expect(await join.exit).toBe(0);
  });

  test('whose file is renewed: the program stays, though the first token is taken away', async () => {
    const path = file('hugo.token', await fresh({ sub: 'hugo', jti: 'hugo-1' }));
    await using join = new Program('client', { args: ['join', '--room', 'kept', '--token-file', path], env });
    await join.shows('* in kept as hugo');
    file('hugo.token', await fresh({ sub: 'hugo', jti: 'hugo-2' }));
    file('revoked', 'token hugo-1\n');
    await join.shows('* back after');
    join.type('still here\n');
    await join.shows('hugo: still here');
    join.endInput();
    expect(await join.exit).toBe(0);
    expect(join.stderr).toBe('');
  });
});

describe('a line, and an exit code', () => {
  test.each([['join', '--name', 'ana', '--room', 'x'], ['send', 'x', 'y'], ['tail', 'x'], ['rooms'], ['who', 'x']])(
    '77 without a token: %s',
    async (...args) => {
      expect(await client(args)).toEqual({
        code: 77,
        stdout: '',
        stderr: `chat-client: 127.0.0.1:${env['CHAT_GRPC_PORT']} asks for a token (--token-file FILE, CHAT_GRPC_TOKEN, option token)\n`,
      });
    },
  );

  test.each([[], ['--basic']])('77 for a load test, which comes without: %s', async (...flags) => {
    const CHAT_GRPC_TOKEN = await fresh();
    expect(await client(['load', '--clients', '20', ...flags], { CHAT_GRPC_TOKEN })).toMatchObject({
      code: 77,
      stderr: 'chat-client: the server asks for a token; load tests are run against one that does not\n',
    });
  });

  test('77 for a token that would be read by others, which goes nowhere', async () => {
    const { code, stderr } = await client(['rooms', '--host', '192.0.2.1'], {
      CHAT_GRPC_CA: '',
      CHAT_GRPC_TOKEN: await fresh(),
    });
    expect({ code, stderr }).toEqual({
      code: 77,
      stderr: expect.stringMatching(/^chat-client: a token would go to 192\.0\.2\.1:\d+ for all to read; encrypt it/),
    });
  });

  test.each([
    { args: ['--token-file', '/not/there'], says: '--token-file /not/there cannot be read: ENOENT' },
    { args: ['--token-file', revoked], says: `--token-file ${revoked} holds no token` },
    { args: [], token: 'two words', says: 'CHAT_GRPC_TOKEN holds no token' },
  ])('64: $says', async ({ args, token, says }) => {
    for (const command of [['rooms'], ['join']]) {
      const settings = token === undefined ? undefined : { CHAT_GRPC_TOKEN: token };
      const { code, stderr } = await client([...command, ...args], settings);
      expect({ code, stderr }).toEqual({ code: 64, stderr: `chat-client: ${says}\n` });
    }
  });
});

test('a token is changed under way: others see nobody leave, and nothing is lost', async () => {
  const port = Number(env['CHAT_GRPC_PORT']);
  const reached = { port, tls: { ca: readFileSync(tls.ca) } };
  const bob = await connect({ ...reached, token: await fresh({ sub: 'bob' }) });
  await bob.join('lounge');
  const token = vi
    .fn(() => fresh({ sub: 'ana' }))
    // One within its last minute: the server says so at once.
    .mockImplementationOnce(() => fresh({ sub: 'ana', exp: nowS() + 15 }));
  const ana = await connect({ ...reached, token });
  const states: ConnectionState['kind'][] = [];
  const moved = new Promise<void>((resolve) => {
    ana.onState(({ kind }) => {
      states.push(kind);
      resolve();
    });
  });
  await ana.join('lounge');
  const posts = Array.from({ length: 10 }, (_, i) => ana.post('lounge', `${i}`));
  await moved;
  posts.push(...Array.from({ length: 10 }, (_, i) => ana.post('lounge', `${i + 10}`)));
  await Promise.all(posts);
  await ana.post('lounge', 'last');
  const heard: ChatEvent[] = [];
  for await (const event of bob.events) {
    heard.push(event);
    if (event.kind === 'message' && event.content === 'last') break;
  }
  const { members } = await bob.members('lounge');
  const statesSeen = [...states];
  await Promise.all([ana.close(), bob.close()]);

  expect(token).toHaveBeenCalledTimes(2);
  expect(statesSeen).toEqual(['live']);
  expect(heard.map((event) => (event.kind === 'message' ? event.content : event.kind))).toEqual([
    'member_joined',
    ...Array.from({ length: 20 }, (_, i) => `${i}`),
    'last',
  ]);
  expect(members.map(({ userId, isDetached }) => ({ userId, isDetached }))).toEqual([
    { userId: 'bob', isDetached: false },
    { userId: 'ana', isDetached: false },
  ]);
});

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Program, portOf } from '../support/program.ts';
import { tlsFiles } from '../support/tls-files.ts';

const files = tlsFiles();
const CERTIFIED = { CHAT_GRPC_CA: files.ca, CHAT_GRPC_CERT: files.cert, CHAT_GRPC_KEY: files.key };
let server: Program;
/** A server that clients have to show a certificate to. */
let strict: Program;

beforeAll(async () => {
  const env = { CHAT_GRPC_PORT: '0', CHAT_GRPC_RATE_LIMIT: '0', ...files.ofServer };
  server = new Program('server', { env });
  strict = new Program('server', { env: { ...env, CHAT_GRPC_TLS_CLIENT_CA: files.ca } });
  await Promise.all([portOf(server), portOf(strict)]);
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await strict[Symbol.asyncDispose]();
  files[Symbol.dispose]();
});

interface Ran {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

async function client(of: Program, args: readonly string[], env: Record<string, string> = {}): Promise<Ran> {
  await using program = new Program('client', { args, env: { CHAT_GRPC_PORT: `${await portOf(of)}`, ...env } });
  program.endInput();
  const code = await program.exit;
  return { code, stdout: program.stdout, stderr: program.stderr };
}

describe.concurrent('over TLS, with nothing on standard error', () => {
  const cases: readonly { readonly args: readonly string[]; readonly shows: string }[] = [
    { args: ['join', '--name', 'ana', '--room', 'joined'], shows: 'in joined as ana' },
    { args: ['send', 'sent', 'hello', '--json'], shows: '"kind":"sent"' },
    { args: ['tail', 'tailed', '--lines', '0', '--json'], shows: '' },
    { args: ['rooms', '--json'], shows: '' },
    { args: ['who', 'nowhere'], shows: 'nobody' },
  ];

  test.each(cases.filter(({ args }) => args[0] !== 'tail'))('$args', async ({ args, shows }) => {
    for (const [of, flags, env] of [
      [server, ['--ca', files.ca], {}],
      [server, ['--tls'], { CHAT_GRPC_CA: files.ca, CHAT_GRPC_TLS: 'false' }],
      [strict, [], CERTIFIED],
      [strict, ['--host', 'localhost', '--ca', files.ca, '--cert', files.cert, '--key', files.key], {}],
    ] as const) {
      const { code, stdout, stderr } = await client(of, [...args, ...flags], env);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout).toContain(shows);
    }
  });

  test('tail', async () => {
    const env = { CHAT_GRPC_PORT: `${await portOf(strict)}`, ...CERTIFIED };
    await using tail = new Program('client', { args: ['tail', 'heard', '--json'], env });
    const joined = client(strict, ['send', 'heard', 'hello'], CERTIFIED);
    await tail.shows('"content":"hello"');
    expect(await joined).toMatchObject({ code: 0 });
    expect(tail.stderr).toBe('');
  });
});

describe.concurrent('a line and exit code 77 where TLS does not go', () => {
  const commands = [
    ['join', '--name', 'ana', '--room', 'lobby'],
    ['send', 'lobby', 'hello'],
    ['tail', 'lobby'],
    ['rooms'],
    ['who', 'lobby'],
    ['load', '--clients', '20', '--duration', '1s'],
    ['load', '--clients', '20', '--duration', '1s', '--basic'],
  ];

  test.each(commands)('%s', async (...args) => {
    const cases = [
      { of: server, flags: [], says: 'speaks TLS; connect with it (--tls, --ca FILE, option tls)' },
      { of: server, flags: ['--ca', files.strangerCa], says: 'is signed by nobody who is trusted here' },
      {
        of: server,
        flags: ['--ca', files.ca, '--server-name', 'chat.example.org'],
        says: 'is not for chat.example.org',
      },
      { of: strict, flags: ['--ca', files.ca], says: 'asks clients for a certificate; show one (--cert FILE' },
    ];
    for (const { of, flags, says } of cases) {
      const { code, stderr } = await client(of, [...args, ...flags]);
      expect({ code, stderr }).toEqual({ code: 77, stderr: expect.stringContaining(says) });
      expect(stderr).toMatch(/^chat-client: [^\n]*\n$/);
    }
  });
});

describe.concurrent('a line and exit code 64 for what is of no use', () => {
  const cases: readonly {
    readonly flags: readonly string[];
    readonly env?: Record<string, string>;
    readonly says: string;
  }[] = [
    { flags: ['--ca', '/not/there.pem'], says: '--ca /not/there.pem cannot be read: ENOENT' },
    { flags: ['--ca', files.key], says: `--ca ${files.key} holds no certificate; PEM is expected` },
    { flags: ['--cert', files.cert], says: '--key is missing; a certificate is shown with its key' },
    {
      flags: [],
      env: { CHAT_GRPC_KEY: files.key },
      says: '--cert is missing; a key is of no use without its certificate',
    },
    {
      flags: ['--cert', files.ca, '--key', files.key],
      says: `--key ${files.key} does not belong to the certificate`,
    },
    { flags: [], env: { CHAT_GRPC_TLS: 'perhaps' }, says: 'CHAT_GRPC_TLS=perhaps: must be true or false' },
  ];

  test.each(cases)('$says', async ({ flags, env, says }) => {
    for (const args of [['rooms'], ['join', '--name', 'ana'], ['load']]) {
      const { code, stderr } = await client(server, [...args, ...flags], env);
      expect({ code, stderr }).toEqual({ code: 64, stderr: `chat-client: ${says}\n` });
    }
  });
});

describe('a load test over TLS', () => {
  test.each([[], ['--basic'], ['--streams-per-connection', '5', '--reconnect', '20']])(
    '%s holds, and says how it is done again without what is in the files',
    async (...flags) => {
      const { code, stdout, stderr } = await client(
        strict,
        ['load', '--clients', '20', '--rooms', '2', '--rate', '20', '--duration', '1s', '--json', '-', ...flags],
        CERTIFIED,
      );
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      const report = JSON.parse(stdout);
      expect(report.verdict).toMatchObject({ holds: true });
      expect(report.counts.deliveries).toBeGreaterThan(0);
      expect(report.command).toContain(` --ca ${files.ca} --cert ${files.cert} --key ${files.key} --clients 20`);
      expect(stdout).not.toMatch(/BEGIN|PRIVATE/);
    },
  );
});

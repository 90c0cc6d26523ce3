import { describe, expect, test } from 'vitest';
import { ConfigError, readConfig, readIssuing } from '../../src/config.ts';

const KIB = 1024;
const MIB = 1024 * KIB;

/** The lines of the error that these settings make, without its head. */
function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const [head, ...problems] = error.message.split('\n');
    expect(head).toBe('settings are wrong:');
    return problems.map((problem) => problem.trim());
  }
  throw new Error('nothing was wrong');
}

describe('readConfig', () => {
  test('without settings: the defaults that the contract names', () => {
    expect(readConfig({})).toEqual({
      host: '127.0.0.1',
      port: 50051,
      tls: undefined,
      transports: { maxTransports: 20_000, maxTransportsPerAddress: 1000, maxStreamsPerTransport: 100 },
      maxEventLoopDelayMs: 200,
      logLevel: 'info',
      shutdownGraceMs: 10_000,
      keepaliveTimeMs: 20_000,
      keepaliveTimeoutMs: 10_000,
      limits: {
        maxEnvelopeBytes: 16 * KIB,
        maxContentBytes: 4 * KIB,
        maxNameBytes: 64,
        maxRoomsPerSession: 32,
        maxMembersPerRoom: 10_000,
        maxRooms: 100_000,
        maxSessions: 20_000,
        rateLimit: 20,
        rateBurst: 40,
        roomHistoryBytes: MIB,
        roomHistoryAgeMs: 300_000,
        maxPageSize: 500,
        historyBytes: 256 * MIB,
        foldAbove: 50,
        resumeGraceMs: 15_000,
        handshakeTimeoutMs: 10_000,
        heartbeatIntervalMs: 25_000,
        heartbeatTimeoutMs: 10_000,
        stuckWriteTimeoutMs: 30_000,
        maxUnfinishedBytes: 256 * MIB,
      },
      unused: [],
    });
  });

  interface Duration {
    readonly text: string;
    /** Undefined: refused. */
    readonly ms: number | undefined;
  }

  test.each<Duration>([
    { text: '5s', ms: 5000 },
    { text: '1m30s', ms: 90_000 },
    { text: '250ms', ms: 250 },
    { text: '1h', ms: 3_600_000 },
    { text: '1.5s', ms: 1500 },
    { text: '1h1m1s1ms', ms: 3_661_001 },
    { text: ' 5s ', ms: 5000 },
    { text: '0s', ms: 0 },
    { text: '596h', ms: 2_145_600_000 },
    { text: '597h', ms: undefined }, // more than a timer of Node holds
    { text: '5', ms: undefined },
    { text: 's', ms: undefined },
    { text: '5 s', ms: undefined },
    { text: '5sec', ms: undefined },
    { text: '-5s', ms: undefined },
    { text: '.5s', ms: undefined },
    { text: '5S', ms: undefined },
    { text: '1d', ms: undefined },
    { text: 'abc', ms: undefined },
  ])('the duration "$text" is $ms ms', ({ text, ms }) => {
    const environment = { CHAT_GRPC_SHUTDOWN_GRACE: text };
    if (ms !== undefined) expect(readConfig(environment).shutdownGraceMs).toBe(ms);
    else
      expect(problemsOf(environment)).toEqual([expect.stringContaining(`CHAT_GRPC_SHUTDOWN_GRACE=${text}: must be`)]);
  });

  interface Size {
    readonly text: string;
    /** Undefined: refused. */
    readonly bytes: number | undefined;
  }

  test.each<Size>([
    { text: '8192', bytes: 8 * KIB },
    { text: '8192B', bytes: 8 * KIB },
    { text: '64KiB', bytes: 64 * KIB },
    { text: '64 KiB', bytes: 64 * KIB },
    { text: '1MiB', bytes: MIB },
    { text: '16MiB', bytes: 16 * MIB },
    { text: '16777217', bytes: undefined },
    { text: '1GiB', bytes: undefined },
    { text: '2047', bytes: undefined },
    { text: '64KB', bytes: undefined },
    { text: '64kib', bytes: undefined },
    { text: '1.5MiB', bytes: undefined },
    { text: '-1', bytes: undefined },
    { text: 'big', bytes: undefined },
  ])('the size "$text" is $bytes bytes', ({ text, bytes }) => {
    const environment = { CHAT_GRPC_MAX_RECV_MSG_SIZE: text, CHAT_GRPC_MAX_CONTENT_BYTES: '1KiB' };
    if (bytes !== undefined) expect(readConfig(environment).limits.maxEnvelopeBytes).toBe(bytes);
    else expect(problemsOf(environment)).toEqual([expect.stringContaining(`MAX_RECV_MSG_SIZE=${text}: must be`)]);
  });

  test.each([
    ['PORT', '65536'],
    ['PORT', '-1'],
    ['PORT', '5e3'],
    ['PORT', '0x10'],
    ['LOG_LEVEL', 'loud'],
    ['RATE_LIMIT', '1.5'],
    ['RATE_BURST', '4'],
    ['MAX_NAME_BYTES', '0'],
    ['MAX_ROOMS_PER_SESSION', '0'],
    ['ROOM_HISTORY_AGE', '0s'],
    ['KEEPALIVE_TIME', '999ms'],
    ['MAX_CONTENT_BYTES', '32769'],
  ])('%s=%s is refused', (name, value) => {
    expect(problemsOf({ [`CHAT_GRPC_${name}`]: value, CHAT_GRPC_MAX_RECV_MSG_SIZE: '64KiB' })).toEqual([
      expect.stringMatching(new RegExp(`^CHAT_GRPC_${name}=${value}: must be `)),
    ]);
  });

  test('one error names every bad setting, and what it must be', () => {
    expect(
      problemsOf({
        CHAT_GRPC_PORT: 'x',
        CHAT_GRPC_SHUTDOWN_GRACE: 'abc',
        CHAT_GRPC_LOG_LEVEL: 'loud',
        CHAT_GRPC_ROOM_HISTORY_BYTES: '1',
        CHAT_GRPC_HOST: 'localhost',
      }),
    ).toEqual([
      'CHAT_GRPC_PORT=x: must be a whole number from 0 to 65535',
      'CHAT_GRPC_LOG_LEVEL=loud: must be one of trace, debug, info, warn, error, fatal, silent',
      'CHAT_GRPC_SHUTDOWN_GRACE=abc: must be a duration such as 250ms, 5s or 1m30s, at least 0ms',
      'CHAT_GRPC_ROOM_HISTORY_BYTES=1: must be a size such as 4096 or 64KiB, from 4096 to 1073741824 bytes',
    ]);
  });

  test.each([
    { content: '15KiB', envelope: '16KiB', isRefused: false },
    { content: '15361', envelope: '16KiB', isRefused: true },
    { content: '32KiB', envelope: '32KiB', isRefused: true },
    { content: '32KiB', envelope: '33KiB', isRefused: false },
    { content: undefined, envelope: '5KiB', isRefused: false },
    { content: undefined, envelope: '5119', isRefused: true },
  ])('content of $content in an envelope of $envelope: refused? $isRefused', ({ content, envelope, isRefused }) => {
    const environment = {
      CHAT_GRPC_MAX_RECV_MSG_SIZE: envelope,
      ...(content !== undefined && { CHAT_GRPC_MAX_CONTENT_BYTES: content }),
    };
    if (!isRefused) expect(() => readConfig(environment)).not.toThrow();
    else
      expect(problemsOf(environment)).toEqual([
        expect.stringMatching(/^CHAT_GRPC_MAX_CONTENT_BYTES=.*1024 bytes below/),
      ]);
  });

  test.each([
    { all: '1MiB', room: '1MiB', isRefused: false },
    { all: '1048575', room: '1MiB', isRefused: true },
    { all: '64KiB', room: undefined, isRefused: true },
    { all: undefined, room: '257MiB', isRefused: true },
  ])('logs of $room a room within $all for all: refused? $isRefused', ({ all, room, isRefused }) => {
    const environment = {
      ...(all !== undefined && { CHAT_GRPC_HISTORY_BYTES: all }),
      ...(room !== undefined && { CHAT_GRPC_ROOM_HISTORY_BYTES: room }),
    };
    if (!isRefused) expect(() => readConfig(environment)).not.toThrow();
    else
      expect(problemsOf(environment)).toEqual([
        expect.stringMatching(/^CHAT_GRPC_HISTORY_BYTES=.*must not be below CHAT_GRPC_ROOM_HISTORY_BYTES/),
      ]);
  });

  test.each([
    { host: undefined, isRefused: false },
    { host: 'localhost', isRefused: false },
    { host: '127.9.9.9', isRefused: false },
    { host: 'LOCALHOST', isRefused: false },
    { host: '::ffff:127.0.0.1', isRefused: false },
    { host: '127.0.0.999', isRefused: true },
    { host: '::1', isRefused: false },
    { host: '0.0.0.0', isRefused: true },
    { host: '::', isRefused: true },
    { host: '127.evil.example', isRefused: true },
    { host: 'localhost.example', isRefused: true },
    { host: '192.168.1.1', isRefused: true },
  ])('plaintext on $host: refused? $isRefused', ({ host, isRefused }) => {
    const environment = { ...(host !== undefined && { CHAT_GRPC_HOST: host }) };
    if (!isRefused) expect(() => readConfig(environment)).not.toThrow();
    else expect(problemsOf(environment)).toEqual([expect.stringMatching(/CHAT_GRPC_HOST=.*CHAT_GRPC_ALLOW_INSECURE/)]);
    expect(readConfig({ ...environment, CHAT_GRPC_ALLOW_INSECURE: 'true' }).tls).toBeUndefined();
    const files = { CHAT_GRPC_TLS_CERT: 'cert.pem', CHAT_GRPC_TLS_KEY: 'key.pem' };
    expect(readConfig({ ...environment, ...files }).tls).toEqual({
      ...{ cert: 'cert.pem', key: 'key.pem', clientCa: undefined },
    });
  });

  const SECRETS = [
    '-----BEGIN PRIVATE KEY-----\nMIGHAgEAMBMGByqGSM49\n-----END PRIVATE KEY-----',
    ' {"keys": [{"kty": "RSA"}]}',
    'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhbmEifQ.c2ln',
    '3q2+7wABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhs=',
    `/${'x'.repeat(200)}`,
  ];
  const FILES = ['TLS_CERT', 'TLS_KEY', 'TLS_CLIENT_CA', 'AUTH_PUBLIC_KEY', 'AUTH_JWKS', 'AUTH_REVOKED'];

  test.each(FILES)('%s: what is no path, and may be a secret, is refused and not shown', (name) => {
    for (const secret of SECRETS) {
      const problems = problemsOf({ [`CHAT_GRPC_${name}`]: secret }).join('\n');
      expect(problems).toMatch(new RegExp(`^CHAT_GRPC_${name}: must be .*path`, 'm'));
      expect(problems).not.toContain(secret.slice(0, 20));
    }
  });

  test.each([
    'https://ana:secret@example.org/keys',
    ' https:/ana:secret@example.org',
    'HTTPS://a:secret@b',
    'ftp://secret',
  ])('keys at %s are refused, and the address is not shown', (url) => {
    const problems = problemsOf({ CHAT_GRPC_AUTH_JWKS: url }).join('\n');
    expect(problems).toMatch(/^CHAT_GRPC_AUTH_JWKS: must be a path, an https/);
    expect(problems).not.toContain('secret');
  });

  test('a certificate needs its key, a key its certificate, and an authority of clients both', () => {
    expect(problemsOf({ CHAT_GRPC_TLS_CERT: 'cert.pem' })).toEqual([
      'CHAT_GRPC_TLS_CERT: needs CHAT_GRPC_TLS_KEY beside it',
    ]);
    expect(problemsOf({ CHAT_GRPC_TLS_KEY: 'key.pem', CHAT_GRPC_TLS_CLIENT_CA: 'ca.pem' })).toEqual([
      'CHAT_GRPC_TLS_KEY: needs CHAT_GRPC_TLS_CERT beside it',
      'CHAT_GRPC_TLS_CLIENT_CA: needs CHAT_GRPC_TLS_CERT beside it',
    ]);
  });

  test('an empty setting counts as not given', () => {
    expect(readConfig({ CHAT_GRPC_PORT: '', CHAT_GRPC_NONSENSE: '' })).toEqual(readConfig({}));
  });

  test('names what has no meaning, and looks at nothing but its own prefix', () => {
    const { unused, port } = readConfig({
      PORT: '1',
      chat_grpc_port: '2',
      CHAT_GRPC_MAX_SEND_MSG_SIZE: '4MiB',
      CHAT_GRPC_PORT: '50052',
      CHAT_GRPC_: 'x',
    });
    expect(port).toBe(50_052);
    expect(unused).toEqual(['CHAT_GRPC_MAX_SEND_MSG_SIZE', 'CHAT_GRPC_']);
  });
});

describe('the settings of identity', () => {
  const SECRET = 'x'.repeat(32);
  const named = (settings: Record<string, string>) =>
    Object.fromEntries(Object.entries(settings).map(([name, value]) => [`CHAT_GRPC_AUTH_${name}`, value]));

  test.each([
    { settings: { SECRET }, key: { kind: 'secret', secret: SECRET } },
    { settings: { PUBLIC_KEY: 'key.pem' }, key: { kind: 'public key', path: 'key.pem' } },
    { settings: { JWKS: 'keys/jwks.json' }, key: { kind: 'jwks', path: 'keys/jwks.json' } },
    { settings: { JWKS: 'https://id.test/jwks' }, key: { kind: 'jwks url', url: 'https://id.test/jwks' } },
    { settings: { JWKS: 'http://127.0.0.1:8080/' }, key: { kind: 'jwks url', url: 'http://127.0.0.1:8080/' } },
    { settings: { JWKS: 'http://localhost/' }, key: { kind: 'jwks url', url: 'http://localhost/' } },
    { settings: { JWKS: 'http://[::1]:1/' }, key: { kind: 'jwks url', url: 'http://[::1]:1/' } },
  ])('$settings turns it on', ({ settings, key }) => {
    const auth = { key, issuer: 'chat-grpc', audience: 'chat-grpc', revoked: undefined };
    expect(readConfig(named({ ...settings })).auth).toEqual(auth);
  });

  test('all of them', () => {
    expect(readConfig(named({ SECRET, ISSUER: 'us', AUDIENCE: 'chat', REVOKED: 'revoked.txt' })).auth).toEqual({
      key: { kind: 'secret', secret: SECRET },
      issuer: 'us',
      audience: 'chat',
      revoked: 'revoked.txt',
    });
  });

  test.each<{ readonly settings: Record<string, string>; readonly problem: string }>([
    { settings: { SECRET: 'x'.repeat(31) }, problem: 'CHAT_GRPC_AUTH_SECRET: must have at least 32 bytes' },
    { settings: { SECRET, JWKS: 'keys' }, problem: 'CHAT_GRPC_AUTH_SECRET, CHAT_GRPC_AUTH_JWKS: only one' },
    { settings: { PUBLIC_KEY: 'a', JWKS: 'b' }, problem: 'CHAT_GRPC_AUTH_PUBLIC_KEY, CHAT_GRPC_AUTH_JWKS: only one' },
    { settings: { ISSUER: 'us' }, problem: 'CHAT_GRPC_AUTH_ISSUER: identity is off unless' },
    {
      settings: { AUDIENCE: 'us', REVOKED: 'a' },
      problem: 'CHAT_GRPC_AUTH_AUDIENCE, CHAT_GRPC_AUTH_REVOKED: identity',
    },
    { settings: { SECRT: SECRET }, problem: 'CHAT_GRPC_AUTH_SECRT: there is no such setting' },
    { settings: { JWKS: 'http://id.test/jwks' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
    { settings: { JWKS: 'http://127.0.0.1.test/' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
    { settings: { JWKS: 'https://me:hidden@id.test/' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
    { settings: { JWKS: 'https://me@id.test/' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
    { settings: { JWKS: 'file:///etc/jwks' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
    { settings: { JWKS: 'https://' }, problem: 'CHAT_GRPC_AUTH_JWKS: must be a path' },
  ])('$problem', ({ settings, problem }) => {
    expect(problemsOf(named(settings))).toEqual([expect.stringContaining(problem)]);
  });

  test('no error shows a secret', () => {
    const short = 'do not show me';
    const wrong = named({ SECRET: short, JWKS: `https://me:${short}@id.test`, ISSUER: 'us' });
    expect(problemsOf({ ...wrong, CHAT_GRPC_PORT: 'x' })).toHaveLength(4);
    expect(problemsOf({ ...wrong, CHAT_GRPC_PORT: 'x' }).join()).not.toContain(short);
  });

  test('whoever issues tokens reads theirs alone', () => {
    const environment = { ...named({ ISSUER: 'us' }), CHAT_GRPC_PORT: 'x', CHAT_GRPC_MAX_NAME_BYTES: '32' };
    const issuing = { issuer: 'us', audience: 'chat-grpc', maxNameBytes: 32 };
    expect(readIssuing(environment)).toEqual(issuing);
    expect(readIssuing(environment, named({ SECRET }))).toEqual({ ...issuing, secret: SECRET });
    expect(() => readIssuing(named({ SECRET: 'short' }))).toThrow('CHAT_GRPC_AUTH_SECRET: must have');
  });
});

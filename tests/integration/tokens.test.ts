import { createHmac, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { credentials, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ChatServiceClient } from '../../api/gen/chat/v1/chat.ts';
import { connect, listRooms } from '../../cli/connection/index.ts';
import { startOtlp } from '../support/otlp.ts';
import { Program, portOf } from '../support/program.ts';
import { jwkOf, laidTogether, P256, pemOf, RSA, SECRET, signed } from '../support/tokens.ts';

/** The built server, which exports all it tells, and everything that it has told. */
async function startIdentified(settings: Readonly<Record<string, string>>) {
  const otlp = await startOtlp();
  const env = { CHAT_GRPC_PORT: '0', CHAT_GRPC_LOG_LEVEL: 'trace', ...otlp.env, ...settings };
  const program = new Program('server', { env, cwd: folder });
  const port = await portOf(program);
  const client = new ChatServiceClient(`127.0.0.1:${port}`, credentials.createInsecure());
  const list = (metadata: Metadata) =>
    new Promise<ServiceError | undefined>((resolve) => {
      client.listRooms({ pageSize: 0, pageToken: '' }, metadata, (error) => resolve(error ?? undefined));
    });
  return {
    port,
    program,
    /** How both kinds of call end with this authorization; the words of the refusals too. */
    async call(authorization: string | undefined) {
      const metadata = new Metadata();
      if (authorization !== undefined) metadata.set('authorization', authorization);
      const stream = new Promise<ServiceError>((resolve) => {
        client.channel(metadata).on('error', resolve).resume();
      });
      return Promise.all([stream, list(metadata)]);
    },
    list(authorization: string) {
      const metadata = new Metadata();
      metadata.set('authorization', authorization);
      return list(metadata);
    },
    /** Its log, its complaints, its spans, metrics and exported logs, when all is exported. */
    async toldInAll(): Promise<string> {
      program.signal('SIGTERM');
      expect(await program.exit).toBe(0);
      const exported = JSON.stringify([otlp.spans, otlp.points, otlp.logs], (_, value) =>
        typeof value === 'bigint' ? `${value}` : value,
      );
      return [program.stdout, program.stderr, exported].join('\n');
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await program[Symbol.asyncDispose]();
      await otlp[Symbol.asyncDispose]();
    },
  };
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(joinPath(tmpdir(), 'chat-grpc-tokens-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
  const path = joinPath(folder, name);
  // As a careful operator does it: never half a file.
  writeFileSync(`${path}.new`, content);
  renameSync(`${path}.new`, path);
  return path;
}

const nowS = () => Math.floor(Date.now() / 1000);
/** @param claims beside those of an hour of ana, from now. */
const fresh = (
  claims: object = {},
  ...with_: [key?: Parameters<typeof signed>[1], header?: Parameters<typeof signed>[2]]
) => signed({ iat: nowS(), exp: nowS() + 3600, ...claims }, ...with_);

interface Case {
  readonly what: string;
  /** Undefined: none is sent. */
  readonly token: () => Promise<string> | string | undefined;
  readonly reason: string;
  readonly code?: status;
  /** Part of the words for people. */
  readonly says: string;
}

const OTHER = generateKeyPairSync('rsa', { modulusLength: 2048 });
const RS256 = { alg: 'RS256' };
const UNSIGNED = { iss: 'chat-grpc', aud: 'chat-grpc', sub: 'ana', exp: nowS() + 3600 };
const hmac = (text: string, key: string) => createHmac('sha256', key).update(text).digest('base64url');

const WITH_SECRET: readonly Case[] = [
  { what: 'none', token: () => undefined, reason: 'unauthenticated', says: 'needs a token' },
  { what: 'garbage', token: () => 'garbage', reason: 'unauthenticated', says: 'no signed JWT' },
  {
    what: 'a wrong signature',
    token: () => fresh({}, Buffer.from('another secret for tests, of 32 bytes or more')),
    reason: 'unauthenticated',
    says: 'another key',
  },
  {
    what: 'alg: none',
    token: () => laidTogether({ alg: 'none' }, UNSIGNED),
    reason: 'unauthenticated',
    says: 'algorithm',
  },
  { what: 'expired', token: () => fresh({ exp: nowS() - 60 }), reason: 'token_expired', says: 'get a new one' },
  { what: 'not yet valid', token: () => fresh({ nbf: nowS() + 60 }), reason: 'unauthenticated', says: 'not valid yet' },
  { what: 'another audience', token: () => fresh({ aud: 'mail' }), reason: 'unauthenticated', says: 'somebody else' },
  { what: 'another issuer', token: () => fresh({ iss: 'eve' }), reason: 'unauthenticated', says: 'issued it' },
  { what: 'no expiry', token: () => fresh({ exp: undefined }), reason: 'unauthenticated', says: '"exp" is missing' },
];

const WITH_PUBLIC_KEY: readonly Case[] = [
  {
    what: 'HS256 with the public key for a secret',
    token: () => {
      const text = laidTogether({ alg: 'HS256' }, UNSIGNED).slice(0, -1);
      return `${text}.${hmac(text, pemOf(RSA.publicKey))}`;
    },
    reason: 'unauthenticated',
    says: 'algorithm',
  },
  {
    what: 'RS256 by another key',
    token: () => fresh({}, OTHER.privateKey, RS256),
    reason: 'unauthenticated',
    says: 'another key',
  },
];

describe('a token that is refused ends the stream and the call, and stands nowhere in what the server tells', () => {
  const servers = [
    { by: 'a secret', settings: () => ({ CHAT_GRPC_AUTH_SECRET: SECRET }), cases: WITH_SECRET },
    {
      by: 'a public key',
      settings: () => ({ CHAT_GRPC_AUTH_PUBLIC_KEY: file('public.pem', pemOf(RSA.publicKey)) }),
      cases: WITH_PUBLIC_KEY,
    },
  ];

  test.each(servers)('by $by', async ({ settings, cases }) => {
    await using server = await startIdentified(settings());
    const secrets: string[] = [SECRET];
    const words: string[] = [];
    for (const { what, token, reason, says } of cases) {
      const given = await token();
      if (given !== undefined) secrets.push(given, ...given.split('.').filter((part) => part.length > 20));
      for (const error of await server.call(given && `Bearer ${given}`)) {
        const told = error?.metadata.get('chat-reason')[0];
        expect([what, error?.code, told]).toEqual([what, status.UNAUTHENTICATED, reason]);
        expect(error?.details).toContain(says);
        words.push(JSON.stringify([error?.details, error?.metadata.getMap()]));
      }
    }
    const inAll = [await server.toldInAll(), ...words].join('\n');
    // It was told of each, though.
    expect(inAll.match(/"msg":"stream refused"/g)).toHaveLength(2 * cases.length);
    expect(secrets.filter((secret) => inAll.includes(secret))).toEqual([]);
  });

  test('and one that is taken stands nowhere either', async () => {
    await using server = await startIdentified({ CHAT_GRPC_AUTH_SECRET: SECRET });
    const token = await fresh({ name: 'Ana', jti: 'id-1', rooms: { general: ['join', 'post'] } });
    const chat = await connect({ port: server.port, userId: '', token });
    expect([chat.userId, chat.displayName]).toEqual(['ana', 'Ana']);
    await chat.join('general');
    await chat.post('general', 'words');
    await expect(chat.join('attic')).rejects.toMatchObject({ reason: 'room_forbidden' });
    const { resumeToken } = chat;
    await chat.close();
    const inAll = await server.toldInAll();
    expect(inAll).toContain('chat.session open');
    for (const secret of [SECRET, token, ...token.split('.'), resumeToken]) expect(inAll).not.toContain(secret);
  });
});

describe('keys that change', () => {
  test('in a set that is a file: the new key is taken, the old one no more', async () => {
    const set = (...keys: object[]) => JSON.stringify({ keys });
    const [first, second] = [jwkOf(RSA.publicKey, { kid: 'one' }), jwkOf(P256.publicKey, { kid: 'two' })];
    await using server = await startIdentified({ CHAT_GRPC_AUTH_JWKS: file('keys.json', set(first)) });
    const byFirst = await fresh({}, RSA.privateKey, { alg: 'RS256', kid: 'one' });
    const bySecond = await fresh({}, P256.privateKey, { alg: 'ES256', kid: 'two' });
    const listed = async (token: string) => (await server.list(`Bearer ${token}`))?.details ?? 'taken';
    expect([await listed(byFirst), await listed(bySecond)]).toEqual(['taken', expect.stringContaining('no such key')]);
    file('keys.json', set(second));
    await vi.waitFor(async () => expect(await listed(bySecond)).toBe('taken'), { timeout: 30_000 });
    expect(await listed(byFirst)).toContain('no such key');
    // What is no set is passed by.
    file('keys.json', 'garbage');
    await server.program.shows('what it held before stays in force');
    expect(await listed(bySecond)).toBe('taken');
  });
});

describe('what is revoked', () => {
  test('a user and a token lose their streams; who is banned is seen leaving, the other can come back', async () => {
    const revoked = file('revoked', '# nobody yet\n');
    await using server = await startIdentified({ CHAT_GRPC_AUTH_SECRET: SECRET, CHAT_GRPC_AUTH_REVOKED: revoked });
    const enter = async (claims: object) => {
      const chat = await connect({ port: server.port, userId: '', token: await fresh(claims), giveUpAfterMs: 0 });
      await chat.join('general');
      return chat;
    };
    const ana = await enter({ sub: 'ana', jti: 'a-1' });
    const bob = await enter({ sub: 'bob', jti: 'b-1' });
    const eve = await enter({ sub: 'eve', jti: 'e-1' });
    const ended = (chat: typeof ana) =>
      new Promise((resolve) => chat.onState((state) => state.kind === 'closed' && resolve(state.why)));
    const ends = [bob, eve].map(ended);
    file('revoked', 'token b-1\nuser eve\n');
    expect(await Promise.all(ends)).toMatchObject([
      { reason: 'unauthenticated', code: status.UNAUTHENTICATED },
      { reason: 'banned', code: status.PERMISSION_DENIED },
    ]);
    await expect(enter({ sub: 'eve', jti: 'e-2' })).rejects.toMatchObject({ reason: 'banned' });
    for await (const event of ana.events) {
      if (event.kind !== 'member_left') continue;
      expect(event).toMatchObject({ userId: 'eve', reason: 'kicked' });
      break;
    }
    const members = (await ana.members('general')).members.map(({ userId, isDetached }) => ({ userId, isDetached }));
    expect(members).toEqual([
      { userId: 'ana', isDetached: false },
      { userId: 'bob', isDetached: true },
    ]);
    await ana.close();
  });
});

describe('what a token does not allow', () => {
  test('is not listed, not joined and not looked at', async () => {
    await using server = await startIdentified({ CHAT_GRPC_AUTH_SECRET: SECRET });
    const boss = await connect({ port: server.port, userId: '', token: await fresh({ sub: 'boss' }) });
    for (const room of ['team-red', 'team-blue', 'board']) await boss.join(room);
    await boss.post('board', 'between us');
    const rooms = { 'team-*': ['join'], 'team-blue': ['post'] };
    const guest = await connect({ port: server.port, userId: '', token: await fresh({ sub: 'guest', rooms }) });
    const listed = await listRooms({ port: server.port, token: await fresh({ sub: 'guest', rooms }) });
    expect(listed.rooms.map(({ room }) => room)).toEqual(['team-red', 'team-blue']);
    await guest.join('team-red');
    await guest.join('team-blue');
    await expect(guest.post('team-red', 'x')).rejects.toMatchObject({ reason: 'muted' });
    expect(await guest.post('team-blue', 'x')).toMatchObject({ room: 'team-blue' });
    for (const refused of [guest.join('board'), guest.members('board')]) {
      await expect(refused).rejects.toMatchObject({ reason: 'room_forbidden', code: status.PERMISSION_DENIED });
    }
    await expect(guest.history('board')).rejects.toMatchObject({ reason: 'not_a_member' });
    await Promise.all([boss.close(), guest.close()]);
  });
});

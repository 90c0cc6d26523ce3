import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { describe, expect, test } from 'vitest';
import { type Keys, secretKeys } from '../../../src/auth/keys.ts';
import { publicKeys } from '../../../src/auth/public-key.ts';
import { Revocations } from '../../../src/auth/revocations.ts';
import { TokenAuthenticator } from '../../../src/auth/token-authenticator.ts';
import { addToken } from '../../../src/commands/token.ts';
import { ED25519, ISSUED_S, P256, pemOf, RSA, SECRET } from '../../support/tokens.ts';

interface World {
  readonly secret?: string | undefined;
  readonly isTerminal?: boolean;
}

/** What it prints, says beside that, and is refused with. */
async function token(args: readonly string[], { secret = SECRET, isTerminal = false }: World = {}) {
  let printed = '';
  let told = '';
  let complaint = '';
  const program = new Command()
    .exitOverride()
    .configureOutput({ writeErr: (text) => (complaint += text), writeOut: () => {} });
  addToken(program, {
    settings: () => ({ secret: secret || undefined, issuer: 'chat-grpc', audience: 'chat-grpc', maxNameBytes: 64 }),
    utcMs: () => ISSUED_S * 1000,
    newId: () => 'random-id',
    print: (text) => (printed += text),
    tell: isTerminal ? (text) => (told += text) : undefined,
  });
  await program.parseAsync(['token', ...args], { from: 'user' }).catch((error: unknown) => {
    if (!(error instanceof CommanderError)) throw error;
  });
  return { printed, told, complaint };
}

async function grantOf(text: string, keys: Keys = secretKeys(SECRET)) {
  const authenticator = new TokenAuthenticator({
    issuer: 'chat-grpc',
    audience: 'chat-grpc',
    maxNameBytes: 64,
    clock: { utcMs: () => ISSUED_S * 1000 },
    keys: () => keys,
    revocations: () => Revocations.NONE,
  });
  const grant = await authenticator.check(`Bearer ${text.trimEnd()}`);
  if ('reason' in grant) throw new Error(grant.message);
  return grant;
}

describe('chat-grpc token', () => {
  test('prints a token that is taken, for an hour in every room, and nothing else', async () => {
    const { printed, told, complaint } = await token(['--user', 'ana']);
    expect(printed).toMatch(/^[\w.-]+\n$/);
    expect(told + complaint).toBe('');
    const grant = await grantOf(printed);
    expect(grant).toMatchObject({ userId: 'ana', displayName: '', tokenId: 'random-id' });
    expect(grant.untilUtcMs).toBe((ISSUED_S + 3600 + 30) * 1000);
    expect([grant.mayJoin('lobby'), grant.mayPost('lobby')]).toEqual([true, true]);
  });

  test('every one of its options is in the token', async () => {
    const rooms = ['--rooms', 'team-*', '--rooms', 'news:join', '--rooms', 'a:b:post', '--rooms', 'a:b:join'];
    const rest = ['--name', 'Ana', '--id', 'token-1', '--expires', '1m30s', '--rooms', 'constructor:join'];
    const grant = await grantOf((await token(['--user', 'ana', ...rooms, ...rest])).printed);
    expect(grant).toMatchObject({ displayName: 'Ana', tokenId: 'token-1', untilUtcMs: (ISSUED_S + 120) * 1000 });
    const allowed = (room: string) => [grant.mayJoin(room), grant.mayPost(room)];
    expect(allowed('team-a')).toEqual([true, true]);
    expect(allowed('news')).toEqual([true, false]);
    expect(allowed('a:b')).toEqual([true, true]);
    expect(allowed('constructor')).toEqual([true, false]);
    expect(allowed('lobby')).toEqual([false, false]);
  });

  test('says what it grants where somebody looks', async () => {
    const { told } = await token(['--user', 'ana', '--rooms', 'news:join'], { isTerminal: true });
    expect(told).toBe('ana may join in news until 2026-01-01T01:00:00.000Z; token random-id\n');
  });

  test.each([
    { kind: 'rsa', pair: RSA, alg: 'RS256' },
    { kind: 'ec', pair: P256, alg: 'ES256' },
    { kind: 'ed25519', pair: ED25519, alg: 'EdDSA' },
  ])('signs with a private key: $alg', async ({ pair, alg }) => {
    await using folder = await scratch();
    const path = join(folder.path, 'private.pem');
    await writeFile(path, pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { printed } = await token(['--user', 'ana', '--key', path], { secret: '' });
    expect(decodeProtectedHeader(printed)).toEqual({ alg, typ: 'JWT' });
    expect(await grantOf(printed, publicKeys(pemOf(pair.publicKey)))).toMatchObject({ userId: 'ana' });
    expect(decodeJwt(printed).iat).toBe(ISSUED_S);
  });

  test('a key that is none is refused, in words that show none of it', async () => {
    await using folder = await scratch();
    const path = join(folder.path, 'public.pem');
    await writeFile(path, pemOf(P256.publicKey));
    const { complaint } = await token(['--user', 'ana', '--key', path]);
    expect(complaint).toBe(`${path} holds no PEM of a private key without a passphrase\n`);
    expect((await token(['--user', 'ana', '--key', folder.path])).complaint).toContain('cannot read');
  });

  test.each([
    { args: [], complaint: "required option '--user <id>'" },
    { args: ['--user', ''], complaint: 'user_id is missing' },
    { args: ['--user', 'x'.repeat(65)], complaint: 'at most 64' },
    { args: ['--user', 'ana', '--name', 'a\nb'], complaint: 'display_name holds' },
    { args: ['--user', 'ana', '--id', 'a b'], complaint: 'id must be' },
    { args: ['--user', 'ana', '--id', ''], complaint: 'id is missing' },
    { args: ['--user', 'ana', '--rooms', 'news:jion'], complaint: 'join, post or join,post' },
    { args: ['--user', 'ana', '--rooms', 'news:'], complaint: 'join, post or join,post' },
    { args: ['--user', 'ana', '--rooms', ':join'], complaint: 'a pattern that is not' },
    { args: ['--user', 'ana', '--expires', '5'], complaint: 'must be a duration' },
    { args: ['--user', 'ana', '--expires', '999ms'], complaint: 'must be a duration' },
    { args: ['--user', 'ana', '--expires', '87601h'], complaint: 'must be a duration' },
    { args: ['--user', 'ana', 'bob'], complaint: 'too many arguments' },
  ])('$args is refused in one line', async ({ args, complaint }) => {
    const answer = await token(args);
    expect(answer.complaint).toMatch(/^[^\n]+\n$/);
    expect(answer.complaint).toContain(complaint);
    expect(answer.printed).toBe('');
  });

  test('without a secret it says how to make one', async () => {
    const { complaint } = await token(['--user', 'ana'], { secret: '' });
    expect(complaint).toMatch(/^[^\n]*CHAT_GRPC_AUTH_SECRET=\$\(openssl rand[^\n]*\n$/);
  });
});

async function scratch() {
  const path = await mkdtemp(join(tmpdir(), 'chat-grpc-token-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

import type { KeyObject } from 'node:crypto';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AuthError } from '../../src/auth/auth-error.ts';
import type { KeyConfig } from '../../src/auth-settings.ts';
import { type Identity, openIdentity } from '../../src/identity.ts';
import { httpAnswers } from '../support/http-answers.ts';
import { ED25519, ISSUED_S, jwkOf, P256, pemOf, RSA, SECRET, signed } from '../support/tokens.ts';

let folder: string;
let opened: Identity[];
const warn = vi.fn();
const changed = vi.fn();

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-grpc-identity-'));
  opened = [];
  vi.clearAllMocks();
});

afterEach(async () => {
  for (const identity of opened) identity.close();
  await rm(folder, { recursive: true });
});

/** A file of that content, put in its place at once. */
async function put(name: string, content: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(`${path}.next`, content);
  await rename(`${path}.next`, path);
  return path;
}

async function open(key: KeyConfig, revoked?: string): Promise<Identity> {
  const identity = await openIdentity({
    auth: { key, issuer: 'chat-grpc', audience: 'chat-grpc', revoked },
    maxNameBytes: 64,
    clock: { utcMs: () => ISSUED_S * 1000, monotonicMs: () => 0 },
    warn,
    changed,
  });
  opened.push(identity);
  return identity;
}

/** 'ana' when it lets her in, otherwise why not. */
async function answerOf(identity: Identity, token: Promise<string>): Promise<string> {
  const answer = await identity.check(`Bearer ${await token}`);
  return 'reason' in answer ? answer.reason : answer.userId;
}

const NO_TOKEN = 'until they are there, no token can be checked';
const by = (alg: string, key: KeyObject, kid?: string) => signed({}, key, { alg, ...(kid && { kid }) });
/** It takes half a second, and a machine under load its time. */
const SOON = { timeout: 15_000, interval: 10 };

describe('identity', () => {
  test('by a secret', async () => {
    expect(await answerOf(await open({ kind: 'secret', secret: SECRET }), signed())).toBe('ana');
  });

  test('by a public key, and by another when the file has another', async () => {
    const path = await put('key.pem', pemOf(P256.publicKey));
    const identity = await open({ kind: 'public key', path });
    expect(await answerOf(identity, by('ES256', P256.privateKey))).toBe('ana');
    expect(await answerOf(identity, by('EdDSA', ED25519.privateKey))).toBe('unauthenticated');

    await put('key.pem', pemOf(ED25519.publicKey));
    await vi.waitFor(async () => {
      expect(await answerOf(identity, by('EdDSA', ED25519.privateKey))).toBe('ana');
    }, SOON);
    expect(await answerOf(identity, by('ES256', P256.privateKey))).toBe('unauthenticated');
  });

  test('a key that is put there and cannot be used: it warns once, and the old one stays', async () => {
    const path = await put('key.pem', pemOf(P256.publicKey));
    const identity = await open({ kind: 'public key', path });
    await put('key.pem', RSA.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), SOON);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/key\.pem holds a private key.* stays in force$/)]]);
    expect(await answerOf(identity, by('ES256', P256.privateKey))).toBe('ana');
  });

  test('by a JWKS, and by another when the file has another', async () => {
    const path = await put('jwks.json', JSON.stringify({ keys: [jwkOf(RSA.publicKey, { kid: '1' })] }));
    const identity = await open({ kind: 'jwks', path });
    expect(await answerOf(identity, by('RS256', RSA.privateKey, '1'))).toBe('ana');
    expect(await answerOf(identity, by('ES256', P256.privateKey, '2'))).toBe('unauthenticated');

    await put('jwks.json', JSON.stringify({ keys: [jwkOf(P256.publicKey, { kid: '2' })] }));
    await vi.waitFor(async () => {
      expect(await answerOf(identity, by('ES256', P256.privateKey, '2'))).toBe('ana');
    }, SOON);
    expect(changed).not.toHaveBeenCalled();
  });

  test('by a JWKS at an URL: it waits for the first answer, and a key that is new is fetched', async () => {
    let jwks = JSON.stringify({ keys: [jwkOf(RSA.publicKey, { kid: '1' })] });
    await using server = await httpAnswers((_, response) => response.end(jwks));
    const identity = await open({ kind: 'jwks url', url: server.url });
    expect(await answerOf(identity, by('RS256', RSA.privateKey, '1'))).toBe('ana');
    jwks = JSON.stringify({ keys: [jwkOf(P256.publicKey, { kid: '2' })] });
    expect(await answerOf(identity, by('ES256', P256.privateKey, '2'))).toBe('ana');
    // It may be newer still: nobody knows before the set may be asked for again.
    expect(await answerOf(identity, by('RS256', RSA.privateKey, '1'))).toBe('keys_unavailable');
    expect(warn).not.toHaveBeenCalled();
  });

  test('by a JWKS at an URL that cannot be fetched: it warns, and tokens are to be tried again', async () => {
    await using server = await httpAnswers((_, response) => response.writeHead(500).end());
    const identity = await open({ kind: 'jwks url', url: `${server.url}?key=hidden` });
    expect(warn.mock.calls).toEqual([[`${server.url}: the keys cannot be fetched: the answer is 500; ${NO_TOKEN}`]]);
    expect(await answerOf(identity, by('RS256', RSA.privateKey))).toBe('keys_unavailable');
  });

  test('what is revoked is told of, and taken back', async () => {
    const path = await put('revoked.txt', '# nobody\n');
    const identity = await open({ kind: 'secret', secret: SECRET }, path);
    const grant = await identity.check(`Bearer ${await signed()}`);
    if ('reason' in grant) throw new Error(grant.message);
    expect(identity.revoked(grant)).toBeUndefined();

    await put('revoked.txt', 'user ana\n');
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(1), SOON);
    expect(identity.revoked(grant)).toMatchObject({ reason: 'banned' });
    expect(await answerOf(identity, signed())).toBe('banned');

    await put('revoked.txt', 'user bob\n');
    await vi.waitFor(() => expect(changed).toHaveBeenCalledTimes(2), SOON);
    expect(await answerOf(identity, signed())).toBe('ana');
  });

  test('a list with a line that says nothing: it warns, and the old one stays', async () => {
    const path = await put('revoked.txt', 'user ana\n');
    const identity = await open({ kind: 'secret', secret: SECRET }, path);
    await put('revoked.txt', 'user bob\nbann ana\n');
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), SOON);
    expect(warn.mock.calls).toEqual([[expect.stringMatching(/revoked\.txt line 2: must be .* stays in force$/)]]);
    expect(await answerOf(identity, signed())).toBe('banned');
    expect(changed).not.toHaveBeenCalled();
  });

  test('a list that is taken away stays in force', async () => {
    const path = await put('revoked.txt', 'user ana\n');
    const identity = await open({ kind: 'secret', secret: SECRET }, path);
    await rm(path);
    await vi.waitFor(() => expect(warn).toHaveBeenCalled(), SOON);
    expect(warn.mock.calls).toEqual([[expect.stringContaining('revoked.txt: there is no such file')]]);
    expect(await answerOf(identity, signed())).toBe('banned');
  });

  test.each([
    {
      what: 'no key',
      key: 'none.pem',
      revoked: 'empty.txt',
      problem: /^cannot read .*none\.pem: there is no such file$/,
    },
    { what: 'a key that is none', key: 'empty.txt', revoked: 'empty.txt', problem: /empty\.txt must hold a PEM block/ },
    {
      what: 'no list',
      key: 'key.pem',
      revoked: 'none.txt',
      problem: /^cannot read .*none\.txt: there is no such file$/,
    },
    { what: 'a list that is none', key: 'key.pem', revoked: 'key.pem', problem: /key\.pem line 1: must be/ },
  ])('with $what at the start there is none', async ({ key, revoked, problem }) => {
    await put('key.pem', pemOf(P256.publicKey));
    await put('empty.txt', '');
    const error = await open({ kind: 'public key', path: join(folder, key) }, join(folder, revoked)).catch((e) => e);
    expect(error).toBeInstanceOf(AuthError);
    expect(error.message).toMatch(problem);
  });
});

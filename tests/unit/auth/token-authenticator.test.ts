import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { keySet } from '../../../src/auth/key-set.ts';
import { type Keys, KeysUnavailable, secretKeys } from '../../../src/auth/keys.ts';
import { publicKeys } from '../../../src/auth/public-key.ts';
import { Revocations } from '../../../src/auth/revocations.ts';
import { TokenAuthenticator } from '../../../src/auth/token-authenticator.ts';
import {
  CLAIMS,
  ED25519,
  ISSUED_S,
  jwkOf,
  laidTogether,
  P256,
  pemOf,
  RSA,
  SECRET,
  signed,
} from '../../support/tokens.ts';

interface World {
  readonly keys?: Keys;
  readonly nowS?: number;
  readonly revocations?: Revocations;
}

function authenticator({
  keys = secretKeys(SECRET),
  nowS = ISSUED_S + 60,
  revocations = Revocations.NONE,
}: World = {}) {
  return new TokenAuthenticator({
    issuer: 'chat-grpc',
    audience: 'chat-grpc',
    maxNameBytes: 64,
    clock: { utcMs: () => nowS * 1000 },
    keys: () => keys,
    revocations: () => revocations,
  });
}

const check = (token: string, world: World = {}) => authenticator(world).check(`Bearer ${token}`);

describe('a token', () => {
  test('says who somebody is, until when, and where they may go', async () => {
    const rooms = { 'team-*': ['join', 'post'], news: ['join'] };
    const grant = await check(await signed({ name: 'Ana', jti: 'token-1', rooms }));
    expect(grant).toMatchObject({
      userId: 'ana',
      displayName: 'Ana',
      tokenId: 'token-1',
      untilUtcMs: (ISSUED_S + 3600 + 30) * 1000,
    });
    if ('reason' in grant) throw new Error(grant.message);
    expect([grant.mayJoin('team-a'), grant.mayPost('team-a')]).toEqual([true, true]);
    expect([grant.mayJoin('news'), grant.mayPost('news')]).toEqual([true, false]);
    expect([grant.mayJoin('attic'), grant.mayPost('attic')]).toEqual([false, false]);
  });

  test('names in it are normalised', async () => {
    const grant = await check(await signed({ sub: 'rene\u0301', name: 'Rene\u0301' }));
    expect(grant).toMatchObject({ userId: 'ren\u00e9', displayName: 'Ren\u00e9' });
  });

  test.each([undefined, '', 'a\u0000b', 'x'.repeat(65), 42, { first: 'Ana' }])(
    'the name %j, which is none, is passed by',
    async (name) => expect(await check(await signed({ name }))).toMatchObject({ userId: 'ana', displayName: '' }),
  );

  test.each(['Bearer', 'bearer', 'BEARER', 'Bearer  '])('may come with the word "%s"', async (scheme) => {
    expect(await authenticator().check(`${scheme} ${await signed()}`)).toMatchObject({ userId: 'ana' });
  });

  test.each([{ aud: ['other', 'chat-grpc'] }, { iat: undefined }, { nbf: ISSUED_S }])(
    'with %j is good',
    async (claims) => {
      expect(await check(await signed(claims))).toMatchObject({ userId: 'ana' });
    },
  );

  interface Moment {
    readonly what: string;
    readonly claims: Record<string, number>;
    /** After it was issued. */
    readonly nowS: number;
    /** Undefined: it is good. */
    readonly reason?: string;
  }

  test.each<Moment>([
    { what: 'about to expire', claims: {}, nowS: 3599 },
    { what: 'expired within the skew', claims: {}, nowS: 3629.999 },
    { what: 'expired', claims: {}, nowS: 3630, reason: 'token_expired' },
    { what: 'expired in the midst of a second', claims: { exp: ISSUED_S + 0.5 }, nowS: 30.6, reason: 'token_expired' },
    { what: 'long expired', claims: { exp: -1e300 }, nowS: 0, reason: 'token_expired' },
    { what: 'not valid yet within the skew', claims: { nbf: ISSUED_S + 90 }, nowS: 60 },
    { what: 'not valid yet', claims: { nbf: ISSUED_S + 91 }, nowS: 60, reason: 'unauthenticated' },
    { what: 'issued in the future within the skew', claims: { iat: ISSUED_S + 90 }, nowS: 60 },
    { what: 'issued in the future', claims: { iat: ISSUED_S + 91 }, nowS: 60, reason: 'unauthenticated' },
  ])('$what after $nowS s: $reason', async ({ claims, nowS, reason }) => {
    const answer = await check(await signed(claims), { nowS: ISSUED_S + nowS });
    expect('reason' in answer ? answer.reason : undefined).toBe(reason);
  });

  interface Bad {
    readonly what: string;
    readonly claims: Record<string, unknown>;
    readonly message: string;
  }

  test.each<Bad>([
    { what: 'of another issuer', claims: { iss: 'other' }, message: '(iss)' },
    { what: 'of no issuer', claims: { iss: undefined }, message: '"iss" is missing' },
    { what: 'for another audience', claims: { aud: 'other' }, message: '(aud)' },
    { what: 'for no audience', claims: { aud: undefined }, message: '"aud" is missing' },
    { what: 'without an end', claims: { exp: undefined }, message: '"exp" is missing' },
    { what: 'whose end is a text', claims: { exp: `${ISSUED_S + 3600}` }, message: '"exp" is malformed' },
    { what: 'whose end no date holds', claims: { exp: 8.64e12 }, message: '(exp) is no date' },
    { what: 'of nobody', claims: { sub: undefined }, message: '"sub" is missing' },
    { what: 'whose subject is a number', claims: { sub: 42 }, message: '(sub) is no text' },
    { what: 'whose subject is empty', claims: { sub: '' }, message: '(sub) cannot be a user id' },
    { what: 'whose subject is too long', claims: { sub: 'x'.repeat(65) }, message: 'at most 64' },
    { what: 'whose subject has a line break', claims: { sub: 'ana\n' }, message: '(sub) cannot be a user id' },
    { what: 'whose beginning is a text', claims: { nbf: 'now' }, message: '"nbf" is malformed' },
    { what: 'whose issue is a text', claims: { iat: 'now' }, message: '"iat" is malformed' },
    { what: 'whose id is a number', claims: { jti: 7 }, message: '(jti) is no text' },
    { what: 'whose rooms are a list', claims: { rooms: ['lobby'] }, message: '"rooms" must be an object' },
  ])('$what is refused', async ({ claims, message }) => {
    const refusal = { reason: 'unauthenticated', message: expect.stringContaining(message) };
    expect(await check(await signed(claims))).toEqual(refusal);
  });

  test('an end beyond all numbers is refused', async () => {
    const claims = '{"iss":"chat-grpc","aud":"chat-grpc","sub":"ana","exp":1e999}';
    expect(await check(byHand({ alg: 'HS256' }, claims))).toMatchObject({
      message: expect.stringContaining('is no date'),
    });
  });
});

const token = await signed();

describe('what is not a token', () => {
  const [header = '', claims = '', signature = ''] = token.split('.');

  test.each([
    { what: 'nothing', authorization: '', message: 'this server needs a token' },
    { what: 'another scheme', authorization: 'Basic YW5hOmFuYQ==', message: 'is no bearer token' },
    { what: 'a bare token', authorization: token, message: 'is no bearer token' },
    { what: 'a bare word', authorization: 'Bearer', message: 'is no bearer token' },
    { what: 'two tokens', authorization: `Bearer ${token}, Bearer ${token}`, message: 'is no bearer token' },
    { what: 'a line more', authorization: `Bearer ${token}\n`, message: 'is no bearer token' },
    { what: 'garbage', authorization: 'Bearer garbage', message: 'is no signed JWT' },
    { what: 'three parts of garbage', authorization: 'Bearer a.b.c', message: 'is no signed JWT' },
    { what: 'five parts', authorization: `Bearer ${token}.a.b`, message: 'is no signed JWT' },
    { what: 'claims that are no object', authorization: `Bearer ${laidTogether({ alg: 'HS256' }, '[]')}`, message: '' },
    { what: 'a part missing', authorization: `Bearer ${header}.${claims}`, message: 'is no signed JWT' },
    { what: 'no signature', authorization: `Bearer ${header}.${claims}.`, message: 'with another key' },
    { what: 'a byte other', authorization: `Bearer ${header}.${claims}.${flipped(signature)}`, message: 'another key' },
    { what: 'too much', authorization: `Bearer ${'a'.repeat(8193)}`, message: 'more than 8192 bytes' },
  ])('$what is refused', async ({ authorization, message }) => {
    const refusal = await authenticator().check(authorization);
    expect(refusal).toEqual({ reason: 'unauthenticated', message: expect.stringContaining(message) });
  });

  test('a token of 8 KiB is still looked at', async () => {
    const refusal = await authenticator().check(`Bearer ${'a'.repeat(8192)}`);
    expect(refusal).toMatchObject({ message: expect.stringContaining('is no signed JWT') });
  });

  test('no message repeats a part of it', async () => {
    const strange = await signed({ sub: 'canary\u0000canary', jti: 'canary', iss: 'chat-grpc', canary: 1 });
    for (const token of [strange, 'canary', 'canary.canary.canary', `${strange}canary`]) {
      const refusal = await check(token);
      expect(JSON.stringify(refusal)).not.toMatch(/canary|eyJ/);
      expect(refusal).toHaveProperty('reason', 'unauthenticated');
    }
  });
});

describe('how a token was signed', () => {
  const jwks = JSON.stringify({ keys: [jwkOf(RSA.publicKey, { kid: 'rsa' }), jwkOf(P256.publicKey, { kid: 'ec' })] });
  const rsaPem = pemOf(RSA.publicKey);

  interface Good {
    readonly keys: Keys;
    readonly header: { alg: string; kid?: string };
    readonly key: Parameters<typeof signed>[1];
  }

  test.each<Good>([
    { keys: secretKeys(SECRET), header: { alg: 'HS256' }, key: Buffer.from(SECRET) },
    { keys: publicKeys(rsaPem), header: { alg: 'RS256' }, key: RSA.privateKey },
    { keys: publicKeys(rsaPem), header: { alg: 'PS256' }, key: RSA.privateKey },
    { keys: publicKeys(pemOf(P256.publicKey)), header: { alg: 'ES256' }, key: P256.privateKey },
    { keys: publicKeys(pemOf(ED25519.publicKey)), header: { alg: 'EdDSA' }, key: ED25519.privateKey },
    { keys: publicKeys(pemOf(ED25519.publicKey)), header: { alg: 'Ed25519' }, key: ED25519.privateKey },
    { keys: keySet(jwks), header: { alg: 'ES256', kid: 'ec' }, key: P256.privateKey },
    { keys: keySet(jwks), header: { alg: 'RS256' }, key: RSA.privateKey },
  ])('$header is taken by its key', async ({ keys, header, key }) => {
    expect(await check(await signed({}, key, header), { keys })).toMatchObject({ userId: 'ana' });
  });

  const ed = publicKeys(pemOf(ED25519.publicKey));
  const unsigned = laidTogether(
    { alg: 'none' },
    { iss: 'chat-grpc', aud: 'chat-grpc', sub: 'ana', exp: ISSUED_S + 99 },
  );
  const byPem = Buffer.from(rsaPem);
  const byDer = RSA.publicKey.export({ type: 'spki', format: 'der' });
  const wrong = 'the algorithm it was signed with';

  interface Bad {
    readonly what: string;
    readonly keys: Keys;
    readonly token: () => Promise<string>;
    readonly message: string;
  }

  test.each<Bad>([
    { what: 'by nobody, before a secret', keys: secretKeys(SECRET), token: async () => unsigned, message: wrong },
    { what: 'by nobody, before a public key', keys: publicKeys(rsaPem), token: async () => unsigned, message: wrong },
    { what: 'by nobody, before a JWKS', keys: keySet(jwks), token: async () => unsigned, message: wrong },
    {
      what: 'with the PEM of the public key',
      keys: publicKeys(rsaPem),
      token: () => signed({}, byPem),
      message: wrong,
    },
    {
      what: 'with the DER of the public key',
      keys: publicKeys(rsaPem),
      token: () => signed({}, byDer),
      message: wrong,
    },
    {
      what: 'with the PEM of a key of the JWKS',
      keys: keySet(jwks),
      token: () => signed({}, byPem, { alg: 'HS256', kid: 'rsa' }),
      message: wrong,
    },
    {
      what: 'with an RSA key, before a secret that is its PEM',
      keys: secretKeys(rsaPem),
      token: () => signed({}, RSA.privateKey, { alg: 'RS256' }),
      message: wrong,
    },
    {
      what: 'with another hash of the secret',
      keys: secretKeys(SECRET),
      token: () => signed({}, Buffer.from(SECRET.repeat(2)), { alg: 'HS512' }),
      message: wrong,
    },
    {
      what: 'with another hash of RSA',
      keys: publicKeys(rsaPem),
      token: () => signed({}, RSA.privateKey, { alg: 'RS512' }),
      message: wrong,
    },
    {
      what: 'with another kind of key',
      keys: ed,
      token: () => signed({}, P256.privateKey, { alg: 'ES256' }),
      message: wrong,
    },
    {
      what: 'with another secret',
      keys: secretKeys(SECRET),
      token: () => signed({}, Buffer.from(`${SECRET}!`)),
      message: 'with another key',
    },
    {
      what: 'with a key that it brings itself',
      keys: secretKeys(SECRET),
      token: () => signed({}, RSA.privateKey, { alg: 'RS256', jwk: RSA.publicKey.export({ format: 'jwk' }) }),
      message: wrong,
    },
    {
      what: 'with a key of its own under the name of one in the JWKS',
      keys: keySet(jwks),
      token: () => signed({}, ED25519.privateKey, { alg: 'EdDSA', kid: 'rsa' }),
      message: 'no such key',
    },
    {
      what: 'with a key that the JWKS has not',
      keys: keySet(jwks),
      token: () => signed({}, RSA.privateKey, { alg: 'RS256', kid: 'other' }),
      message: 'no such key',
    },
  ])('$what: refused', async ({ keys, token, message }) => {
    expect(await check(await token(), { keys })).toEqual({
      reason: 'unauthenticated',
      message: expect.stringContaining(message),
    });
  });

  test('a header that must be understood and is not: refused', async () => {
    expect(await check(byHand({ alg: 'HS256' }, CLAIMS))).toMatchObject({ userId: 'ana' });
    const header = { alg: 'HS256', crit: ['strange'], strange: 1 };
    expect(await check(byHand(header, CLAIMS))).toMatchObject({ reason: 'unauthenticated' });
  });

  test('without naming its key, where several fit: refused', async () => {
    const other = { keys: [jwkOf(RSA.publicKey, { kid: '1' }), jwkOf(RSA.publicKey, { kid: '2' })] };
    const token = await signed({}, RSA.privateKey, { alg: 'RS256' });
    const answer = await check(token, { keys: keySet(JSON.stringify(other)) });
    expect(answer).toMatchObject({ reason: 'unauthenticated', message: expect.stringContaining('(kid)') });
  });
});

describe('beside the token', () => {
  test('keys that are not there: try again', async () => {
    const keys = { algorithms: ['HS256'], keyFor: () => Promise.reject(new KeysUnavailable(1500)) };
    expect(await check(await signed(), { keys })).toEqual({
      reason: 'keys_unavailable',
      message: expect.stringContaining('try again'),
      retryAfterMs: 1500,
    });
  });

  test('a token that was revoked, and a user who is banned, are refused now and later', async () => {
    const token = await signed({ jti: 'token-1' });
    const grant = await check(token);
    if ('reason' in grant) throw new Error(grant.message);
    expect(authenticator().revoked(grant)).toBeUndefined();

    const revoked = { reason: 'unauthenticated', message: expect.stringContaining('was revoked') };
    const byToken = { revocations: Revocations.read('token token-1') };
    expect(await check(token, byToken)).toEqual(revoked);
    expect(authenticator(byToken).revoked(grant)).toEqual(revoked);
    expect(await check(await signed({ jti: 'token-2' }), byToken)).toMatchObject({ userId: 'ana' });

    const banned = { reason: 'banned', message: expect.any(String) };
    const byUser = { revocations: Revocations.read('user ana') };
    expect(await check(token, byUser)).toEqual(banned);
    expect(authenticator(byUser).revoked(grant)).toEqual(banned);
  });
});

/** Signed with the secret, without jose. */
function byHand(header: object, claims: object | string): string {
  const unsigned = laidTogether(header, claims).slice(0, -1);
  return `${unsigned}.${createHmac('sha256', SECRET).update(unsigned).digest('base64url')}`;
}

function flipped(signature: string): string {
  return (signature.startsWith('A') ? 'B' : 'A') + signature.slice(1);
}

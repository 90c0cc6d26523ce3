import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { secretKeys } from '../../../src/auth/keys.ts';
import { Revocations } from '../../../src/auth/revocations.ts';
import { TokenAuthenticator } from '../../../src/auth/token-authenticator.ts';
import { CLAIMS, ISSUED_S, laidTogether, SECRET } from '../../support/tokens.ts';

const authenticator = new TokenAuthenticator({
  issuer: 'chat-grpc',
  audience: 'chat-grpc',
  maxNameBytes: 64,
  clock: { utcMs: () => ISSUED_S * 1000 },
  keys: () => secretKeys(SECRET),
  revocations: () => Revocations.NONE,
});

/** Either it says who somebody is, or why it does not; and it always says something. */
async function isJudged(authorization: string): Promise<void> {
  const answer = await authenticator.check(authorization);
  if ('reason' in answer) {
    expect(['unauthenticated', 'token_expired']).toContain(answer.reason);
    expect(answer.message).not.toBe('');
    return;
  }
  expect(answer.userId).not.toBe('');
  expect(Number.isNaN(new Date(answer.untilUtcMs).getTime())).toBe(false);
  expect([answer.mayJoin('lobby'), answer.mayPost('lobby')]).not.toEqual([false, true]);
}

function signedByHand(header: object, claims: object): string {
  const unsigned = laidTogether(header, claims).slice(0, -1);
  return `Bearer ${unsigned}.${createHmac('sha256', SECRET).update(unsigned).digest('base64url')}`;
}

test('whatever is sent is judged', async () => {
  const words = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.constantFrom('eyJhbGciOiJIUzI1NiJ9', '.', '{}'),
  );
  const sent = fc.array(words, { maxLength: 5 }).map((parts) => `Bearer ${parts.join('.')}`);
  await fc.assert(fc.asyncProperty(fc.oneof(sent, fc.string({ unit: 'binary' })), isJudged), { numRuns: 2000 });
});

test('whatever a genuine token claims is judged', async () => {
  const names = fc.constantFrom('sub', 'name', 'exp', 'nbf', 'iat', 'jti', 'iss', 'aud', 'rooms');
  const values = fc.oneof(
    fc.jsonValue(),
    fc.double(),
    fc.string({ unit: 'binary' }),
    fc.dictionary(fc.string({ unit: 'binary' }), fc.subarray(['join', 'post'])),
  );
  const claims = fc.dictionary(names, values, { maxKeys: 2 });
  const judged = (odd: object) => isJudged(signedByHand({ alg: 'HS256' }, { ...CLAIMS, ...odd }));
  await fc.assert(fc.asyncProperty(claims, judged), { numRuns: 3000 });
});

test('whatever stands in the header of a genuine token is judged', async () => {
  const names = fc.constantFrom('alg', 'typ', 'kid', 'crit', 'b64', 'jwk', 'jku', 'zip', 'cty');
  const odd = fc.dictionary(names, fc.oneof(fc.jsonValue(), fc.constantFrom('none', 'RS256', ['b64'], ['exp'])), {
    maxKeys: 3,
  });
  const judged = (header: object) => isJudged(signedByHand({ alg: 'HS256', ...header }, CLAIMS));
  await fc.assert(fc.asyncProperty(odd, judged), { numRuns: 2000 });
});

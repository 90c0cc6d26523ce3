import { describe, expect, test } from 'vitest';
import { AuthError } from '../../../src/auth/auth-error.ts';
import { Revocations } from '../../../src/auth/revocations.ts';

describe('what is revoked', () => {
  const list = '\uFEFF# since monday\r\n\r\ntoken 1\r\n  user\tbob#7  \nuser the cat\nuser rene\u0301';

  test.each([
    { token: '1', has: true },
    { token: '2', has: false },
    { token: 'bob#7', has: false },
  ])('token $token: $has', ({ token, has }) => expect(Revocations.read(list).hasToken(token)).toBe(has));

  test.each([
    { user: 'bob#7', has: true },
    { user: 'the cat', has: true },
    { user: 'ren\u00e9', has: true },
    // A space that nobody sees keeps nobody in.
    { user: 'the cat ', has: true },
    { user: 'the', has: false },
    { user: 'bob', has: false },
    { user: '1', has: false },
  ])('user $user: $has', ({ user, has }) => expect(Revocations.read(list).hasUser(user)).toBe(has));

  test.each([
    { text: 'token 1\nbob', problem: 'line 2: must be' },
    { text: 'token', problem: 'line 1: must be' },
    { text: 'Token 1', problem: 'line 1: must be' },
    { text: 'userbob', problem: 'line 1: must be' },
    { text: 'user bob # spam', problem: 'line 1: a comment' },
    { text: '\n'.repeat(100_001), problem: 'more than 100000 lines' },
  ])('$problem', ({ text, problem }) => {
    expect(() => Revocations.read(text)).toThrow(AuthError);
    expect(() => Revocations.read(text)).toThrow(problem);
  });

  test('may have a hundred thousand lines', () => {
    expect(Revocations.read('token 1\n'.repeat(100_000)).hasToken('1')).toBe(true);
  });
});

import { describe, expect, test } from 'vitest';
import { objectionTo } from '../../../src/wire/call-headers.ts';

const CHANNEL = '/chat.v1.ChatService/Channel';
const CHECK = '/grpc.health.v1.Health/Check';
/** A timer of Node takes at most that. */
const MOST_MS = 2 ** 31 - 1;

/** What becomes of a time-out that a call of Channel came with. */
function keptOf(timeout: string) {
  const headers = { ':path': CHANNEL, 'grpc-timeout': timeout };
  return { objection: objectionTo(headers)?.refusal.reason, kept: headers['grpc-timeout'] };
}

describe('a time-out', () => {
  test.each(['0n', '1m', '99999999u', '99999999m', `${Math.floor(MOST_MS / 1000)}S`, '35791M', '596H'])(
    'of %s is kept',
    (timeout) => expect(keptOf(timeout)).toEqual({ objection: undefined, kept: timeout }),
  );

  test.each([`${Math.ceil(MOST_MS / 1000)}S`, '35792M', '597H', '99999999H'])(
    'of %s is longer than any timer, and none',
    (timeout) => expect(keptOf(timeout)).toEqual({ objection: undefined, kept: undefined }),
  );

  test.each(['', '5', 'S', '1s', '-1S', '1.5S', '123456789S', ' 1S'])('"%s" is no time-out', (timeout) => {
    expect(keptOf(timeout).objection).toBe('invalid_envelope');
  });
});

describe('an encoding', () => {
  test.each([
    { path: CHANNEL, encoding: undefined, objection: undefined },
    { path: CHANNEL, encoding: 'gzip', objection: undefined },
    { path: CHECK, encoding: undefined, objection: undefined },
    { path: CHECK, encoding: 'identity', objection: undefined },
    { path: CHECK, encoding: 'gzip', objection: 'unsupported' },
    { path: CHECK, encoding: '', objection: 'unsupported' },
  ])('$encoding for $path: $objection', ({ path, encoding, objection }) => {
    expect(objectionTo({ ':path': path, 'grpc-encoding': encoding })?.refusal.reason).toBe(objection);
  });
});

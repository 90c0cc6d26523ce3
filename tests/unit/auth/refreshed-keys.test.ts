import { setImmediate } from 'node:timers/promises';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { AuthError } from '../../../src/auth/auth-error.ts';
import { KeysUnavailable } from '../../../src/auth/keys.ts';
import { RefreshedKeys } from '../../../src/auth/refreshed-keys.ts';
import { FakeTiming } from '../../support/fake-timing.ts';
import { jwkOf, P256, RSA } from '../../support/tokens.ts';

const OLD = JSON.stringify({ keys: [jwkOf(RSA.publicKey, { kid: 'old' })] });
const NEW = JSON.stringify({ keys: [jwkOf(P256.publicKey, { kid: 'new' })] });
const OLD_TOKEN = { alg: 'RS256', kid: 'old' };
const NEW_TOKEN = { alg: 'ES256', kid: 'new' };
const DOWN = new AuthError('ECONNREFUSED');
const MINUTE_MS = 60_000;

let time: FakeTiming;
let requests: PromiseWithResolvers<string>[];
let warnings: string[];
let keys: RefreshedKeys;

beforeEach(() => {
  time = new FakeTiming();
  requests = [];
  warnings = [];
  keys = new RefreshedKeys({
    fetch: (signal) => {
      const request = Promise.withResolvers<string>();
      signal.addEventListener('abort', () => request.reject(signal.reason));
      requests.push(request);
      return request.promise;
    },
    clock: time,
    after: (ms, task) => time.after(ms, task),
    warn: (message) => warnings.push(message),
  });
});

/** Answers the request that is under way, and lets that take effect. */
async function answer(content: string | Error): Promise<void> {
  if (content instanceof Error) requests.at(-1)?.reject(content);
  else requests.at(-1)?.resolve(content);
  await keys.refresh();
}

async function started(content: string | Error): Promise<void> {
  keys.refresh();
  await answer(content);
}

const found = { type: 'public' };
const noSuchKey = expect.objectContaining({ code: 'ERR_JWKS_NO_MATCHING_KEY' });
const retryIn = (retryAfterMs: number) => expect.objectContaining({ name: 'KeysUnavailable', retryAfterMs });
const keyFor = (header: typeof OLD_TOKEN) => keys.keyFor(header).catch((error: unknown) => error);

describe('keys from somewhere else', () => {
  test('are there once they are fetched', async () => {
    await started(OLD);
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
    expect(warnings).toEqual([]);
  });

  test('whoever comes before they are there waits for them', async () => {
    keys.refresh();
    const key = keyFor(OLD_TOKEN);
    await answer(OLD);
    expect(await key).toMatchObject(found);
  });

  test('are fetched every ten minutes', async () => {
    await started(OLD);
    time.advance(10 * MINUTE_MS - 1);
    expect(requests).toHaveLength(1);
    time.advance(1);
    expect(requests).toHaveLength(2);
    await answer(NEW);
    expect(await keyFor(NEW_TOKEN)).toMatchObject(found);
    const taken = keyFor(OLD_TOKEN);
    await vi.waitFor(() => expect(requests).toHaveLength(3));
    await answer(NEW);
    expect(await taken).toEqual(noSuchKey);
  });

  test('a token whose key is new has them fetched', async () => {
    await started(OLD);
    const key = keyFor(NEW_TOKEN);
    await vi.waitFor(() => expect(requests).toHaveLength(2));
    await answer(NEW);
    expect(await key).toMatchObject(found);
    // The next is due ten minutes after this one, and no other.
    expect(time.pending).toBe(1);
  });

  test('tokens have them fetched once in half a minute, however many name keys that there are not', async () => {
    await started(OLD);
    const refused = [keyFor(NEW_TOKEN), keyFor({ alg: 'RS256', kid: 'other' })];
    await vi.waitFor(() => expect(requests).toHaveLength(2));
    await answer(OLD);
    expect(await Promise.all(refused)).toEqual([noSuchKey, noSuchKey]);
    time.advance(29_999);
    // Whoever spent the half minute on a key that there is not keeps no other out for good.
    expect(await keyFor(NEW_TOKEN)).toMatchObject({ name: 'KeysUnavailable', retryAfterMs: 1 });
    expect(requests).toHaveLength(2);
    time.advance(1);
    const key = keyFor(NEW_TOKEN);
    await vi.waitFor(() => expect(requests).toHaveLength(3));
    await answer(NEW);
    expect(await key).toMatchObject(found);
  });

  test('one that is known has nothing fetched', async () => {
    await started(OLD);
    await keyFor(OLD_TOKEN);
    expect(requests).toHaveLength(1);
  });

  test('one that is known waits for nothing while they are fetched', async () => {
    await started(OLD);
    time.advance(10 * MINUTE_MS);
    expect(requests).toHaveLength(2);
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
  });
});

describe('when they cannot be fetched', () => {
  test('at the start: it says so once, tokens cannot be checked, and it tries again ever more seldom', async () => {
    await started(DOWN);
    expect(await keyFor(OLD_TOKEN)).toEqual(retryIn(1000));
    for (const ms of [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]) {
      const before = requests.length;
      time.advance(ms - 1);
      expect(requests).toHaveLength(before);
      time.advance(1);
      expect(requests).toHaveLength(before + 1);
      await answer(DOWN);
    }
    expect(await keyFor(OLD_TOKEN)).toEqual(retryIn(60_000));
    expect(warnings).toEqual([expect.stringMatching(/cannot be fetched: ECONNREFUSED; .*no token can be checked/)]);

    time.advance(60_000);
    await answer(OLD);
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
    expect(warnings).toEqual([expect.anything(), 'the keys can be fetched again']);
  });

  test('later: those from before stay, and it tries again soon', async () => {
    await started(OLD);
    time.advance(10 * MINUTE_MS);
    await answer(DOWN);
    expect(warnings).toEqual([expect.stringContaining('ECONNREFUSED; those fetched before stay in force')]);
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
    for (let hour = 0; hour < 60 * 24; hour++) {
      time.advance(MINUTE_MS);
      await answer(DOWN);
    }
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
  });

  test('a key that is new may be in them: try again', async () => {
    await started(OLD);
    time.advance(10 * MINUTE_MS);
    await answer(DOWN);
    const key = keyFor(NEW_TOKEN);
    await vi.waitFor(() => expect(requests).toHaveLength(3));
    await answer(DOWN);
    expect(await key).toBeInstanceOf(KeysUnavailable);
    // And without asking again.
    expect(await keyFor(NEW_TOKEN)).toEqual(retryIn(2000));
    expect(requests).toHaveLength(3);
  });

  test('a token whose key is new waits for the request that is under way', async () => {
    await started(OLD);
    const refused = keyFor(NEW_TOKEN);
    await vi.waitFor(() => expect(requests).toHaveLength(2));
    await answer(DOWN);
    expect(await refused).toEqual(retryIn(1000));
    time.advance(1000);
    const key = keyFor(NEW_TOKEN);
    // A turn of the event loop, in which it would give up if it did not wait.
    await setImmediate();
    await answer(NEW);
    expect(await key).toMatchObject(found);
  });

  test.each([
    { content: '<html>', why: 'is no JSON' },
    { content: '{"keys":[]}', why: 'holds no public key' },
    { content: JSON.stringify({ keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }), why: 'holds a symmetric key' },
  ])('what $why does not take their place', async ({ content, why }) => {
    await started(OLD);
    time.advance(10 * MINUTE_MS);
    await answer(content);
    expect(warnings).toEqual([expect.stringContaining(why)]);
    expect(await keyFor(OLD_TOKEN)).toMatchObject(found);
  });
});

test('once closed, nothing is fetched any more', async () => {
  await started(OLD);
  time.advance(10 * MINUTE_MS);
  keys.close();
  await keys.refresh();
  expect(time.pending).toBe(0);
  expect(warnings).toEqual([]);
});

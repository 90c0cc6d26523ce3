import type { RequestListener } from 'node:http';
import { expect, test } from 'vitest';
import { fetchJwks } from '../../../src/auth/jwks-url.ts';
import { httpAnswers } from '../../support/http-answers.ts';

const MAX_BYTES = 256 * 1024;

/** While somebody answers so. */
async function at<T>(answer: RequestListener, act: (url: string) => Promise<T>): Promise<T> {
  await using server = await httpAnswers(answer);
  return await act(server.url);
}

const signal = new AbortController().signal;

test('an answer is what is fetched, up to 256 KiB of it', async () => {
  const text = 'é'.repeat(MAX_BYTES / 2);
  expect(
    await at(
      (_, response) => response.end(text),
      (url) => fetchJwks(url, { signal }),
    ),
  ).toBe(text);
});

interface Case {
  readonly what: string;
  readonly answer: RequestListener;
  readonly why: string;
}

test.each<Case>([
  {
    what: 'an answer that says where to ask',
    answer: ({ url }, response) => {
      if (url === '/jwks') response.writeHead(302, { location: '/elsewhere' }).end();
      else response.end('{"keys":[]}');
    },
    why: 'redirect',
  },
  { what: 'a failure', answer: (_, response) => response.writeHead(503).end('{}'), why: 'the answer is 503' },
  { what: 'too much', answer: (_, response) => response.end('x'.repeat(MAX_BYTES + 1)), why: 'more than 262144 bytes' },
  {
    what: 'an answer without an end',
    answer: (_, response) => {
      const write = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024))) {}
      };
      response.on('drain', write);
      write();
    },
    why: 'more than 262144 bytes',
  },
  { what: 'no answer', answer: () => {}, why: 'no answer within 50 ms' },
  { what: 'half an answer', answer: (_, response) => response.write('{'), why: 'no answer within 50 ms' },
  { what: 'a closed door', answer: (_, response) => response.destroy(), why: '' },
])('$what is none', async ({ answer, why }) => {
  const timeoutMs = why.includes('50') ? 50 : 20_000;
  const error = await at(answer, (url) => fetchJwks(url, { signal, timeoutMs }).catch((thrown) => thrown));
  expect(error).toMatchObject({ name: 'AuthError', message: expect.stringContaining(why) });
});

test('where nobody listens: it says so', async () => {
  const url = await at(
    () => {},
    async (url) => url,
  );
  await expect(fetchJwks(url, { signal })).rejects.toThrow('ECONNREFUSED');
});

test('it can be given up', async () => {
  const stop = new AbortController();
  const answer: RequestListener = () => stop.abort();
  await expect(at(answer, (url) => fetchJwks(url, { signal: stop.signal }))).rejects.toThrow('aborted');
});

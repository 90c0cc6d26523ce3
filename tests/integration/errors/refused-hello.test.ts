import { status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { chat, hello, join } from '../../support/envelopes.ts';
import { fullClient, RawClient } from '../../support/raw-client.ts';
import { startServer } from '../../support/server.ts';

interface HelloCase {
  readonly name: string;
  readonly hello: Buffer;
  readonly code: status;
  readonly reason: string;
}

const REFUSED: readonly HelloCase[] = [
  { name: 'without a user id', hello: hello(''), code: status.INVALID_ARGUMENT, reason: 'invalid_user' },
];

describe('a hello', () => {
  test.each(REFUSED)('$name is refused with the end of the stream', async ({ hello: refused, code, reason }) => {
    await using server = await startServer();
    const client = new RawClient(server.port);
    client.send(refused);
    const end = await client.ended;
    expect({ code: end.status, reason: end.trailers['chat-reason'] }).toEqual({ code, reason });
  });

  test.each(REFUSED)('$name leaves all that is behind it undone', async ({ hello: refused }) => {
    await using server = await startServer();
    const client = new RawClient(server.port);
    client.send(refused, hello('ana'), join('undone'), chat('undone', 'hello'));
    await client.ended;
    const watcher = await fullClient(server.port, 'watcher', ['undone']);
    expect(watcher.all('joined')).toMatchObject([{ memberCount: 1, headSeq: 1n }]);
  });
});

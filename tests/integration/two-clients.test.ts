import { expect, test } from 'vitest';
import { startServer } from '../support/server.ts';

test('two clients hear each other join, talk and leave', async () => {
  await using server = await startServer();
  const ana = await server.connect('ana');
  const bob = await server.connect('bob');
  await ana.join('general');
  await bob.join('general');
  await bob.post('general', 'hello');
  await bob.close();

  expect(await ana.next()).toMatchObject({ kind: 'member_joined', userId: 'bob', seq: 2n });
  expect(await ana.next()).toMatchObject({ kind: 'message', userId: 'bob', content: 'hello', seq: 3n });
  expect(await ana.next()).toMatchObject({ kind: 'member_left', userId: 'bob', reason: 'left', seq: 4n });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Member_State } from '../../api/gen/chat/v1/chat.ts';
import { hello, join, leave, members } from '../support/envelopes.ts';
import { fullClient, RawClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

const MAX_PAGE_SIZE = 4;
const EVERYBODY = Array.from({ length: 7 }, (_, i) => `member-${i}`);

let server: Awaited<ReturnType<typeof startServer>>;
let asker: RawClient;
let seated: RawClient[];
beforeEach(async () => {
  server = await startServer({ CHAT_GRPC_MAX_PAGE_SIZE: `${MAX_PAGE_SIZE}` });
  asker = await fullClient(server.port, 'asker');
  seated = [];
  for (const userId of EVERYBODY) seated.push(await fullClient(server.port, userId, ['general']));
});
afterEach(() => server.stop());

async function page(pageSize = 0, pageToken = '') {
  asker.send(members('general', { pageSize, pageToken, requestId: 'r-1' }));
  return asker.hear('members');
}

describe('a page of members', () => {
  test('says the room, how many there are and its newest seq', async () => {
    const { members: _, nextPageToken: __, ...rest } = await page(1);
    expect(rest).toEqual({ requestId: 'r-1', room: 'general', memberCount: 7, headSeq: 7n });
  });

  test('says who each is and since when', async () => {
    const before = BigInt(Date.now());
    const bob = new RawClient(server.port);
    bob.send(hello('bob', { displayName: 'Bob' }), join('other'), members('other'));
    const [member] = (await bob.hear('members')).members;
    expect(member).toMatchObject({ userId: 'bob', displayName: 'Bob', state: Member_State.ACTIVE });
    const joinedAtUtc = member?.joinedAtUtc ?? 0n;
    expect(joinedAtUtc >= before && joinedAtUtc <= BigInt(Date.now())).toBe(true);
  });

  test.each([0, MAX_PAGE_SIZE + 1, 4_294_967_295])('of the size %s is one of the most', async (pageSize) => {
    expect((await page(pageSize)).members).toHaveLength(MAX_PAGE_SIZE);
  });

  test('after page until there is no token gives everybody once, in the order they joined', async () => {
    const all: string[] = [];
    let token = '';
    do {
      const { members: some, nextPageToken } = await page(3, token);
      all.push(...some.map(({ userId }) => userId));
      token = nextPageToken;
    } while (token !== '');
    expect(all).toEqual(EVERYBODY);
  });

  test('that holds exactly the last has no token', async () => {
    const first = await page(4);
    expect(await page(3, first.nextPageToken)).toMatchObject({ nextPageToken: '', members: { length: 3 } });
  });

  test('neither repeats nor hides anybody when others leave between two pages', async () => {
    const first = await page(3);
    for (const gone of [seated[0], seated[2]]) {
      gone?.send(leave('general'));
      await gone?.hear('left');
    }
    const second = await page(4, first.nextPageToken);
    expect(second.members.map(({ userId }) => userId)).toEqual(EVERYBODY.slice(3));
  });

  test('of a room that does not exist is empty', async () => {
    asker.send(members('nowhere', { requestId: 'r-1' }));
    const empty = { requestId: 'r-1', room: 'nowhere', members: [], nextPageToken: '', memberCount: 0, headSeq: 0n };
    expect(await asker.hear('members')).toEqual(empty);
  });
});

test('asking who is in a room does not make it', async () => {
  asker.send(members('nowhere'), join('nowhere'));
  expect(await asker.hear('joined')).toMatchObject({ headSeq: 1n, memberCount: 1 });
});

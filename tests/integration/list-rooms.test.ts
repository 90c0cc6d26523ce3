import { credentials, type Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ChatServiceClient, type ListRoomsResponse } from '../../api/gen/chat/v1/chat.ts';
import { golden } from '../support/golden.ts';
import { fullClient } from '../support/raw-client.ts';
import { RawStream } from '../support/raw-stream.ts';
import { startServer } from '../support/server.ts';

const MAX_PAGE_SIZE = 4;
const ROOMS = Array.from({ length: 7 }, (_, i) => `room-${i}`);

let server: Awaited<ReturnType<typeof startServer>>;
let client: ChatServiceClient;
beforeEach(async () => {
  server = await startServer({ CHAT_GRPC_MAX_PAGE_SIZE: `${MAX_PAGE_SIZE}` });
  client = new ChatServiceClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
});
afterEach(async () => {
  client.close();
  await server.stop();
});

function page(pageSize: number, pageToken = ''): Promise<ListRoomsResponse> {
  return new Promise((resolve, reject) => {
    client.listRooms({ pageSize, pageToken }, (error, response) =>
      error === null ? resolve(response) : reject(error),
    );
  });
}

describe('ListRooms', () => {
  test('of an empty server is empty', async () => {
    expect(await page(0)).toEqual({ rooms: [], nextPageToken: '' });
  });

  test('says who many are in a room and where its head is', async () => {
    const ana = await fullClient(server.port, 'ana', ['general']);
    await fullClient(server.port, 'bob', ['general']);
    const epoch = ana.all('joined')[0]?.position?.epoch;
    expect((await page(0)).rooms).toEqual([{ room: 'general', memberCount: 2, position: { epoch, seq: 2n } }]);
  });

  test('page after page gives all rooms once, oldest first', async () => {
    await fullClient(server.port, 'ana', ROOMS);
    const all: string[] = [];
    let token = '';
    do {
      const { rooms, nextPageToken } = await page(3, token);
      all.push(...rooms.map(({ room }) => room));
      token = nextPageToken;
    } while (token !== '');
    expect(all).toEqual(ROOMS);
  });

  test.each([0, MAX_PAGE_SIZE + 1, 4_294_967_295])('with the page size %s gives the most', async (pageSize) => {
    await fullClient(server.port, 'ana', ROOMS);
    expect((await page(pageSize)).rooms).toHaveLength(MAX_PAGE_SIZE);
  });

  test.each(['abc', 'two words', 'é', '1'.repeat(65)])('refuses the page_token "%s"', async (pageToken) => {
    const error: ServiceError & { metadata: Metadata } = await page(0, pageToken).then(
      () => Promise.reject(new Error('it was taken')),
      (refusal) => refusal,
    );
    expect({ code: error.code, reason: error.metadata.get('chat-reason') }).toEqual({
      code: status.INVALID_ARGUMENT,
      reason: ['invalid_id'],
    });
  });

  test('takes the bytes that protoc writes', async () => {
    const stream = new RawStream(server.port, { path: '/chat.v1.ChatService/ListRooms' });
    stream.send(golden('ListRoomsRequest.page'));
    stream.halfClose();
    expect((await stream.ended).status).toBe(status.OK);
  });
});

test('a method that does not exist is UNIMPLEMENTED', async () => {
  const stream = new RawStream(server.port, { path: '/chat.v1.ChatService/Shout' });
  expect((await stream.ended).status).toBe(status.UNIMPLEMENTED);
});

import { Client, credentials, type ServiceError, status } from '@grpc/grpc-js';
import { describe, expect, test } from 'vitest';
import { message } from '../support/envelopes.ts';
import { goingAway } from '../support/going-away.ts';
import { fullClient } from '../support/raw-client.ts';
import { startServer } from '../support/server.ts';

/** grpc.health.v1.HealthCheckResponse with a status, which is its field 1. */
const SERVING = message({ 1: 1 });
const NOT_SERVING = message({ 1: 2 });

const OF_THE_SERVICE = ['', 'readiness', 'chat.v1.ChatService'];
const OF_THE_PROCESS = ['liveness', 'startup'];

describe('grpc.health.v1 says SERVING of', () => {
  test.each([...OF_THE_SERVICE, ...OF_THE_PROCESS])('"%s"', async (service) => {
    await using server = await startServer();
    expect(await check(server.port, service)).toEqual(SERVING);
  });
});

test('a service that does not exist is NOT_FOUND', async () => {
  await using server = await startServer();
  await expect(check(server.port, 'chat.v2.ChatService')).rejects.toMatchObject({ code: status.NOT_FOUND });
});

describe('while the server goes away grpc.health.v1 says', () => {
  test.each(OF_THE_SERVICE)('NOT_SERVING of "%s"', async (service) => {
    await using world = await goingAway(fullClient);
    expect(await check(world.server.port, service)).toEqual(NOT_SERVING);
  });

  test.each(OF_THE_PROCESS)('SERVING of "%s"', async (service) => {
    await using world = await goingAway(fullClient);
    expect(await check(world.server.port, service)).toEqual(SERVING);
  });
});

function check(port: number, service: string): Promise<Buffer> {
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  const same = (bytes: Buffer) => bytes;
  return new Promise((resolve, reject) => {
    const settle = (error: ServiceError | null, answer?: Buffer) => {
      client.close();
      if (error === null && answer !== undefined) resolve(answer);
      else reject(error);
    };
    client.makeUnaryRequest('/grpc.health.v1.Health/Check', same, same, message({ 1: service }), settle);
  });
}

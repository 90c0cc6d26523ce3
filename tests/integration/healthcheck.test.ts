import { describe, expect, test } from 'vitest';
import { freePort, Program } from '../support/program.ts';
import { startServer } from '../support/server.ts';

describe('the health check of the container', () => {
  test('exits 0 when the server takes clients', async () => {
    await using server = await startServer();
    await using check = new Program('healthcheck', { env: { CHAT_GRPC_PORT: `${server.port}` } });
    expect(await check.exit).toBe(0);
    expect(check.stdout).toBe('SERVING\n');
  });

  test('asks this machine, when the server listens on all its addresses', async () => {
    await using server = await startServer();
    const env = { CHAT_GRPC_HOST: '0.0.0.0', CHAT_GRPC_ALLOW_INSECURE: 'true', CHAT_GRPC_PORT: `${server.port}` };
    await using check = new Program('healthcheck', { env });
    expect(await check.exit).toBe(0);
  });

  test('exits 1 when the server goes away', async () => {
    await using server = await startServer();
    server.grpc.stopServing();
    await using check = new Program('healthcheck', { env: { CHAT_GRPC_PORT: `${server.port}` } });
    expect(await check.exit).toBe(1);
    expect(check.stdout + check.stderr).toBe('NOT_SERVING\n');
  });

  test('exits 1 and says why in a line when nobody answers', async () => {
    await using check = new Program('healthcheck', { env: { CHAT_GRPC_PORT: `${await freePort()}` } });
    expect(await check.exit).toBe(1);
    expect(check.stderr).toMatch(/^chat-grpc: .*ECONNREFUSED.*\n$/);
  });
});

import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

test('make herd: a hundred come back to a server that was restarted, and each is told that its room began anew', async () => {
  const { said, code } = await runProgram('soak/herd.ts', { CLIENTS: '100', ROOMS: '5', SECONDS: '0.5', FACTOR: '60' });
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    expect(said).toMatch(new RegExp(`^${signal}: another server after .*, the last of 100 back after `, 'm'));
  }
  expect(said).toMatch(/\nherd passed: .*\n$/);
  expect(code).toBe(0);
});

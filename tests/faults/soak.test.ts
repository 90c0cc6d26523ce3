import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

test('38 make soak: clients that are cut, frozen and killed for a while are told everything once, in one order', async () => {
  const { said, code } = await runProgram('soak/run.ts', { MINUTES: '0.3', CLIENTS: '60' });
  expect(said).toMatch(/\nsoak passed: \d{4,} deliveries, .*\n$/);
  expect(code).toBe(0);
});

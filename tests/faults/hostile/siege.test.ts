import { expect, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';

test('make siege: fifty chat on while all kinds of attacks go on at the same time, and memory comes back', async () => {
  // How long a message takes beside the other tests says nothing.
  const { said, code } = await runProgram('siege/run.ts', { SECONDS: '6', ROUNDS: '1', FACTOR: '1000' });
  expect(said).toMatch(/\nsiege passed: every good one was told everything once and in order; .*\n$/);
  expect(code).toBe(0);
});

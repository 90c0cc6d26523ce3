import { expect, test } from 'vitest';
import { runProgram } from '../support/run-program.ts';

test('14 ten thousand envelopes that went wrong: each stream ends as the contract says, and the others chat on', async () => {
  const { said, code } = await runProgram('fuzz/run.ts', { COUNT: '10000' });
  // The seed is told, so that a failure can be had again.
  expect(said).toMatch(/^fuzz: SEED=\d+ COUNT=10000\n/);
  expect(said).toMatch(/\nfuzz passed: \d{5} envelopes, .*\n$/);
  expect(code).toBe(0);
});

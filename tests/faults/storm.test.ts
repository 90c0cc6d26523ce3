import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

test('32 make storm: hundreds come and go in a moment, are announced in a few notices, and the numbering is whole', async () => {
  const { said, code } = await runProgram('soak/storm.ts', { CLIENTS: '400', SECONDS: '1', FACTOR: '60' });
  expect(said).toMatch(/\n798 joins and leaves took \d{1,3} seqs, \d+ of them folds; .*\nstorm passed: .*\n$/);
  expect(code).toBe(0);
});

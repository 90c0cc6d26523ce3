import { expect, test } from 'vitest';
import { runProgram } from './support/run-program.ts';

test('38 make soak: clients that are cut, frozen and killed for a while are told everything once, in one order', async () => {
  const { said, code } = await runProgram('soak/run.ts', { MINUTES: '0.5', CLIENTS: '60' });
  expect(said).toMatch(/\nsoak passed: \d{4,} deliveries, .*\n$/);
  expect(code).toBe(0);
});

test('32 make storm: hundreds come and go in a moment, are announced in a few notices, and the numbering is whole', async () => {
  const { said, code } = await runProgram('soak/storm.ts', { CLIENTS: '400', SECONDS: '1' });
  expect(said).toMatch(/\n798 joins and leaves took \d{1,3} seqs, \d+ of them folds; .*\nstorm passed: .*\n$/);
  expect(code).toBe(0);
});

test('make siege: fifty chat on while all kinds of attacks go on at the same time, and memory comes back', async () => {
  // How long a message takes beside the other tests says nothing.
  const { said, code } = await runProgram('siege/run.ts', { SECONDS: '10', FACTOR: '1000' });
  expect(said).toMatch(/\nsiege passed: every good one was told everything once and in order; .*\n$/);
  expect(code).toBe(0);
});

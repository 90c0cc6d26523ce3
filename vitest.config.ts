import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['tests/{unit,architecture,integration,faults}/**/*.test.ts'],
    // Long enough for a machine under load: a condition that never comes is what fails.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Much of a test is waiting for other processes: as many files at a time as cores leave one idle.
    maxWorkers: 3,
    // Those that say so do nothing but wait for programs.
    maxConcurrency: 16,
    execArgv: ['--expose-gc'],
  },
});

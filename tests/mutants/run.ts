/**
 * Breaks each point of the contract once, by a small patch, and sees whether the
 * tests notice: `make mutants`. A patch begins with `# tests:` and the test files
 * that must fail. Fails when one survives, or does not apply any more.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '../..');
const copy = mkdtempSync(join(tmpdir(), 'chat-grpc-mutants-'));
for (const name of ['api', 'src', 'cli', 'tests', 'package.json', 'vitest.config.ts', 'tsconfig.json']) {
  cpSync(join(root, name), join(copy, name), { recursive: true });
}
symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));

const run = (command: string, words: readonly string[], input?: string) =>
  spawnSync(command, words, { cwd: copy, encoding: 'utf8', ...(input !== undefined && { input }) });
const passes = (tests: readonly string[]) =>
  run('npx', ['--no-install', 'vitest', 'run', '--bail=1', ...tests]).status === 0;

const mutants = readdirSync(import.meta.dirname)
  .filter((name) => name.endsWith('.patch'))
  .sort()
  .map((name) => {
    const patch = readFileSync(join(import.meta.dirname, name), 'utf8');
    return { name, patch, tests: (/^# tests: (.+)$/m.exec(patch)?.[1] ?? '').split(' ') };
  });

let survived = 0;
const unbroken = [...new Set(mutants.flatMap(({ tests }) => tests))];
if (!passes(unbroken)) {
  console.log(`FAILED    ${unbroken.join(' ')} do not pass unbroken`);
  survived += 1;
}
for (const { name, patch, tests } of survived === 0 ? mutants : []) {
  const applied = run('patch', ['-p1', '--no-backup-if-mismatch', '--fuzz=2'], patch).status === 0;
  const isThere = tests.every((test) => existsSync(join(root, test)));
  const isCaught = applied && isThere && !passes(tests);
  const failure = !applied ? 'NO PATCH ' : isThere ? 'SURVIVED ' : 'NO TESTS ';
  console.log(`${isCaught ? 'caught   ' : failure} ${name}`);
  if (!isCaught) survived += 1;
  rmSync(join(copy, 'src'), { recursive: true });
  cpSync(join(root, 'src'), join(copy, 'src'), { recursive: true });
}
rmSync(copy, { recursive: true });
console.log(`${mutants.length - survived} caught, ${survived} survived`);
process.exitCode = survived === 0 ? 0 : 1;

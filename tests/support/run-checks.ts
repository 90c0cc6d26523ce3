/**
 * Everything that must hold, one after another: `make test`. The last line
 * counts the checks and tests that passed and failed.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const scratch = mkdtempSync(join(tmpdir(), 'chat-grpc-checks-'));
const npx = (...words: string[]) => ['npx', '--no-install', ...words];
const described = (of: readonly string[], file: string) =>
  npx('buf', 'build', '--as-file-descriptor-set', ...of, '-o', join(scratch, 'api/gen', file));

const CHECKS: readonly { readonly name: string; readonly commands: readonly (readonly string[])[] }[] = [
  { name: 'the contract passes buf lint', commands: [npx('buf', 'lint')] },
  {
    name: 'api/gen is what the contract generates (otherwise: make proto)',
    commands: [
      npx('buf', 'generate', '-o', scratch),
      described(['--path', 'api/proto/chat'], 'chat.descriptors.json'),
      described(['node_modules/grpc-health-check/proto'], 'health.descriptors.json'),
      ['diff', '-r', 'api/gen', join(scratch, 'api/gen')],
    ],
  },
  { name: 'format and lint (otherwise: make lint)', commands: [npx('biome', 'ci', '--colors=off')] },
  { name: 'types', commands: [npx('tsc', '-p', '.')] },
  { name: 'the package is publint clean and holds what it needs', commands: [['node', 'tests/package/check.ts']] },
  { name: 'nothing is unused', commands: [npx('knip', '--no-progress')] },
];

let passed = 0;
let failed = 0;

for (const { name, commands } of CHECKS) {
  const broken = commands.map(run).find((result) => result.status !== 0);
  console.log(`${broken === undefined ? 'ok    ' : 'FAILED'} ${name}`);
  if (broken === undefined) passed += 1;
  else {
    failed += 1;
    console.log(broken.output);
  }
}

const report = join(scratch, 'vitest.json');
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
const [command = '', ...words] = npx('vitest', 'run', ...reporters);
const vitest = spawnSync(command, words, { stdio: 'inherit' });
try {
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  passed += numPassedTests;
  failed += numFailedTests;
} catch (error) {
  console.log('vitest left no report:', error);
  failed += 1;
}
// A suite that could not even be loaded fails no test of its own.
if (vitest.status !== 0 && failed === 0) failed += 1;

rmSync(scratch, { recursive: true });
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

function run(words: readonly string[]): { status: number | null; output: string } {
  const [command = '', ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(command, rest, { encoding: 'utf8' });
  return { status, output: `${stdout}${stderr}${error ?? ''}` };
}

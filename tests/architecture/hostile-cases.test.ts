import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

/** docs/security.md tells of what was tried, by a number: so that it names tests that there are, of that number. */

const ROOT = resolve(import.meta.dirname, '../..');
const CASES = Array.from({ length: 39 }, (_, i) => i + 1);

/** The last cell of each row of the table, by the number in the first. */
const cells = new Map(
  [...readFileSync(join(ROOT, 'docs/security.md'), 'utf8').matchAll(/^\| (\d+) \|.*\| ([^|]+) \|$/gm)].map(
    ([, number, tests]) => [Number(number), tests ?? ''] as const,
  ),
);

/** `order, `tests/integration/errors/{envelopes,refusals}`` → the files. */
function filesIn(cell: string): string[] {
  return (cell.match(/(?:[^,{]|\{[^}]*\})+/g) ?? []).flatMap((one) => {
    const path = one.trim().replaceAll('`', '');
    const [, before = path, names = '', after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(path) ?? [];
    const paths = names === '' ? [path] : names.split(',').map((name) => `${before}${name}${after}`);
    return paths.map((each) => join(ROOT, each.startsWith('tests/') ? each : `tests/faults/hostile/${each}`));
  });
}

function sourceOf(path: string): string | undefined {
  if (existsSync(`${path}.test.ts`)) return readFileSync(`${path}.test.ts`, 'utf8');
  if (!existsSync(path) || !statSync(path).isDirectory()) return undefined;
  return readdirSync(path)
    .map((name) => readFileSync(join(path, name), 'utf8'))
    .join('\n');
}

test('each case has its row', () => {
  expect([...cells.keys()]).toEqual(CASES);
});

test.each(CASES)('case %i has tests of its number in each file that its row names', (number) => {
  const files = filesIn(cells.get(number) ?? '');
  const without = files.filter((file) => !new RegExp(`['"\`]${number}( and \\d+)?[: ]`).test(sourceOf(file) ?? ''));
  expect(files.length).toBeGreaterThan(0);
  expect(without).toEqual([]);
});

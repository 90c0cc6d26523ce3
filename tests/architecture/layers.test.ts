import { readdirSync, readFileSync } from 'node:fs';
import { dirname, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

/** Which folder may import which, so that nobody has to remember it. docs/architecture.md draws it. */

const ROOT = resolve(import.meta.dirname, '../..');

interface Import {
  readonly from: string;
  /** A file of ours by its path from the root, or a package by its name. */
  readonly to: string;
}

function sourceFiles(folder: string): string[] {
  return readdirSync(resolve(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => `${folder}/${name}`);
}

/** Every import and re-export of a file, those of types too. */
function importsOf(file: string): Import[] {
  const source = readFileSync(resolve(ROOT, file), 'utf8');
  return [
    ...source.matchAll(
      /^\s*(?:import|export)\b[^'";]*?from\s+'([^']+)'|\bimport\(\s*'([^']+)'\s*\)|^import\s+'([^']+)'/gm,
    ),
  ]
    .map(([, named, dynamic, bare]) => named ?? dynamic ?? bare ?? '')
    .map((to) => ({ from: file, to: to.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), to)) : to }));
}

const files = [...sourceFiles('src'), ...sourceFiles('cli')];
const imports = files.flatMap(importsOf);
const between = (from: RegExp, to: RegExp) =>
  imports.filter((one) => from.test(one.from) && to.test(one.to)).map(({ from, to }) => `${from} → ${to}`);

describe('layers', () => {
  test('there is something to look at', () => {
    expect(imports.length).toBeGreaterThan(50);
    expect(between(/^src\/chat-server\.ts$/, /^src\/wire\/grpc-server\.ts$/)).toHaveLength(1);
  });

  const rules: { readonly rule: string; readonly from: RegExp; readonly to: RegExp }[] = [
    { rule: 'core imports nothing but core', from: /^src\/core\//, to: /^(?!src\/core\/)/ },
    {
      rule: 'wire imports no composition',
      from: /^src\/wire\//,
      to: /^src\/(main|healthcheck|config|drain|telemetry\/)/,
    },
    { rule: 'telemetry knows nobody but core', from: /^src\/telemetry\//, to: /^src\/(?!core\/|telemetry\/)/ },
    { rule: 'auth knows nobody but core', from: /^src\/auth\//, to: /^src\/(?!core\/|auth\/)/ },
    { rule: 'who checks tokens is handed in', from: /^src\/(core|wire|telemetry)\//, to: /^src\/(auth|identity)\b/ },
    { rule: 'nobody imports a program', from: /./, to: /^(src|cli)\/(main|healthcheck)\.ts$/ },
    { rule: 'src never imports cli', from: /^src\//, to: /^cli\// },
    { rule: 'cli never imports src', from: /^cli\//, to: /^src\// },
    { rule: 'nobody imports tests', from: /./, to: /^tests\// },
    {
      rule: 'what is typed is understood without the rest of the program',
      from: /^cli\/input\//,
      to: /^(?!cli\/(input|terminal)\/)/,
    },
    {
      rule: 'the state knows what is typed and the types of the library, no screen and no network',
      from: /^cli\/state\//,
      to: /^(?!cli\/(state|input|terminal)\/|cli\/connection\/index\.ts$)/,
    },
    {
      rule: 'what draws knows the state and nothing that happens',
      from: /^cli\/ui\//,
      to: /^(?!cli\/(ui|state|terminal)\/|ink$|react$)/,
    },
    {
      rule: 'React and Ink draw, and nothing else',
      from: /^(?!cli\/(ui|app)\/|cli\/load\/live\/screen\.tsx$)/,
      to: /^(react|ink)$/,
    },
    {
      rule: 'what the load tester checks, it checks without a network',
      from: /^cli\/load\/checks\//,
      to: /^(?!cli\/load\/(checks\/|fault\.ts$|scenario\.ts$))/,
    },
    {
      rule: 'what tells of a load test knows nothing of how it is done',
      from: /^cli\/load\/(report|live)\//,
      to: /^cli\/(?!load\/(report|live)\/|load\/(fault|scenario)\.ts$|terminal\/)/,
    },
    {
      rule: 'generated code reaches what speaks to the network alone',
      from: /^(?!src\/wire\/|cli\/(connection|traces|load\/wire)\/)/,
      to: /^api\/gen\//,
    },
    {
      rule: 'grpc-js reaches what speaks to the network alone',
      from: /^(?!src\/wire\/|cli\/(connection|traces|load\/wire)\/)/,
      to: /^@grpc\//,
    },
  ];

  test.each(rules)('$rule', ({ from, to }) => {
    expect(between(from, to)).toEqual([]);
  });

  test('there are no cycles', () => {
    const next = Map.groupBy(
      imports.filter(({ to }) => files.includes(to)),
      ({ from }) => from,
    );
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]): string[] | undefined => {
      if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
      if (done.has(file)) return undefined;
      for (const { to } of next.get(file) ?? []) {
        const cycle = visit(to, [...path, file]);
        if (cycle !== undefined) return cycle;
      }
      done.add(file);
      return undefined;
    };
    expect(files.map((file) => visit(file, [])).find((cycle) => cycle !== undefined)).toBeUndefined();
  });
});

describe('the core', () => {
  const core = sourceFiles('src/core').map((file) => ({ file, source: readFileSync(resolve(ROOT, file), 'utf8') }));

  test.each(core)('$file reads no clock, starts no timer, does no I/O', ({ source }) => {
    const forbidden =
      /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Date\.now|new Date|performance\.|process\.|console\.|Math\.random)/;
    expect(forbidden.exec(source)?.[0]).toBeUndefined();
  });

  test('what it exists for can be read in one sitting: under 800 lines', () => {
    const four = ['room-log', 'fanout', 'outbox', 'session'].map((name) => `src/core/${name}.ts`);
    const lines = core.filter(({ file }) => four.includes(file)).map(({ source }) => source.split('\n').length);
    expect(lines).toHaveLength(4);
    expect(lines.reduce((sum, count) => sum + count)).toBeLessThan(800);
  });
});

describe('the state of the terminal client', () => {
  const files = ['cli/state', 'cli/input'].flatMap(sourceFiles);

  test.each(files)('%s reads no clock, starts no timer, does no I/O', (file) => {
    const source = readFileSync(resolve(ROOT, file), 'utf8');
    expect(
      /\b(setTimeout|setInterval|Date\.now|new Date\(\)|performance\.|process\.|Math\.random)/.exec(source),
    ).toBeNull();
    // Of the library it knows the types alone.
    expect(source).not.toMatch(/^import \{(?! type).*connection\/index\.ts/m);
  });

  test('no component is long', () => {
    for (const file of sourceFiles('cli/ui')) {
      expect(readFileSync(resolve(ROOT, file), 'utf8').split('\n').length).toBeLessThan(150);
    }
  });
});

test('the programs are the only readers of process', () => {
  const readers = sourceFiles('src').filter((file) => /\bprocess\./.test(readFileSync(resolve(ROOT, file), 'utf8')));
  expect(readers.toSorted()).toEqual(['src/healthcheck.ts', 'src/main.ts']);
});

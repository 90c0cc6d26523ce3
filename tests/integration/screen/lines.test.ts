import { expect, test } from 'vitest';
import { screenOf } from '../../support/screen-program.ts';
import { startServer } from '../../support/server.ts';

test.each([
  { how: '--plain', args: ['--plain'], env: {} },
  { how: 'TERM=dumb', args: [], env: { TERM: 'dumb' } },
])('with $how a terminal gets lines', async ({ args, env }) => {
  await using server = await startServer();
  await using ana = screenOf({ port: server.port, name: 'ana', args, env });
  await ana.shows('* in general as ana; nobody else is here.');
  ana.type('hello\r');
  await ana.shows('> hello');
  expect(ana.emulator.isAlternate).toBe(false);
  ana.type('/quit\r');
  expect(await ana.exit).toEqual({ code: 0, signal: null });
});

test('with --json it gets objects, without a question between them', async () => {
  await using server = await startServer();
  await using ana = screenOf({ port: server.port, name: 'ana', args: ['--json'], columns: 200 });
  await ana.shows('{"kind":"joined","room":"general"');
  ana.type('hello\r');
  await ana.shows('"content":"hello"');
  expect(ana.output).not.toContain('> ');
  ana.type('\u0004');
  expect(await ana.exit).toEqual({ code: 0, signal: null });
});

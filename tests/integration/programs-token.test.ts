import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { Program } from '../support/program.ts';
import { SECRET } from '../support/tokens.ts';

const VERSION: string = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8')).version;

/** A folder in which there is no `.env`, or this one. */
async function folder(env?: string) {
  const path = await mkdtemp(join(tmpdir(), 'chat-grpc-token-'));
  if (env !== undefined) await writeFile(join(path, '.env'), env);
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function run(args: readonly string[], { env, cwd }: { env?: Record<string, string>; cwd?: string } = {}) {
  await using empty = await folder();
  await using program = new Program('server', { args, cwd: cwd ?? empty.path, ...(env && { env }) });
  const exit = await program.exit;
  return { exit, stdout: program.stdout, stderr: program.stderr };
}

describe.concurrent('the words after chat-grpc', () => {
  test('token: prints it alone, whatever other settings are', async () => {
    const env = { CHAT_GRPC_AUTH_SECRET: SECRET, CHAT_GRPC_PORT: 'x' };
    expect(await run(['token', '--user', 'ana'], { env })).toEqual({
      exit: 0,
      stdout: expect.stringMatching(/^eyJ[\w.-]+\n$/),
      stderr: '',
    });
  });

  test('token: takes the secret of .env', async () => {
    await using here = await folder(`CHAT_GRPC_AUTH_SECRET="${SECRET}"\n`);
    const { exit, stdout } = await run(['token', '--user', 'ana'], { cwd: here.path });
    expect({ exit, stdout }).toEqual({ exit: 0, stdout: expect.stringMatching(/^eyJ/) });
  });

  test.each([
    { args: ['token', '--user', 'ana'], line: /^chat-grpc: there is nothing to sign with/ },
    { args: ['token'], line: /^chat-grpc: required option '--user <id>'/ },
    { args: ['frob'], line: /^chat-grpc: .*frob/ },
    { args: ['--frob'], line: /^chat-grpc: unknown option '--frob'/ },
    { args: ['token', '--frob'], line: /^chat-grpc: / },
  ])('$args: one line, and it ends with 2', async ({ args, line }) => {
    const { exit, stdout, stderr } = await run(args);
    expect({ exit, stdout }).toEqual({ exit: 2, stdout: '' });
    expect(stderr).toMatch(line);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  });

  test('token: settings that are wrong are named, and no secret', async () => {
    const { exit, stderr } = await run(['token', '--user', 'ana'], { env: { CHAT_GRPC_AUTH_SECRET: 'hidden' } });
    expect(exit).toBe(2);
    expect(stderr).toMatch(/^chat-grpc: settings are wrong:\n {2}CHAT_GRPC_AUTH_SECRET: must have/);
    expect(stderr).not.toContain('hidden');
  });

  test.each([
    { args: ['--help'], shows: '$ chat-grpc token --user ana' },
    { args: ['token', '--help'], shows: "--rooms 'team-*' --rooms news:join" },
    { args: ['--version'], shows: VERSION },
  ])('$args: shows "$shows"', async ({ args, shows }) => {
    const { exit, stdout, stderr } = await run(args);
    expect({ exit, stderr }).toEqual({ exit: 0, stderr: '' });
    expect(stdout).toContain(shows);
  });
});

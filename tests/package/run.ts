/**
 * `make package`: packs what was built, and is the first who installs it: its
 * programs, its library and the types of that, in a folder that has nothing else.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Program, portOf } from '../support/program.ts';
import { libraryUser } from './library-user.ts';
import { Steps } from './steps.ts';
import { lint, pack } from './tarball.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const LIBRARY_USER = 'library-user.ts';
const TYPES = ['--noEmit', '--strict', '--skipLibCheck', 'false', '--module', 'nodenext', '--target', 'es2024'];

const scratch = mkdtempSync(join(tmpdir(), 'chat-grpc-package-'));
const steps = new Steps();
/** Not by npx, which keeps signals to itself. */
const installed = (program: string, ...args: string[]) =>
  new Program([join(scratch, 'node_modules/.bin', program), ...args], { cwd: scratch, env: ENV });
const ENV = { CHAT_GRPC_PORT: '0' };

try {
  const tarball = await steps.take('the tarball holds what is needed and no more', () =>
    pack(ROOT, join(ROOT, 'dist')),
  );
  await steps.take('it is publint clean', () => lint(tarball));
  await steps.take('it can be installed', () => install(tarball));
  await steps.take('the client tells how it is used', helps);
  await using server = installed('chat-grpc');
  const port = await steps.take('the server listens', () => portOf(server));
  writeFileSync(join(scratch, LIBRARY_USER), libraryUser(port));
  await steps.take('the types of the library are whole', () =>
    run([join(ROOT, 'node_modules/.bin/tsc'), ...TYPES, LIBRARY_USER]),
  );
  await steps.take('the library hears what the client sends', () => hears(port));
  await steps.take('a scenario that is shipped loads the server', () => loads(port));
  await steps.take('the server ends when it is told to', () => ends(server));
  console.log(`\n  ${relative(process.cwd(), tarball)}: npm install takes its path in another folder\n`);
} catch (error) {
  console.log(error instanceof Error ? error.message : error);
} finally {
  rmSync(scratch, { recursive: true });
}
process.exitCode = steps.conclude();

function install(tarball: string): void {
  writeFileSync(join(scratch, 'package.json'), JSON.stringify({ private: true, type: 'module' }));
  run([
    'npm',
    'install',
    tarball,
    '--prefer-offline',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ]);
}

async function helps(): Promise<void> {
  await using client = installed('chat-client', '--help');
  await client.shows('Usage: chat-client');
  await endsWell(client);
}

async function hears(port: number): Promise<void> {
  await using user = new Program([process.execPath, LIBRARY_USER], { cwd: scratch });
  await user.shows('ana: hello');
  await using sender = installed('chat-client', 'send', ...['lobby', 'bye', '--port', `${port}`, '--name', 'bob']);
  await endsWell(sender);
  await user.shows('bob: bye');
  await endsWell(user);
}

async function loads(port: number): Promise<void> {
  const short = ['--clients', '5', '--duration', '500ms', '--warmup', '0s', '--port', `${port}`];
  await using tool = installed('chat-client', 'load', 'light-load', ...short);
  if ((await tool.exit) !== 0) throw new Error(tool.stdout + tool.stderr);
}

async function ends(server: Program): Promise<void> {
  server.signal('SIGTERM');
  await endsWell(server);
}

async function endsWell(program: Program): Promise<void> {
  const ending = await program.exit;
  if (ending !== 0) throw new Error(`it ended with ${ending}: ${program.stdout}${program.stderr}`);
}

function run(words: readonly string[]): void {
  const [command = '', ...rest] = words;
  const { status, stdout, stderr, error } = spawnSync(command, rest, { cwd: scratch, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${words.join(' ')}: ${stdout}${stderr}${error ?? ''}`);
}

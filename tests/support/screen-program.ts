import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerminalProgram } from './terminal.ts';

/** A folder for what programs leave to the next one. Removed with its scope. */
export function stateFolder(): { readonly env: { readonly XDG_STATE_HOME: string } } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'chat-client-'));
  return {
    env: { XDG_STATE_HOME: folder },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

interface ScreenOptions {
  readonly port: number;
  readonly name?: string;
  readonly room?: string;
  readonly args?: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** The full-screen client at a terminal. */
export function screenOf({
  port,
  name,
  room = 'general',
  args = [],
  env = {},
  ...size
}: ScreenOptions): TerminalProgram {
  const who = name === undefined ? [] : ['--name', name];
  return new TerminalProgram({
    args: ['join', ...who, '--room', room, ...args],
    // Where nothing can be kept: a test that wants it says so.
    env: { CHAT_GRPC_PORT: `${port}`, XDG_STATE_HOME: '/dev/null', ...env },
    ...size,
  });
}

/** In the room, with what the server knows of it on the screen. */
export async function entered(name: string, options: Omit<ScreenOptions, 'name'>): Promise<TerminalProgram> {
  const screen = screenOf({ ...options, name });
  try {
    await screen.shows(/Welcome to .+, /);
    await screen.shows(/^─ connected · /m);
  } catch (error) {
    await screen[Symbol.asyncDispose]();
    throw error;
  }
  return screen;
}

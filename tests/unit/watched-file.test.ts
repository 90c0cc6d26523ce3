import { mkdir, mkdtemp, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { WatchedFile, WatchedFileError } from '../../src/watched-file.ts';

let folder: string;
let path: string;
let warnings: string[];
let opened: WatchedFile[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'chat-grpc-watched-'));
  path = join(folder, 'list.txt');
  warnings = [];
  opened = [];
  await writeFile(path, 'old');
});

afterEach(async () => {
  for (const file of opened) file.close();
  await rm(folder, { recursive: true });
});

async function watch(options: { readonly path?: string; readonly maxBytes?: number } = {}) {
  const { path: at = path, ...rest } = options;
  const file = await WatchedFile.open(at, { everyMs: 2, failed: (reason) => warnings.push(reason), ...rest });
  opened.push(file);
  const taken: string[] = [];
  file.onChange((content) => taken.push(content.toString()));
  return { file, taken };
}

describe('a watched file', () => {
  test('has its content when it is open', async () => {
    const { file } = await watch();
    expect(file.content.toString()).toBe('old');
    expect(file.path).toBe(path);
  });

  test('tells of another content, and has it', async () => {
    const { file, taken } = await watch();
    await writeFile(path, 'new');
    await vi.waitFor(() => expect(taken).toEqual(['new']));
    expect(file.content.toString()).toBe('new');
  });

  test('may be replaced by renaming', async () => {
    const { taken } = await watch();
    await writeFile(join(folder, 'next'), 'new');
    await rename(join(folder, 'next'), path);
    await vi.waitFor(() => expect(taken).toEqual(['new']));
  });

  test('may lie behind a link to a folder that another takes the place of', async () => {
    for (const version of ['1', '2']) {
      await mkdir(join(folder, version));
      await writeFile(join(folder, version, 'key'), version);
    }
    await symlink('1', join(folder, 'current'));
    const { file, taken } = await watch({ path: join(folder, 'current', 'key') });
    expect(file.content.toString()).toBe('1');
    await symlink('2', join(folder, 'next'));
    await rename(join(folder, 'next'), join(folder, 'current'));
    await vi.waitFor(() => expect(taken).toEqual(['2']));
  });

  test('is read although its time was set back', async () => {
    const sameTime = new Date(2020, 1, 1);
    await utimes(path, sameTime, sameTime);
    const { taken } = await watch();
    await writeFile(path, 'new');
    await utimes(path, sameTime, sameTime);
    await vi.waitFor(() => expect(taken).toEqual(['new']));
  });

  test('tells nothing when it is written again as it was', async () => {
    const { taken } = await watch();
    // By renaming: one that is written in place is empty for a moment.
    for (const content of ['old', 'old', 'new']) {
      await writeFile(join(folder, 'next'), content);
      await rename(join(folder, 'next'), path);
    }
    await vi.waitFor(() => expect(taken).toEqual(['new']));
  });

  test('keeps its content while it is gone, says so once, and goes on when it is back', async () => {
    const { file, taken } = await watch();
    await rm(path);
    await vi.waitFor(() => expect(warnings).toEqual([`cannot read ${path}: there is no such file`]));
    expect(file.content.toString()).toBe('old');
    await writeFile(path, 'back');
    await vi.waitFor(() => expect(taken).toEqual(['back']));
    expect(warnings).toHaveLength(1);
    await rm(path);
    await vi.waitFor(() => expect(warnings).toHaveLength(2));
  });

  test('keeps its content when it grows beyond all bounds', async () => {
    const { file } = await watch({ maxBytes: 1000 });
    await truncate(path, 1001);
    await vi.waitFor(() => expect(warnings).toEqual([`cannot read ${path}: it is larger than 1000 bytes`]));
    expect(file.content.toString()).toBe('old');
  });

  test('may be as large as is allowed', async () => {
    await truncate(path, 1000);
    const { file } = await watch({ maxBytes: 1000 });
    expect(file.content).toHaveLength(1000);
  });

  test('calls nobody back once it is closed', async () => {
    const { file, taken } = await watch();
    const other = await watch();
    file.close();
    await writeFile(path, 'new');
    await vi.waitFor(() => expect(other.taken).toEqual(['new']));
    expect(taken).toEqual([]);
  });

  interface Case {
    readonly what: string;
    readonly at: () => string;
    readonly why: string;
  }

  test.each<Case>([
    { what: 'one that is not there', at: () => join(folder, 'none'), why: 'there is no such file' },
    { what: 'a folder', at: () => folder, why: 'it is no regular file' },
    { what: 'a device', at: () => '/dev/zero', why: 'it is no regular file' },
  ])('$what cannot be opened', async ({ at, why }) => {
    const error = await watch({ path: at() }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WatchedFileError);
    expect(error).toMatchObject({ message: `cannot read ${at()}: ${why}` });
  });

  test('one that is too large cannot be opened', async () => {
    await expect(watch({ maxBytes: 2 })).rejects.toThrow(`cannot read ${path}: it is larger than 2 bytes`);
  });
});

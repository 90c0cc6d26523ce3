import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { Report } from '../../cli/load/report/report.ts';
import { freePort, Program } from '../support/program.ts';

const program = (name: string) => join(import.meta.dirname, '../bench', name);

test('the load tester of the WebSocket server comes, hears everything in order, and goes', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-ws-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const json = join(folder, 'report.json');
  const port = String(await freePort());
  await using server = new Program([process.execPath, program('ws-server.ts')], { args: [port] });
  await server.shows('"listening"');
  const people = ['--clients', '12', '--rooms', '3', '--senders', '2', '--rate', '20', '--basic', '--workers', '1'];
  const time = ['--duration', '500ms', '--warmup', '0s', '--port', port, '--server-pid', String(server.pid)];
  await using tool = new Program([process.execPath, program('ws-load.ts')], {
    args: [...people, ...time, '--json', json],
  });
  expect(await tool.exit, tool.stderr).toBe(0);
  const { verdict, counts, errors, serverProcess }: Report = JSON.parse(readFileSync(json, 'utf8'));
  expect(counts).toMatchObject({ seated: 12, clients: 12 });
  expect(counts.posts).toBeGreaterThan(0);
  expect(counts.deliveries).toBeGreaterThan(0);
  expect(verdict.expectations.filter(({ holds }) => !holds)).toEqual([]);
  expect(errors).toEqual([]);
  expect(serverProcess?.pid).toBe(server.pid);
});

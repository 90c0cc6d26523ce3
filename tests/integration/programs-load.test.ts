import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Report } from '../../cli/load/report/report.ts';
import { freePort, Program } from '../support/program.ts';
import { startServer } from '../support/server.ts';

const SHORT = ['--clients', '12', '--rooms', '3', '--duration', '1s', '--warmup', '0s'];

function load(port: number, ...args: string[]): Program {
  return new Program('client', { args: ['load', '--port', `${port}`, ...args] });
}

describe.concurrent('chat-client load', () => {
  test('tells how it goes, a line at a time, and then all that there is to tell', async () => {
    const server = await startServer();
    await using tool = load(server.port, ...SHORT, '--rate', '10', '--server-pid', `${process.pid}`);
    expect(await tool.exit).toBe(0);
    const lines = tool.lines;
    expect(
      lines.filter((line) => /^00:\d\d [a-z ]+ \d+ seated .*faults 0 +errors 0/.test(line)).length,
    ).toBeGreaterThan(0);
    expect(tool.stdout).toMatch(/^again +chat-client load --host 127\.0\.0\.1 .*--seed 1$/m);
    expect(tool.stdout).toMatch(/^tool .* lag behind its schedule/ms);
    expect(tool.stdout).toMatch(/^server +process \d+ · [\d.]+ cores · [\d.,]+ µs a delivery/m);
    expect(tool.stdout).toMatch(/^post to delivery +\d+ /m);
    expect(lines.at(-1)).toMatch(/^✓ holds /);
    for (const none of ['\u001b', 'NaN', 'undefined']) expect(tool.stdout).not.toContain(none);
    // Everybody has left: nobody waits for them to come back.
    expect(server.sessions.size).toBe(0);
    await server.stop();
  });

  test('writes the report as JSON and as a page', async () => {
    const server = await startServer();
    const folder = mkdtempSync(join(tmpdir(), 'chat-grpc-load-'));
    const [json, html] = ['report.json', 'report.html'].map((name) => join(folder, name));
    await using tool = load(
      server.port,
      ...SHORT,
      '--json',
      `${json}`,
      '--html',
      `${html}`,
      '--payload',
      '20:90',
      '--workers',
      '2',
    );
    expect(await tool.exit).toBe(0);
    const report: Report = JSON.parse(readFileSync(`${json}`, 'utf8'));
    expect(report).toMatchObject({ format: 1, counts: { clients: 12, seated: 12 }, verdict: { holds: true } });
    // 3 rooms of 4; nothing that was due is forgotten at either end.
    expect(report.latencies.map(({ name, count }) => [name, count])).toEqual([
      ['delivery', 12],
      ['ack', 3],
      ['join', 12],
      ['reconnect', 0],
    ]);
    expect(readFileSync(`${html}`, 'utf8')).toContain('<!doctype html>');
    await server.stop();
  });

  test('what was expected and is not so ends with 1', async () => {
    const server = await startServer();
    await using tool = load(server.port, ...SHORT, '--expect', 'deliveries>1000', '--expect', 'max<1h', '--json', '-');
    expect(await tool.exit).toBe(64);
    expect(tool.stderr).toContain("--expect 'max<1h': needs us, ms or s");
    await using broken = load(server.port, ...SHORT, '--expect', 'deliveries>1000', '--json', '-');
    expect(await broken.exit).toBe(1);
    expect(JSON.parse(broken.stdout).verdict).toMatchObject({
      holds: false,
      expectations: expect.arrayContaining([{ text: 'deliveries>1000', actual: '12', holds: false }]),
    });
    await server.stop();
  });

  test('more than the server allows is refused before anybody comes, with the setting to change', async () => {
    const server = await startServer({ CHAT_GRPC_RATE_LIMIT: '20' });
    await using tool = load(server.port, ...SHORT, '--rate', '50', '--payload', '9000');
    expect(await tool.exit).toBe(64);
    expect(tool.stderr).toMatch(/CHAT_GRPC_RATE_LIMIT/);
    expect(tool.stderr).toMatch(/CHAT_GRPC_MAX_CONTENT_BYTES/);
    expect(tool.stdout).toBe('');
    await server.stop();
  });

  test('what the server refuses has its reason and what can be done', async () => {
    const server = await startServer({ CHAT_GRPC_MAX_MEMBERS_PER_ROOM: '2' });
    await using tool = load(server.port, ...SHORT);
    expect(await tool.exit).toBe(1);
    expect(tool.stdout).toMatch(/ 6 +room_full\n +raise CHAT_GRPC_MAX_MEMBERS_PER_ROOM/i);
    expect(tool.stdout).toMatch(/✗ broken +unseated==0 +found 6/);
    await server.stop();
  });

  test.each(['full', 'basic'])('without a server ends with 69: %s clients', async (kind) => {
    const port = await freePort();
    await using tool = load(port, ...SHORT, ...(kind === 'basic' ? ['--basic'] : []));
    expect(await tool.exit).toBe(69);
    expect(tool.stderr).toContain(`127.0.0.1:${port}`);
  });

  test('told to stop, it stops early with a full report', async () => {
    const server = await startServer();
    await using tool = load(server.port, ...SHORT, '--duration', '1h');
    await tool.shows(' measuring ');
    tool.signal('SIGINT');
    expect(await tool.exit).toBe(0);
    expect(tool.stdout).toMatch(/ended early/i);
    expect(tool.lines.at(-1)).toMatch(/^✓ holds /);
    expect(server.sessions.size).toBe(0);
    await server.stop();
  });

  test('told to stop before anything was measured, it comes to no verdict', async () => {
    const server = await startServer();
    await using tool = load(server.port, ...SHORT, '--join-rate', '1', '--clients', '500');
    await tool.shows(' joining ');
    tool.signal('SIGINT');
    expect(await tool.exit).toBe(130);
    expect(tool.stdout).toMatch(/ended early/i);
    expect(server.sessions.size).toBe(0);
    await server.stop();
  });

  test('many who come and go, so that the server folds it, and a log so short that there are gaps', async () => {
    const server = await startServer({
      ...{ CHAT_GRPC_RATE_LIMIT: '0', CHAT_GRPC_FOLD_ABOVE: '1' },
      ...{ CHAT_GRPC_ROOM_HISTORY_BYTES: '4KiB', CHAT_GRPC_HISTORY_BYTES: '1MiB' },
    });
    const flags = ['--window', '32', '--senders', '3', '--payload', '400', '--churn', '15', '--reconnect', '15'];
    await using tool = load(server.port, ...SHORT, ...flags, '--duration', '2s', '--json', '-');
    await tool.exit;
    const { faults, counts, errors, points }: Report = JSON.parse(tool.stdout);
    expect({ faults: faults.filter(({ count }) => count > 0), errors }).toEqual({ faults: [], errors: [] });
    expect(counts.gapsTold).toBeGreaterThan(0);
    // Whoever left speaks again.
    expect(points.findLast(({ phase }) => phase === 'measuring')?.posts).toBeGreaterThan(100);
    await server.stop();
  });

  test('who leaves, who is cut and who reads badly misses nothing in silence', async () => {
    const server = await startServer({ CHAT_GRPC_RATE_LIMIT: '0' });
    const mischief = ['--churn', '20', '--reconnect', '20', '--slow', '2', '--frozen', '1', '--senders', '2'];
    await using tool = load(server.port, ...SHORT, '--clients', '30', '--rate', '20', ...mischief, '--json', '-');
    expect(await tool.exit).toBe(0);
    const { counts, faults }: Report = JSON.parse(tool.stdout);
    expect(faults.filter(({ count }) => count > 0)).toEqual([]);
    expect(counts.churned).toBeGreaterThan(5);
    expect(counts.cut).toBeGreaterThan(5);
    expect(counts.resumed).toBe(counts.cut);
    await server.stop();
  });

  test('basic clients on shared transports', async () => {
    const server = await startServer();
    await using tool = load(server.port, ...SHORT, '--basic', '--streams-per-connection', '6', '--json', '-');
    expect(await tool.exit).toBe(0);
    const { counts, latencies }: Report = JSON.parse(tool.stdout);
    expect(counts).toMatchObject({ seated: 12, acked: 0, posts: 3, deliveries: 12 });
    expect(latencies[0]).toMatchObject({ name: 'delivery', count: 12 });
    await server.stop();
  });
});

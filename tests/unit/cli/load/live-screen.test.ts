import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import type { ReadStream, WriteStream } from 'node:tty';
import { expect, test, vi } from 'vitest';
import { showLive } from '../../../../cli/load/live/screen.tsx';
import { Emulator } from '../../../support/emulator.ts';
import { sampleFaults, sampleProgress } from '../../../support/sample-progress.ts';

/** A terminal in its usual mode, and what is shown on it. */
function atTerminal({ columns = 80, rows = 24, colours = false } = {}) {
  const emulator = new Emulator({ columns, rows });
  let shown = Promise.resolve();
  let output = '';
  const write = (chunk: Buffer, _: unknown, done: () => void) => {
    output += chunk;
    // As the driver of a terminal does.
    shown = emulator.write(chunk.toString().replaceAll('\n', '\r\n'));
    done();
  };
  const stream = Object.assign(new Writable({ write }), { columns, rows, isTTY: true });
  const touched: string[] = [];
  const input = Object.assign(new EventEmitter(), {
    isTTY: true,
    setRawMode: () => touched.push('raw mode'),
    resume: () => touched.push('resumed'),
    read: () => touched.push('read'),
  });
  const live = showLive({
    output: stream as unknown as WriteStream,
    input: input as unknown as ReadStream,
    colours,
  });
  return {
    ...{ emulator, live, touched, input },
    output: () => output,
    resize: (columns: number, rows: number) => {
      emulator.resize(columns, rows);
      Object.assign(stream, { columns, rows }).emit('resize');
    },
    /** Settled when this is in the first row: the picture is drawn from the top. */
    headed: (text: string) => vi.waitFor(() => expect(emulator.rows[0]).toContain(text)),
    /** Settled when all that was written is on the screen; closing writes at once. */
    shown: () => shown,
  };
}

test('what is drawn is seen, the next one too, and closing gives the terminal back', async () => {
  const { emulator, live, headed, shown } = atTerminal();
  await emulator.write('$ chat-client load\r\n');
  live.draw(sampleProgress(54));
  await headed('00:54');
  expect(emulator.isAlternate).toBe(true);
  live.draw(sampleProgress(55));
  await headed('00:55');
  await shown();
  expect(emulator.rows[23]).toBe('Ctrl+C ends the run early with a full report');
  live.close();
  await shown();
  expect(emulator.isAlternate).toBe(false);
  expect(emulator.isCursorVisible).toBe(true);
  expect(emulator.modes.autowrap).toBe(true);
  expect(emulator.scrollback).toBe('$ chat-client load');
  expect(emulator.cursor).toEqual({ x: 0, y: 1 });
});

test('closing twice, or before anything was drawn, writes nothing', async () => {
  const { live, output, headed, shown } = atTerminal();
  live.close();
  expect(output()).toBe('');
  live.draw(sampleProgress(55));
  await headed('00:55');
  live.close();
  await shown();
  const before = output();
  live.close();
  await shown();
  expect(output()).toBe(before);
});

test('the terminal stays in its usual mode, and nothing is read from it', async () => {
  const { live, touched, input, headed, shown } = atTerminal();
  live.draw(sampleProgress(55));
  await headed('00:55');
  live.close();
  await shown();
  expect(touched).toEqual([]);
  expect(input.eventNames()).toEqual([]);
});

test('what somebody types into the picture is gone with the next one', async () => {
  const { emulator, live, headed, shown } = atTerminal();
  live.draw(sampleProgress(54));
  await headed('00:54');
  await shown();
  const whole = emulator.rows.slice(1, 3);
  await emulator.write('typed\r\nahead');
  live.draw(sampleProgress(55));
  await headed('00:55');
  await shown();
  expect(emulator.rows.join('\n')).not.toMatch(/typed|ahead/);
  expect(emulator.rows[2]).toBe(whole[1]);
  live.close();
});

test.each([
  [60, 20],
  [120, 40],
  [40, 12],
])('a terminal that becomes %i×%i shows the same run at once', async (columns, rows) => {
  const { emulator, live, resize, headed, shown } = atTerminal();
  live.draw(sampleProgress(55, { faults: sampleFaults() }));
  await headed('00:55');
  resize(columns, rows);
  await vi.waitFor(async () => {
    await shown();
    // The emulator keeps what was to the right of a screen that became narrower.
    const seen = emulator.rows.map((row) => row.slice(0, columns));
    expect(seen[0]).toMatch(/^measuring .*00:55$/);
    expect(seen[rows - 1]).toMatch(/^Ctrl\+C ends the run early/);
    expect(seen.filter((row) => row.includes('7 lost'))).toHaveLength(1);
  });
  live.close();
});

test('with colours it is the same text', async () => {
  const [plain, coloured] = [atTerminal(), atTerminal({ colours: true })];
  for (const { live, headed, shown } of [plain, coloured]) {
    live.draw(sampleProgress(55, { faults: sampleFaults() }));
    await headed('00:55');
    await shown();
  }
  expect(coloured.emulator.rows).toEqual(plain.emulator.rows);
  expect(coloured.output()).toContain('\u001b[38;5;161m7 lost');
  expect(plain.output()).not.toContain('38;5');
  for (const { live } of [plain, coloured]) live.close();
});

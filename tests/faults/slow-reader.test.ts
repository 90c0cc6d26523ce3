import { constants } from 'node:http2';
import { describe, expect, test } from 'vitest';
import { Member_State } from '../../api/gen/chat/v1/chat.ts';
import { envelope, hello, history } from '../support/envelopes.ts';
import { Program } from '../support/program.ts';
import { ByteReader } from './support/byte-reader.ts';
import { Ledger } from './support/ledger.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike, hearsLeaveOf, leavesOf } from './support/told-alike.ts';

const ROOM = 'lobby';
const CONTENT = 'x'.repeat(2000);
/** What one write holds at most: the contract's bound of a ServerEvent. */
const WRITE_BYTES = 64 * 1024;
const CUT_SOON = { STUCK_WRITE_TIMEOUT: '700ms', RESUME_GRACE: '1500ms' };

/** Two who read all, one of whom speaks. */
async function readers(server: ServerProcess) {
  return [
    await LiveClient.enter(server.port, 'speaker', [ROOM]),
    await LiveClient.enter(server.port, 'witness', [ROOM]),
  ] as const;
}

/** Says so many things, and returns the last one's seq when everybody in `heard` was told. */
async function talk(speaker: LiveClient, count: number, heard: readonly LiveClient[]): Promise<number> {
  let head = 0;
  for (let i = 0; i < count; i++) head = await speaker.say(ROOM, `${i} ${CONTENT}`);
  for (const one of heard) await one.reaches(ROOM, head);
  return head;
}

/** A member that has read its JoinAck and from then on reads what the test allows; its window holds `windowBytes`. */
async function hardlyReading(port: number, userId: string, windowBytes: number) {
  const reader = await ByteReader.open(port, windowBytes);
  reader.send(hello(userId), envelope(1, { 2: ROOM }));
  await reader.until(() => reader.told.find(({ $case }) => $case === 'joined'));
  const ledger = new Ledger(ROOM, () => {});
  const noted = () => {
    for (const event of reader.told.splice(0)) ledger.take(event);
    return ledger;
  };
  noted();
  return { reader, noted, [Symbol.dispose]: () => reader.end() };
}

describe('a reader that stops', () => {
  test('24 while it answers PINGs: it is cut, its seat ends as slow_consumer after the grace, the others miss nothing', async () => {
    await using server = await ServerProcess.start(CUT_SOON);
    const [speaker, witness] = await readers(server);
    using stuck = await hardlyReading(server.port, 'stuck', 4096);
    const stuckAtMs = Date.now();
    await talk(speaker, 10, [speaker, witness]);
    // Its window is full: what the server has begun to write does not get out.
    await stuck.reader.until(() => (stuck.reader.read === 4096 ? true : undefined));

    await server.hasClosed('slow_consumer');
    expect(await stuck.reader.until(() => stuck.reader.resetCode)).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    expect(stuck.noted().violations).toEqual([]);
    expect((await witness.states(ROOM)).get('stuck')).toBe(Member_State.DETACHED);
    const leave = await hearsLeaveOf(witness, 'stuck');
    expect(leave.reason).toBe('SLOW_CONSUMER');
    expect(leave.at).toBeGreaterThanOrEqual(stuckAtMs + 700 + 1500);
    const head = await talk(speaker, 1, [speaker, witness]);
    expect(head).toBe(leave.seq + 1);
    expect([leavesOf(speaker, 'stuck'), leavesOf(witness, 'stuck')]).toEqual([[leave], [leave]]);
    expectToldAlike([speaker, witness], ROOM, head);
    expect(server.closed).toEqual(['slow_consumer']);
  });

  test('24 because its process is frozen: the same', async () => {
    await using server = await ServerProcess.start(CUT_SOON);
    const [speaker, witness] = await readers(server);
    await using frozen = new Program('member', { args: [`${server.port}`, 'frozen', ROOM] });
    await frozen.shows('seated');
    frozen.signal('SIGSTOP');
    // Beyond the window of 64 KiB, which nobody opens again.
    await talk(speaker, 60, [speaker, witness]);
    await server.hasClosed('slow_consumer');
    const leave = await hearsLeaveOf(witness, 'frozen');
    expect(leave.reason).toBe('SLOW_CONSUMER');
    const head = await talk(speaker, 1, [speaker, witness]);
    expect(leavesOf(witness, 'frozen')).toEqual([leave]);
    expectToldAlike([speaker, witness], ROOM, head);

    frozen.signal('SIGCONT');
    await frozen.shows('"ended"');
    const [{ told, violations }, { ended }] = frozen.lines.slice(-2).map((line) => JSON.parse(line));
    expect(violations).toEqual([]);
    expect(told.length).toBeLessThan(61);
    expect(ended.resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
  });

  test('24 and comes back within the grace: it gets what it missed, without gap or double', async () => {
    await using server = await ServerProcess.start({ ...CUT_SOON, RESUME_GRACE: '1h' });
    const [speaker, witness] = await readers(server);
    const stuck = await LiveClient.enter(server.port, 'stuck', [ROOM], { windowBytes: 4096 });
    stuck.pause();
    await talk(speaker, 100, [speaker, witness]);
    await server.hasClosed('slow_consumer');
    const back = await stuck.comeBack(server.port);
    const head = await talk(speaker, 1, [speaker, witness, back]);

    expect(back.ledger(ROOM).recovered).toEqual([false, true]);
    expectToldAlike([speaker, witness, back], ROOM, head);
    expect(leavesOf(witness, 'stuck')).toEqual([]);
  });
});

describe('a reader that hardly reads', () => {
  test('25 a byte at a time: it costs one write and is cut, and nobody else notices', async () => {
    await using server = await ServerProcess.start(CUT_SOON);
    const [speaker, witness] = await readers(server);
    using slow = await hardlyReading(server.port, 'slow', 2048);
    const trickle = setInterval(() => slow.reader.allow(1), 100);
    await talk(speaker, 40, [speaker, witness]);
    const resetCode = await slow.reader.until(() => slow.reader.resetCode);
    clearInterval(trickle);

    expect(resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    await server.hasClosed('slow_consumer');
    expect(slow.noted().violations).toEqual([]);
    const leave = await hearsLeaveOf(witness, 'slow');
    expect(leave.reason).toBe('SLOW_CONSUMER');
    const head = await talk(speaker, 1, [speaker, witness]);
    expect(leavesOf(witness, 'slow')).toEqual([leave]);
    expectToldAlike([speaker, witness], ROOM, head);
  });

  test('25 a little at a time: it costs one write, and a gap names exactly what it was too slow for', async () => {
    await using server = await ServerProcess.start({ ROOM_HISTORY_BYTES: '64KiB', STUCK_WRITE_TIMEOUT: '1h' });
    const [speaker, witness] = await readers(server);
    using slow = await hardlyReading(server.port, 'slow', 2048);
    // Three times what the log holds, while the first write is unfinished.
    const head = await talk(speaker, 100, [speaker, witness]);
    expect(slow.reader.read).toBe(2048);
    let readAtGap: number | undefined;
    while (slow.noted().at < head) {
      const { read } = slow.reader;
      slow.reader.allow(500);
      await slow.reader.until(() => (slow.reader.read > read ? true : undefined));
      if (slow.noted().gaps.length > 0) readAtGap ??= slow.reader.read;
    }

    const { violations, gaps, at } = slow.noted();
    expect({ violations, at, gaps: gaps.length }).toEqual({ violations: [], at: head, gaps: 1 });
    // Before the gap came the one write that it had cost.
    expect(readAtGap).toBeLessThan(2048 + WRITE_BYTES);
    // What the gap names is gone for everyone, and only that.
    const beforeSeq = (gaps[0]?.to ?? 0) + 1;
    witness.send(
      history(ROOM, { beforeSeq, requestId: 'gap' }),
      history(ROOM, { beforeSeq: beforeSeq + 1, limit: 1, requestId: 'kept' }),
    );
    expect(await witness.hear('history')).toMatchObject({ requestId: 'gap', events: [], hasMore: false });
    expect((await witness.hear('history')).events).toHaveLength(1);
    expectToldAlike([speaker, witness], ROOM, head);
    expect(server.closed).toEqual([]);
  });
});

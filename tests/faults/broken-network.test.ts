import { describe, expect, test, vi } from 'vitest';
import { connect } from '../../cli/connection/index.ts';
import { chat } from '../support/envelopes.ts';
import { type Passage, TcpProxy } from '../support/tcp-proxy.ts';
import { LiveClient } from './support/live-client.ts';
import { ServerProcess } from './support/server-process.ts';
import { expectToldAlike, leavesOf } from './support/told-alike.ts';

const ROOM = 'lobby';
/** Of about 130 bytes on the wire each: a burst of them is told in batches of up to 64 KiB. */
const BURST = 400;

/** So many messages in one write; settled when the speaker was told of all of them. */
async function burst(speaker: LiveClient, words: string): Promise<number> {
  const count = speaker.all('broadcast').length + BURST;
  speaker.send(...Array.from({ length: BURST }, (_, i) => chat(ROOM, `${words} ${i} ${'x'.repeat(80)}`)));
  const last = await speaker.until(() => speaker.all('broadcast')[count - 1]);
  await speaker.reaches(ROOM, Number(last.seq));
  return Number(last.seq);
}

describe('a network that breaks', () => {
  test.each<{ readonly name: string; readonly passage: Passage }>([
    { name: 'as it is', passage: {} },
    { name: 'in small pieces', passage: { pieceBytes: 100 } },
    { name: 'late', passage: { delayMs: 5 } },
  ])('28 in the middle of a batch and heals: no gap, no double ($name)', async ({ passage }) => {
    await using server = await ServerProcess.start({ RESUME_GRACE: '1h' });
    await using proxy = await TcpProxy.to(server.port, passage);
    const speaker = await LiveClient.enter(server.port, 'speaker', [ROOM]);
    let ana = await LiveClient.enter(proxy.port, 'ana', [ROOM]);
    let midBatch = 0;
    for (const afterBytes of [1, 10, 777, 16_000, 30_000, 50_000]) {
      const cut = proxy.cutAfter(afterBytes);
      await burst(speaker, `cut after ${afterBytes}`);
      await cut;
      await ana.ended;
      if (ana.isMidMessage) midBatch += 1;
      ana = await ana.comeBack(proxy.port);
    }
    const head = await burst(speaker, 'healed');
    await ana.reaches(ROOM, head);

    // Most cuts were within a message indeed, the one after a byte within the frame around it.
    expect(midBatch).toBeGreaterThanOrEqual(4);
    expect(ana.ledger(ROOM).recovered).toEqual([false, true, true, true, true, true, true]);
    expectToldAlike([speaker, ana], ROOM, head);
    expect(ana.log(ROOM).size).toBe(7 * BURST);
    expect(leavesOf(speaker, 'ana')).toEqual([]);
  });

  test('28 and takes posts with it: sent again with their message ids, each stands there once', async () => {
    await using server = await ServerProcess.start({ RESUME_GRACE: '1h' });
    await using proxy = await TcpProxy.to(server.port);
    const witness = await LiveClient.enter(server.port, 'witness', [ROOM]);
    let ana = await LiveClient.enter(proxy.port, 'ana', [ROOM]);
    const posts = (requestId: string) =>
      Array.from({ length: 100 }, (_, i) =>
        chat(ROOM, `post ${i}`, { messageId: `m${i}`, requestId: `${requestId}-${i}` }),
      );
    const cut = proxy.cutAfter(3000, 'up');
    ana.send(...posts('first'));
    await cut;
    await ana.ended;
    ana = await ana.comeBack(proxy.port);
    ana.send(...posts('again'));
    const acks = await ana.until(() => (ana.all('ack').length === 100 ? ana.all('ack') : undefined));
    const head = Math.max(...acks.map(({ seq }) => Number(seq)));
    for (const one of [ana, witness]) await one.reaches(ROOM, head);

    // Some had come through and some had not.
    const duplicates = acks.filter(({ duplicate }) => duplicate).length;
    expect(duplicates).toBeGreaterThan(0);
    expect(duplicates).toBeLessThan(100);
    const said = acks.map(({ seq }, i) => [Number(seq), `ana said post ${i} (m${i})`]);
    expect([...witness.log(ROOM)].filter(([, what]) => what.startsWith('ana said'))).toEqual(said);
    expectToldAlike([ana, witness], ROOM, head);
  });

  test('28 without a word: the session goes on elsewhere, and the old stream ends as replaced', async () => {
    await using server = await ServerProcess.start({ RESUME_GRACE: '1h' });
    await using proxy = await TcpProxy.to(server.port);
    const speaker = await LiveClient.enter(server.port, 'speaker', [ROOM]);
    const old = await LiveClient.enter(proxy.port, 'ana', [ROOM]);
    proxy.stall();
    await burst(speaker, 'into the void');
    const ana = await old.comeBack(server.port);
    const head = await burst(speaker, 'to the new stream');
    await ana.reaches(ROOM, head);
    proxy.flow();

    // What the network had kept arrives on the old stream after all; a reset, where a write was unfinished.
    const { status, resetCode } = await old.ended;
    expect(status ?? resetCode).toBeGreaterThan(0);
    await server.hasClosed('replaced');
    expect(ana.ledger(ROOM).recovered).toEqual([false, true]);
    expectToldAlike([speaker, ana], ROOM, head);
    expect(leavesOf(speaker, 'ana')).toEqual([]);
  });

  test('28 more often than the server has sessions: who comes back takes no place of another', async () => {
    await using server = await ServerProcess.start({ RESUME_GRACE: '1h', MAX_SESSIONS: '5' });
    let ana = await LiveClient.enter(server.port, 'ana', [ROOM]);
    for (let i = 0; i < 20; i++) {
      ana.destroySocket();
      await ana.ended;
      ana = await ana.comeBack(server.port);
    }
    const head = await ana.say(ROOM, 'here I am');
    await ana.reaches(ROOM, head);
    expectToldAlike([ana], ROOM, head);
  });

  test('28 again and again: the client library comes back, and its posts stand there once each', async () => {
    await using server = await ServerProcess.start({ RESUME_GRACE: '1h' });
    await using proxy = await TcpProxy.to(server.port);
    const witness = await LiveClient.enter(server.port, 'witness', [ROOM]);
    const chats = await connect({ port: proxy.port, userId: 'ana' });
    const { position } = await chats.join(ROOM);
    const seqs: number[] = [];
    const others: string[] = [];
    const listening = (async () => {
      for await (const event of chats.events) {
        if (event.kind === 'message' || event.kind === 'member_joined') seqs.push(Number(event.seq));
        else others.push(event.kind);
      }
    })();
    const posted: number[] = [];
    for (let round = 0; round < 4; round++) {
      const cut = round % 2 === 0 ? proxy.cutAfter(700) : proxy.cutAfter(700, 'up');
      const acks = Array.from({ length: 20 }, (_, i) => chats.post(ROOM, `post ${round} ${i}`));
      await cut;
      for (const ack of acks) posted.push(Number((await ack).seq));
    }
    const head = Math.max(...posted);
    await witness.reaches(ROOM, head);
    await vi.waitFor(() => expect(seqs.at(-1)).toBe(head), 20_000);
    await chats.close();
    await listening;

    expect(seqs).toEqual(Array.from({ length: head - Number(position.seq) }, (_, i) => Number(position.seq) + 1 + i));
    expect(posted).toEqual([...posted].sort((a, b) => a - b));
    expect([...witness.log(ROOM)].filter(([, what]) => what.startsWith('ana said')).map(([seq]) => seq)).toEqual(
      posted,
    );
    expect(others.filter((kind) => kind !== 'recovered')).toEqual([]);
    expect(others.length).toBeGreaterThanOrEqual(4);
    expect(leavesOf(witness, 'ana').filter(({ reason }) => reason !== 'LEFT')).toEqual([]);
  });
});

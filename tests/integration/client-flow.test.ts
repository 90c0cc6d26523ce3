import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test, vi } from 'vitest';
import type { ChatConnection, ChatEvent } from '../../cli/connection/index.ts';
import { allOf } from '../support/all-of.ts';
import { startServer, type TestClient } from '../support/server.ts';

type Server = Awaited<ReturnType<typeof startServer>>;

const CONTENT = 'x'.repeat(100);

/** Has `poster` say so much that everyone in the room is owed it; settled when the server took it all. */
async function flood(poster: ChatConnection, room: string, messages: number): Promise<void> {
  const draining = allOf(poster.events);
  for (let said = 0; said < messages; said += 200) {
    await Promise.all(Array.from({ length: Math.min(200, messages - said) }, () => poster.post(room, CONTENT)));
  }
  await poster.close();
  await draining;
}

/** Events that the server has not got rid of yet to whoever is connected. */
function owedBy(server: Server): number {
  return [...server.grpc.connections].reduce((sum, { session }) => sum + session.outbox.behind, 0);
}

/** The seqs from after `at` up to `head`, as they were told: each by its event or within a gap. */
async function seqsUpTo(chat: TestClient, at: bigint, head: bigint) {
  let gaps = 0;
  for (let last = at; last < head; ) {
    const event: ChatEvent = await chat.next();
    if (event.kind === 'gap') {
      expect(event.fromSeq).toBe(last + 1n);
      gaps += 1;
      last = event.toSeq;
    } else if ('seq' in event) {
      expect(event.seq).toBe(last + 1n);
      last = event.seq;
    }
  }
  return { gaps };
}

describe('an application that does not iterate', () => {
  const MESSAGES = 8000;
  // Join and leave of the poster.
  const EVENTS = MESSAGES + 2;
  /** Of 8000; what the library, HTTP/2 and one write hold between them is about 3000. */
  const MOST_TAKEN = 4000;

  test.each([
    { history: '4MiB', told: 'all of it', hasGap: false },
    { history: '64KiB', told: 'the rest, and which it missed', hasGap: true },
  ])('is not sent more than it can hold, and then gets $told', async ({ history, hasGap }) => {
    await using server = await startServer({ CHAT_GRPC_ROOM_HISTORY_BYTES: history });
    const slow = await server.connect('slow');
    const { position } = await slow.join('lobby');
    const poster = await server.connect('poster');
    await poster.join('lobby');
    await flood(poster, 'lobby', MESSAGES);
    await vi.waitFor(() => expect(server.grpc.connections.size).toBe(1), { timeout: 30_000 });

    expect(owedBy(server)).toBeGreaterThan(EVENTS - MOST_TAKEN);
    const { gaps } = await seqsUpTo(slow, position.seq, position.seq + BigInt(EVENTS));
    expect(gaps > 0).toBe(hasGap);
    expect(await slow.post('lobby', 'awake')).toMatchObject({ seq: position.seq + BigInt(EVENTS + 1) });
    await slow.close();
  });

  test('can close all the same', async () => {
    await using server = await startServer({ CHAT_GRPC_ROOM_HISTORY_BYTES: '4MiB' });
    const slow = await server.connect('slow');
    await slow.join('lobby');
    const poster = await server.connect('poster');
    await poster.join('lobby');
    await flood(poster, 'lobby', MESSAGES);
    await slow.close();
    await vi.waitFor(() => expect(server.closed).toEqual(['ok', 'ok']), { timeout: 30_000 });
  });

  test('can close when it has just begun to iterate', async () => {
    await using server = await startServer({ CHAT_GRPC_ROOM_HISTORY_BYTES: '4MiB' });
    const slow = await server.connect('slow');
    await slow.join('lobby');
    const poster = await server.connect('poster');
    await poster.join('lobby');
    await flood(poster, 'lobby', MESSAGES);
    // So many that the stream is read again; nothing else happens before the close.
    for (let i = 0; i < 1100; i++) void slow.next();
    await slow.close();
    expect(server.closed.filter((reason) => reason === 'lost')).toEqual([]);
  });
});

test('a process that connects and closes ends by itself', async () => {
  await using server = await startServer();
  const script = `
    import { connect } from ${JSON.stringify(new URL('../../cli/connection/index.ts', import.meta.url).href)};
    const chat = await connect({ port: ${server.port}, userId: 'ana' });
    await chat.join('lobby');
    await chat.post('lobby', 'hello');
    await chat.close();
    console.log('closed');`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', script]);
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  try {
    const [code] = await once(child, 'close');
    expect({ code, said }).toEqual({ code: 0, said: 'closed\n' });
  } finally {
    child.kill('SIGKILL');
  }
});

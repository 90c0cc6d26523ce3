import { PassThrough } from 'node:stream';
import { status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineWriter } from '../../../cli/plain/line-writer.ts';
import { type TailOptions, tailRoom } from '../../../cli/plain/tail.ts';
import { IN_JSON } from '../../../cli/plain/telling.ts';
import { PATIENCE } from '../../support/coming-back.ts';
import { broadcast, type ScriptedStream, scriptedServer } from '../../support/scripted-server.ts';

let server: Awaited<ReturnType<typeof scriptedServer>>;
let stop: AbortController;
let told: { readonly kind: string; readonly seq?: number }[];
beforeEach(async () => {
  server = await scriptedServer();
  stop = new AbortController();
  told = [];
});
afterEach(() => server.stop());

/** A tail whose lines are kept as what they say, but for the states. */
function tail(options: Partial<TailOptions> = {}): Promise<void> {
  const output = new PassThrough().setEncoding('utf8');
  output.on('data', (lines: string) => {
    const all = lines.trimEnd().split('\n');
    told.push(...all.map((line) => JSON.parse(line)).filter(({ kind }) => kind !== 'state'));
  });
  const whom = { userId: 'ana', displayName: 'ana', client: '', welcomeTimeoutMs: 60_000 };
  const where = { server: { host: '127.0.0.1', port: server.port }, giveUpAfterMs: 60_000 };
  return tailRoom(
    { ...whom, ...where, room: 'lobby', lines: 2, ...options },
    { writer: new LineWriter(output, stop.signal), telling: IN_JSON, stop: stop.signal },
  );
}

/** Answers a question for history with these events, the oldest there are. */
async function tellHistory(stream: ScriptedStream, ...seqs: bigint[]) {
  const asked = await stream.hears('history');
  const { requestId, room } = asked;
  const events = seqs.map((seq) => ({ event: broadcast({ seq }), batch: [] }));
  stream.tell({ $case: 'history', value: { requestId, room, epoch: 'one', hasMore: false, events } });
  return asked;
}

/** Lets it leave, and waits for its end. */
async function left(stream: ScriptedStream, tailing: Promise<void>): Promise<void> {
  stop.abort();
  const { requestId, room } = await stream.hears('leave');
  stream.tell({ $case: 'left', value: { requestId, room, reason: 1, seq: 0n } });
  await stream.halfClosed;
  stream.end();
  await tailing;
}

const seqs = () => told.map(({ seq }) => seq);

test('what happens before the past is there waits for it, however much it is', async () => {
  const tailing = tail();
  const stream = await server.stream();
  await stream.welcome();
  const live = Array.from({ length: 2000 }, (_, index) => broadcast({ seq: BigInt(index + 11) }));
  await stream.seat({ epoch: 'one', seq: 10n }, ...live);
  expect(await tellHistory(stream, 9n, 10n)).toMatchObject({ epoch: 'one', beforeSeq: 11n, limit: 2 });
  await vi.waitFor(() => expect(seqs()).toEqual(Array.from({ length: 2002 }, (_, index) => index + 9)), PATIENCE);
  await left(stream, tailing);
});

test('the past is asked for once more when the stream is lost before it came', async () => {
  const tailing = tail();
  const stream = await server.stream();
  await stream.welcome();
  await stream.seat({ epoch: 'one', seq: 10n });
  await stream.hears('history');
  stream.fail(status.UNAVAILABLE);
  const again = await server.stream();
  await again.welcome();
  await again.seat({ epoch: 'one', seq: 10n, headSeq: 11n }, broadcast({ seq: 11n }));
  expect(await tellHistory(again, 9n, 10n)).toMatchObject({ epoch: 'one', beforeSeq: 11n });
  await vi.waitFor(
    () => expect(told).toMatchObject([{ seq: 9 }, { seq: 10 }, { seq: 11 }, { kind: 'recovered' }]),
    PATIENCE,
  );
  await left(again, tailing);
});

test('a room that began anew meanwhile has no past any more, and goes on', async () => {
  const tailing = tail();
  const stream = await server.stream();
  await stream.welcome();
  await stream.seat({ epoch: 'one', seq: 10n });
  await stream.hears('history');
  stream.fail(status.UNAVAILABLE);
  const again = await server.stream();
  await again.welcome();
  await again.seat({ epoch: 'two', seq: 0n, headSeq: 1n }, broadcast({ seq: 1n }));
  again.refuse(await again.hears('history'), { code: status.INVALID_ARGUMENT, reason: 'invalid_position' });
  await vi.waitFor(
    () => expect(told).toMatchObject([{ kind: 'restarted' }, { seq: 1 }, { kind: 'recovered' }]),
    PATIENCE,
  );
  await left(again, tailing);
});

test('without lines of the past none are asked for', async () => {
  const tailing = tail({ lines: 0 });
  const stream = await server.stream();
  await stream.welcome();
  await stream.seat({ epoch: 'one', seq: 10n }, broadcast({ seq: 11n }));
  await vi.waitFor(() => expect(seqs()).toEqual([11]), PATIENCE);
  await left(stream, tailing);
});

test('told to stop before the past is there, it ends well', async () => {
  const tailing = tail();
  const stream = await server.stream();
  await stream.welcome();
  await stream.seat({ epoch: 'one', seq: 10n });
  await stream.hears('history');
  await left(stream, tailing);
  expect(told).toEqual([]);
});

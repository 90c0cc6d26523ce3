import { describe, expect, test } from 'vitest';
import { eventsOf, type Fault, type FaultKind } from '../../cli/load/fault.ts';
import type { Report } from '../../cli/load/report/report.ts';
import { type FaultyServer, startFaultyServer } from '../support/faulty-server.ts';
import { Program } from '../support/program.ts';
import type { Injected, ServerFault } from '../support/server-faults.ts';

/** A prime, so that it hits now this member and now that. */
const EVERY = 97;
const SCENARIO = ['--clients', '8', '--rooms', '2', '--rate', '100', '--duration', '1500ms', '--warmup', '0s'];

interface Run {
  readonly report: Report;
  readonly exit: number | NodeJS.Signals | null;
  readonly injected: readonly Injected[];
}

/** The real load tester against a server that does this wrong. */
async function run(fault: ServerFault, ...flags: string[]): Promise<Run> {
  const isBasic = flags.includes('--basic');
  using server: FaultyServer = await startFaultyServer({ fault, every: EVERY, withoutSeqs: isBasic });
  await using tool = new Program('client', {
    args: ['load', '--port', `${server.port}`, ...SCENARIO, ...flags, '--json', '-'],
  });
  const exit = await tool.exit;
  if (tool.stdout === '') throw new Error(tool.stderr);
  return { report: JSON.parse(tool.stdout), exit, injected: server.injected };
}

/** Two that are successive are told as one; of who is behind, only the first is of the server's doing. */
function namedIn({ report }: Run, { is, atTheEnd }: Case): readonly Fault[] {
  const examples = report.faults.filter(({ kind }) => kind === is || kind === atTheEnd).flatMap((one) => one.examples);
  return examples.flatMap((fault) => (fault.kind === 'behind' ? [fault] : eachOf(fault)));
}

function eachOf(fault: Fault): Fault[] {
  const { seqs, numbers } = fault;
  const at = (run: Fault['seqs'], i: number) => run && { from: run.from + i, to: run.from + i };
  return Array.from({ length: eventsOf(fault) }, (_, i) => {
    return { ...fault, seqs: at(seqs, i), numbers: numbers && { ...numbers, ...at(numbers, i) } };
  });
}

interface Case {
  readonly fault: ServerFault;
  readonly is: FaultKind;
  /** What it is instead where it happens to be the last of a room. */
  readonly atTheEnd?: FaultKind;
}

describe.concurrent('the load tester', () => {
  test('finds nothing wrong with a server that does nothing wrong', async () => {
    const fine = await run('none', '--senders', '2');
    expect(fine.report.faults.filter(({ count }) => count > 0)).toEqual([]);
    expect(fine.report.verdict.holds).toBe(true);
    expect(fine.exit).toBe(0);
    // 2 rooms of 4, each with 2 who say 100 a second.
    expect(fine.report.counts.posts).toBeGreaterThan(500);
    expect(fine.report.counts.acked).toBeGreaterThanOrEqual(fine.report.counts.posts);
  });

  const cases: readonly Case[] = [
    { fault: 'drop', is: 'lost', atTheEnd: 'behind' },
    { fault: 'double', is: 'doubled' },
    { fault: 'swap', is: 'disordered', atTheEnd: 'behind' },
    { fault: 'delay-ack', is: 'overtaken', atTheEnd: 'unacked' },
    { fault: 'mute-ack', is: 'unacked' },
    { fault: 'wrong-ack-seq', is: 'misnumbered' },
    { fault: 'ack-undelivered', is: 'undelivered' },
    { fault: 'forget-member', is: 'behind' },
    { fault: 'lose-last', is: 'behind' },
  ];

  test.each(cases)('names each $fault of a server as $is, with room, client and seq', async (one) => {
    const broken = await run(one.fault);
    expect(broken.exit).toBe(1);
    expect(broken.injected.length).toBeGreaterThan(0);
    const named = namedIn(broken, one).map(({ room, client, seqs }) => ({ room, client, seq: seqs?.from }));
    expect(inOrder(named)).toEqual(inOrder(broken.injected.map(({ room, client, seq }) => ({ room, client, seq }))));
  });

  // Who of a room hears a message first is not known, so neither who finds it.
  test.each([
    { fault: 'append-twice', is: 'doubled' },
    { fault: 'other-words', is: 'contradicted' },
  ] as const)('finds each $fault in the room, though every client has every seq', async (one) => {
    const broken = await run(one.fault);
    expect(broken.exit).toBe(1);
    expect(broken.injected.length).toBeGreaterThan(0);
    const found = namedIn(broken, one).map(({ room, seqs }) => `${room} ${seqs?.from}`);
    expect(found).toEqual(expect.arrayContaining(broken.injected.map(({ room, seq }) => `${room} ${seq}`)));
  });

  const withoutSeqs: readonly Case[] = [
    { fault: 'drop', is: 'lost', atTheEnd: 'behind' },
    { fault: 'double', is: 'doubled' },
    { fault: 'swap', is: 'disordered', atTheEnd: 'behind' },
    { fault: 'lose-last', is: 'behind' },
  ];

  test.each(withoutSeqs)('names each $fault to a basic client by the sender and its number', async (one) => {
    const broken = await run(one.fault, '--basic');
    expect(broken.exit).toBe(1);
    const named = namedIn(broken, one);
    // Of the one sender of a room, whose first post comes behind the joins of its four members.
    const wrong = broken.injected.map(({ room, client, seq }) => ({ room, client, number: seq - 5 }));
    expect(inOrder(named.map(({ room, client, numbers }) => ({ room, client, number: numbers?.from })))).toEqual(
      inOrder(wrong),
    );
    for (const { seqs } of named) expect(seqs).toBeUndefined();
  });
});

function inOrder<T>(all: readonly T[]): T[] {
  return all.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
}

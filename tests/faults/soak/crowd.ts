/**
 * Some clients of the soak as a process, to be cut, frozen and killed. Compares
 * what they are told of each seq with each other, and tells its parent of each
 * seq once. Its task comes as CROWD in the environment, commands come by IPC.
 */
import { SoakClient } from './soak-client.ts';

export interface CrowdTask {
  readonly name: string;
  readonly port: number;
  readonly rooms: readonly string[];
  readonly clients: number;
  readonly posts: boolean;
}

export type CrowdCommand =
  | { readonly kind: 'pause'; readonly nth: number; readonly ms: number }
  | { readonly kind: 'stop' };

type Entry = readonly [room: string, seq: number, what: string];

/** What happened since the last report. */
export interface CrowdReport {
  /** Each seq that was told for the first time here. */
  readonly entries: Entry[];
  readonly acked: Entry[];
  readonly violations: string[];
  deliveries: number;
  resumed: number;
  restarted: number;
  gaps: number;
  skipped: number;
  /** How everybody stands at this moment. */
  readonly standing: readonly {
    readonly userId: string;
    readonly room: string;
    readonly at: number;
    readonly lastPost: number;
    readonly isSettled: boolean;
  }[];
}

/** Far more than a log holds, which is the furthest back that anybody is told. */
const KEPT_SEQS = 20_000;
const REPORT_EVERY_MS = 200;

const { name, port, rooms, clients, posts }: CrowdTask = JSON.parse(process.env['CROWD'] ?? '');
const known = new Map<string, Map<number, string>>();
let report = emptyReport();

const crowd = Array.from({ length: clients }, (_, i) => {
  const userId = `${name}-${i}`;
  const room = rooms[i % rooms.length] ?? '';
  const client = new SoakClient({
    port,
    userId,
    room,
    posts,
    noted: (seq, what) => noted(room, seq, what),
    acked: (seq, what) => report.acked.push([room, seq, what]),
    refused: (how) => report.violations.push(how),
    returned: (resumed) => {
      if (resumed) report.resumed += 1;
      else report.restarted += 1;
    },
  });
  return { userId, room, client };
});

process.on('message', (command: CrowdCommand) => {
  if (command.kind === 'pause') crowd[command.nth % crowd.length]?.client.pauseFor(command.ms);
  else for (const { client } of crowd) client.stopPosting();
});
process.once('disconnect', () => process.exit(1));
setInterval(tell, REPORT_EVERY_MS);

function noted(room: string, seq: number, what: string): void {
  report.deliveries += 1;
  const whats = known.get(room) ?? new Map<number, string>();
  known.set(room, whats);
  const before = whats.get(seq);
  if (before === what) return;
  if (before !== undefined) report.violations.push(`${room} ${seq} is both "${before}" and "${what}"`);
  whats.set(seq, what);
  whats.delete(seq - KEPT_SEQS);
  report.entries.push([room, seq, what]);
}

function tell(): void {
  for (const { userId, client } of crowd) {
    for (const how of client.ledger.violations.splice(0)) report.violations.push(`${userId}: ${how}`);
    for (const { from, to } of client.ledger.gaps.splice(0)) {
      report.gaps += 1;
      report.skipped += to - from + 1;
    }
  }
  const standing = crowd.map(({ userId, room, client }) => {
    const { lastPost, isSettled, ledger } = client;
    return { userId, room, at: ledger.at, lastPost, isSettled };
  });
  process.send?.({ ...report, standing });
  report = emptyReport();
}

function emptyReport(): CrowdReport {
  const nothing = { entries: [], acked: [], violations: [], standing: [] };
  return { ...nothing, deliveries: 0, resumed: 0, restarted: 0, gaps: 0, skipped: 0 };
}

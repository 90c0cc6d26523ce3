/**
 * All attacks of the siege, as a process of their own. Its task comes as SIEGE in
 * the environment; it begins at once and tells its parent what was done.
 */
import { setPriority } from 'node:os';
import { ATTACKS, type Attack, type Ground } from './attacks.ts';

export interface SiegeTask {
  readonly port: number;
  readonly rooms: readonly string[];
  /** Part of the name of the attacks that are to be done. */
  readonly only: string;
  /** Users are called otherwise in each. */
  readonly round: number;
}

/** What was done so far, by the attack, how often one began anew, and since when. */
export type SiegeReport = Readonly<
  Record<string, { readonly done: number; readonly begun: number; readonly forMs: number }>
>;

const REPORT_EVERY_MS = 500;
/** The good ones share the core, and are to be measured and not the core. */
const NICE = 19;

setPriority(NICE);
const { port, rooms, only, round }: SiegeTask = JSON.parse(process.env['SIEGE'] ?? '');
const beganAtMs = performance.now();
let last = round * 1_000_000;
const ground: Ground = { port, rooms, next: () => ++last };
const report: Record<string, { done: number; begun: number }> = {};

for (const attack of ATTACKS.filter(({ what }) => what.includes(only))) {
  report[attack.what] = { done: 0, begun: 0 };
  for (let i = 0; i < attack.attackers; i++) void keepOn(attack);
}
setInterval(() => {
  const forMs = performance.now() - beganAtMs;
  const all = Object.entries(report).map(([what, counts]) => [what, { ...counts, forMs }] as const);
  process.send?.(Object.fromEntries(all) satisfies SiegeReport);
}, REPORT_EVERY_MS);
process.once('disconnect', () => process.exit(0));

async function keepOn({ what, everyMs, begin }: Attack): Promise<never> {
  const count = report[what] ?? { done: 0, begun: 0 };
  for (;;) {
    const act = await begin(ground).catch(() => undefined);
    count.begun += 1;
    for (let done: number | undefined = 0; act !== undefined && done !== undefined; ) {
      const pause = new Promise((resolve) => setTimeout(resolve, everyMs));
      done = await act().catch(() => undefined);
      count.done += done ?? 0;
      await pause;
    }
    // Whoever is not let in does not try any faster.
    if (act === undefined) await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

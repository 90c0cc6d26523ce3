import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerAccess } from '../../connection/index.ts';
import { type Clock, clockFrom, monotonicMs } from '../clock.ts';
import type { Progress } from '../live/progress.ts';
import type { Phase, Report } from '../report/report.ts';
import type { Scenario } from '../scenario.ts';
import type { Survey } from '../worker/orders.ts';
import type { Flag } from './command.ts';
import { Ledger } from './ledger.ts';
import { beyondLimits } from './limits.ts';
import { probe } from './probe.ts';
import { reportOf } from './report-of.ts';
import { GRPC_WORKER, Threads } from './threads.ts';
import { type Usage, usageNow } from './usage.ts';

const LOOK_EVERY_MS = 100;
const SECOND_MS = 1_000;
/** Nothing has come for so long: it is quiet. */
const QUIET_MS = 500;
/** The same, while something is still to come. */
const LONG_QUIET_MS = 5_000;
/** Longer than a client waits for the answer to its join. */
const JOIN_PATIENCE_MS = 40_000;
/** How long a server that is behind may go on delivering, and one whose run was ended early. */
const SETTLE_PATIENCE_MS = 60_000;
const EARLY_PATIENCE_MS = 5_000;
/** From the order to speak to the first word: all threads have it by then. */
const LEAD_MS = 100;
const RUN_CHARACTERS = 'abcdefghijkmnpqrstuvwxyz23456789';

export interface RunOptions {
  readonly scenario: Scenario;
  readonly server: ServerAccess;
  /** What says the same on a command line; files by their names. */
  readonly serverFlags: readonly Flag[];
  /** "name/version" of this program. */
  readonly tool: string;
  /** A process on this machine whose CPU time and memory are told too. */
  readonly serverPid: number | undefined;
  /** Ends the run early; the report tells what there is. */
  readonly stop: AbortSignal;
  /** Called once a second. */
  readonly progressed: (progress: Progress) => void;
}

/** The server allows less than the scenario asks for. */
export class BeyondLimits extends Error {}

/**
 * Does what the scenario says, and judges it.
 * @throws ChatError when no server is there or it refuses to be talked to, BeyondLimits.
 */
export async function runLoad(options: RunOptions): Promise<Report> {
  const { scenario, server, tool, stop } = options;
  const { clientKind } = scenario;
  const limits = await probe({ server, clientKind, userId: `load-${newMark()}-probe`, client: tool, stop });
  const beyond = limits === undefined ? [] : beyondLimits(scenario, limits);
  if (beyond.length > 0) throw new BeyondLimits(beyond.join('\n'));
  return await runUnasked(options, GRPC_WORKER);
}

/**
 * The same, without asking the server for its limits first.
 * @param worker the program of the threads: how their clients speak to the server is its affair.
 */
export async function runUnasked(options: RunOptions, worker: URL): Promise<Report> {
  const { scenario, server, tool } = options;
  const originMs = monotonicMs();
  const threads = new Threads({ scenario, server, run: newMark(), client: tool, originMs }, worker);
  try {
    return await new Run(options, threads, clockFrom(originMs)).toItsEnd();
  } finally {
    await threads.end();
  }
}

/** Tells runs apart. */
function newMark(): string {
  return Array.from({ length: 4 }, () => RUN_CHARACTERS[randomInt(RUN_CHARACTERS.length)]).join('');
}

class Run {
  readonly #options: RunOptions;
  readonly #threads: Threads;
  readonly #ledger: Ledger;
  readonly #clock: Clock;
  readonly #startedAt = new Date().toISOString();
  #phase: Phase = 'joining';
  #lastSecondMs = 0;
  /** When the measured time ends; undefined before that is known. */
  #measuredToMs: number | undefined;

  constructor(options: RunOptions, threads: Threads, clock: Clock) {
    this.#options = options;
    this.#threads = threads;
    this.#ledger = new Ledger(options.scenario.clients);
    this.#clock = clock;
  }

  async toItsEnd(): Promise<Report> {
    const { stop } = this.#options;
    const before = usageNow(this.#nowMs, this.#options.serverPid);
    await this.#look();
    this.#closeSecond();
    await this.#threads.all('open', { fromMicros: this.#clock.now() });
    await this.#untilSeated();
    // Whoever came first is still told of those who came last.
    if (!stop.aborted) await this.#untilQuiet(() => false, EARLY_PATIENCE_MS);
    const seated = usageNow(this.#nowMs, this.#options.serverPid);
    const isAnybodyThere = this.#ledger.states().seated > 0;
    const usages = stop.aborted || !isAnybodyThere ? undefined : await this.#speak();
    await this.#threads.all('hush', undefined);
    const isEndedEarly = stop.aborted;

    await this.#enter('settling');
    await this.#untilQuiet(() => this.#ledger.outstanding > 0, isEndedEarly ? EARLY_PATIENCE_MS : SETTLE_PATIENCE_MS);
    const survey = merged(await this.#threads.all('survey', undefined));
    await this.#untilAllAreThere(survey);
    await this.#threads.all('judge', survey);
    await this.#look();
    const unseated = this.#ledger.unseated;

    await this.#enter('leaving');
    await this.#threads.all('leave', undefined);
    await this.#look();
    this.#closeSecond();
    const { scenario, server, serverFlags, tool, serverPid } = this.#options;
    const told = { scenario, server, serverFlags, tool, serverPid, startedAt: this.#startedAt, isEndedEarly, unseated };
    return reportOf(told, this.#ledger, { before, seated, ...usages });
  }

  /** Settled when everybody is seated or has given up, or nobody more was seated for long. */
  async #untilSeated(): Promise<void> {
    let seen = 0;
    let sinceMs = this.#nowMs;
    await this.#lookUntil(() => {
      const { waiting, joining, away, seated } = this.#ledger.states();
      // Whoever waits for its turn keeps nobody waiting.
      if (seated !== seen || joining + away === 0) sinceMs = this.#nowMs;
      seen = seated;
      return waiting + joining + away === 0 || this.#nowMs - sinceMs >= JOIN_PATIENCE_MS;
    });
  }

  /** Lets them speak as long as the scenario says. Returns what was used when the measured time began, and when it ended. */
  async #speak(): Promise<{ readonly from: Usage; readonly to: Usage }> {
    const { scenario } = this.#options;
    await this.#enter('warming up');
    const fromMs = this.#nowMs + LEAD_MS;
    const measureFromMs = fromMs + scenario.warmupMs;
    const measureToMs = measureFromMs + scenario.durationMs;
    this.#measuredToMs = measureToMs;
    await this.#threads.all('speak', {
      fromMicros: fromMs * 1000,
      measureFromMicros: measureFromMs * 1000,
      measureToMicros: measureToMs * 1000,
    });
    await this.#lookTill(measureFromMs);
    const from = usageNow(this.#nowMs, this.#options.serverPid);
    await this.#enter('measuring');
    await this.#lookTill(measureToMs);
    return { from, to: usageNow(this.#nowMs, this.#options.serverPid) };
  }

  get #nowMs(): number {
    return this.#clock.now() / 1000;
  }

  /** Settled when it is so, or the run is to end early. */
  async #lookUntil(isDone: () => boolean): Promise<void> {
    for (;;) {
      await this.#look();
      if (isDone() || this.#options.stop.aborted) return;
      await this.#pause(LOOK_EVERY_MS);
    }
  }

  /** Settled when it is so late, or the run is to end early. Looks once a second: to look costs the workers time. */
  async #lookTill(ms: number): Promise<void> {
    for (let left = ms - this.#nowMs; left > 0 && !this.#options.stop.aborted; left = ms - this.#nowMs) {
      await this.#pause(Math.min(left, SECOND_MS));
      await this.#look();
    }
  }

  /** Settled when all stand where they should, or for long nobody has got any nearer. */
  async #untilAllAreThere(survey: Survey): Promise<void> {
    const patienceMs = this.#options.stop.aborted ? EARLY_PATIENCE_MS : SETTLE_PATIENCE_MS;
    const givenUpMs = this.#nowMs + patienceMs;
    let least = Number.POSITIVE_INFINITY;
    let heard = 0;
    let sinceMs = this.#nowMs;
    while (this.#nowMs < givenUpMs && this.#nowMs - sinceMs < LONG_QUIET_MS) {
      const behind = (await this.#threads.all('behind', survey)).reduce((sum, count) => sum + count);
      if (behind === 0) return;
      await this.#look();
      if (behind < least || this.#ledger.heard !== heard) sinceMs = this.#nowMs;
      least = Math.min(least, behind);
      heard = this.#ledger.heard;
      await sleep(LOOK_EVERY_MS);
    }
  }

  async #pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { signal: this.#options.stop }).catch(() => {});
  }

  /** Settled when nothing has come for a while, and for a longer while where something is missing. */
  async #untilQuiet(isMissing: () => boolean, patienceMs: number): Promise<void> {
    const givenUpMs = this.#nowMs + patienceMs;
    let seen = -1;
    let sinceMs = this.#nowMs;
    while (this.#nowMs < givenUpMs) {
      await this.#look();
      const { heard } = this.#ledger;
      if (heard !== seen) sinceMs = this.#nowMs;
      seen = heard;
      if (this.#nowMs - sinceMs >= (isMissing() ? LONG_QUIET_MS : QUIET_MS)) return;
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** A second that two phases have is cut in two, so that each tells of one alone. */
  async #enter(phase: Phase): Promise<void> {
    await this.#look();
    if (this.#nowMs - this.#lastSecondMs >= LOOK_EVERY_MS) this.#closeSecond();
    this.#phase = phase;
  }

  async #look(): Promise<void> {
    this.#ledger.take(await this.#threads.all('sample', undefined));
    if (this.#nowMs - this.#lastSecondMs >= SECOND_MS - LOOK_EVERY_MS / 2) this.#closeSecond();
  }

  #closeSecond(): void {
    const { scenario, server, progressed } = this.#options;
    const nowMs = this.#nowMs;
    this.#lastSecondMs = nowMs;
    this.#ledger.closeSecond(nowMs / 1000, this.#phase);
    progressed({
      scenario,
      server: `${server.host}:${server.port}`,
      phase: this.#phase,
      elapsedMs: nowMs,
      leftMs: this.#measuredToMs && Math.max(0, this.#measuredToMs - nowMs),
      points: this.#ledger.points,
      latencies: this.#ledger.latencies(),
      faults: this.#ledger.faults(),
      errors: this.#ledger.errors(),
      lagMax: this.#ledger.points.at(-1)?.lagMax ?? 0,
      busiestWorker: this.#ledger.busiestNow,
    });
  }
}

function merged(surveys: readonly Survey[]): Survey {
  const heads = new Map<string, Survey['heads'][number]>();
  for (const head of surveys.flatMap((survey) => survey.heads)) {
    const key = `${head.room} ${head.epoch}`;
    if (head.seq > (heads.get(key)?.seq ?? 0)) heads.set(key, head);
  }
  return { heads: [...heads.values()], sent: surveys.flatMap(({ sent }) => sent) };
}

import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { RoomRecord } from '../checks/room-record.ts';
import { clockFrom } from '../clock.ts';
import { FaultLog } from '../fault-log.ts';
import { randomFrom } from '../random.ts';
import { CLIENT_STATES, type ClientState } from '../report/report.ts';
import { runMark } from '../wire/stamp.ts';
import { Ends } from './ends.ts';
import { countBehind, isJudged, judge, surveyOf } from './judgement.ts';
import { LagWatch } from './lag.ts';
import { LoadClient } from './load-client.ts';
import { MeasuredTime } from './measured-time.ts';
import type { Assignment, Sample, Speaking, Survey } from './orders.ts';
import { FixedRate, KeepUnanswered, type Pace } from './pace.ts';
import { placeOf, userName } from './place.ts';
import { Recurring } from './recurring.ts';
import { Stopwatch } from './stopwatch.ts';
import type { LoadClientSurroundings, TransportFor } from './surroundings.ts';
import { ErrorCounts, Tally } from './tally.ts';
import { Victims } from './victims.ts';

const TICK_MS = 1;
/** Opening at the same time: a listener has a queue, 511 long. */
const MOST_JOINING = 100;
/** A slow reader does not read for so long, and then reads for so long. */
const DEAF_MS = 2_000;
const READING_MS = 500;
const LEAVE_PATIENCE_MS = 10_000;
const SURVEY_PATIENCE_MS = 5_000;
const LOOK_EVERY_MS = 20;

/** All clients of a worker, and what they are made to do. */
export class Crew {
  readonly #assignment: Assignment;
  readonly #clients: LoadClient[] = [];
  /** Those of them that speak, by their number among all; ascending. */
  readonly #senders = new Map<number, LoadClient>();
  readonly #tally = new Tally();
  readonly #measuredTime = new MeasuredTime(this.#tally);
  readonly #errors = new ErrorCounts();
  readonly #faults = new FaultLog();
  readonly #stopwatch = new Stopwatch();
  readonly #lag = new LagWatch();
  readonly #clock;
  readonly #random: () => number;
  readonly #timers = new Set<NodeJS.Timeout>();
  #ticks: NodeJS.Timeout | undefined;
  readonly #records = new Map<number, RoomRecord>();
  #lastTickMicros = 0;
  #opening: { readonly fromMicros: number; next: number } | undefined;
  #pace: Pace | undefined;
  #recurring: Recurring[] = [];
  #hasBegun = false;
  #isHushed = false;
  #lastLoop = performance.eventLoopUtilization();

  constructor(assignment: Assignment, transportFor: TransportFor) {
    this.#assignment = assignment;
    const { scenario, worker, run, client: program, originMs } = assignment;
    this.#clock = clockFrom(originMs);
    this.#random = randomFrom(scenario.seed + worker);
    const { payload, rooms, sendersPerRoom } = scenario;
    const { minBytes, maxBytes } = payload;
    const surroundings: LoadClientSurroundings = {
      clock: this.#clock,
      tally: this.#tally,
      errors: this.#errors,
      faults: this.#faults,
      stopwatch: this.#stopwatch,
      program,
      runMark: runMark(run),
      nameOf: (index) => userName(run, index),
      recordOf: (room) => this.#recordOf(room),
      payload,
      isOfRoom: (sender, room) => sender < rooms * sendersPerRoom && sender % rooms === room,
      contentBytes: () => minBytes + Math.floor(this.#random() * (maxBytes - minBytes + 1)),
      transportFor,
      after: (ms, task) => this.#after(ms, task),
      hasBegun: () => this.#hasBegun,
      answered: (sender) => {
        const client = this.#senders.get(sender);
        if (client !== undefined) this.#pace?.answered(client);
      },
    };
    for (let index = worker; index < scenario.clients; index += scenario.workers) {
      const client = new LoadClient(placeOf(assignment, index), surroundings);
      this.#clients.push(client);
      if (client.options.sender !== undefined) this.#senders.set(client.options.sender, client);
    }
  }

  open({ fromMicros }: { readonly fromMicros: number }): void {
    this.#opening = { fromMicros, next: 0 };
    this.#recurring = [new Recurring(1, fromMicros, () => this.#watch())];
    this.#ticks = setInterval(() => this.#tick(), TICK_MS);
  }

  speak(speaking: Speaking): void {
    const { scenario } = this.#assignment;
    const { load, rooms, sendersPerRoom, workers, churnPerSecond, cutsPerSecond } = scenario;
    const { fromMicros, measureFromMicros, measureToMicros } = speaking;
    this.#hasBegun = true;
    this.#measuredTime.expect(speaking);
    this.#stopwatch.measure(measureFromMicros, measureToMicros);
    const senders = [...this.#senders.values()];
    if (load.kind === 'window') this.#pace = new KeepUnanswered(load.messages, senders, this.#clock);
    if (load.kind === 'rate' && senders.length > 0) {
      const isMeasured = (dueMicros: number) => this.#stopwatch.isMeasured(dueMicros);
      const allSenders = Math.min(rooms * sendersPerRoom, scenario.clients);
      const { messagesPerSecond } = load;
      this.#pace = new FixedRate({ messagesPerSecond, senders, allSenders, fromMicros, lag: this.#lag, isMeasured });
    }
    const victims = new Victims(this.#clients, this.#random);
    this.#recurring.push(
      new Recurring(churnPerSecond / workers, fromMicros, () => victims.forChurn()?.churn()),
      new Recurring(cutsPerSecond / workers, fromMicros, () => victims.forCut()?.cut()),
    );
    for (const client of this.#clients) {
      if (client.options.reader === 'frozen') client.setReading(false);
      if (client.options.reader === 'slow') this.#readInFits(client, false);
    }
  }

  hush(): void {
    this.#isHushed = true;
    this.#opening = undefined;
    this.#pace?.stop();
    this.#pace = undefined;
    this.#recurring.splice(1);
    this.#measuredTime.stop(this.#clock.now());
    for (const client of this.#clients) if (client.options.reader === 'slow') client.setReading(true);
  }

  /** Asks one seated client of each room, where there is an answer to be had. */
  async survey(): Promise<Survey> {
    if (this.#assignment.scenario.clientKind === 'full') {
      const asked = new Map(this.#clients.filter(isJudged).map((client) => [client.options.roomIndex, client]));
      for (const client of asked.values()) client.askForHead();
      await this.#until(() => ![...asked.values()].some(({ isAsked }) => isAsked), SURVEY_PATIENCE_MS);
    }
    return surveyOf(this.#clients);
  }

  /** Returns how many are not where the survey says that everybody should be. */
  behind(survey: Survey): number {
    return countBehind(this.#clients, this.#endsBy(survey));
  }

  judge(survey: Survey): void {
    judge(this.#clients, this.#endsBy(survey));
  }

  async leave(): Promise<void> {
    this.#opening = undefined;
    for (const timer of this.#timers) clearTimeout(timer);
    for (const client of this.#clients) client.retire();
    await this.#until(() => this.#clients.every(({ isOver }) => isOver), LEAVE_PATIENCE_MS);
    clearInterval(this.#ticks);
  }

  sample(): Sample {
    const states = Object.fromEntries(CLIENT_STATES.map((state) => [state, 0])) as Record<ClientState, number>;
    let unseated = 0;
    let outstanding = 0;
    for (const { state, options, check } of this.#clients) {
      states[state] += 1;
      if (options.reader === 'frozen') continue;
      if (state !== 'seated') unseated += 1;
      outstanding += check.posts.outstanding + (state === 'away' || state === 'joining' ? 1 : 0);
    }
    const loop = performance.eventLoopUtilization();
    const busy = performance.eventLoopUtilization(loop, this.#lastLoop).utilization;
    this.#lastLoop = loop;
    const { measured, beside, slowest } = this.#stopwatch;
    return {
      tally: { ...this.#tally },
      measured: this.#measuredTime.measured(this.#clock.now()),
      states,
      unseated,
      outstanding,
      errors: this.#errors.entries(),
      faults: this.#faults.tallies(),
      packed: {
        delivery: measured.delivery.takePacked(),
        ack: measured.ack.takePacked(),
        join: measured.join.takePacked(),
        reconnect: measured.reconnect.takePacked(),
        beside: beside.takePacked(),
        lag: this.#lag.latencies.takePacked(),
      },
      slowest: { ...slowest },
      lagMaxMicros: this.#lag.takeMax(),
      busy,
    };
  }

  #tick(): void {
    const now = this.#clock.now();
    // A pace with a schedule tells its own lag.
    if (!(this.#pace instanceof FixedRate) && this.#lastTickMicros !== 0) {
      this.#lag.addTick(now - this.#lastTickMicros - TICK_MS * 1000, this.#stopwatch.isMeasured(now));
    }
    this.#lastTickMicros = now;
    this.#measuredTime.tick(now);
    this.#openDue(now);
    for (const recurring of this.#recurring) recurring.tick(now);
    this.#pace?.tick(now);
  }

  #openDue(now: number): void {
    const opening = this.#opening;
    if (opening === undefined) return;
    const { joinsPerSecond, workers } = this.#assignment.scenario;
    const due = ((now - opening.fromMicros) / 1e6) * (joinsPerSecond / workers);
    let joining = this.#clients.reduce((count, { state }) => count + (state === 'joining' ? 1 : 0), 0);
    for (; opening.next < Math.min(due, this.#clients.length) && joining < MOST_JOINING; joining++) {
      this.#clients[opening.next++]?.open();
    }
    if (opening.next === this.#clients.length) this.#opening = undefined;
  }

  #endsBy(survey: Survey): Ends {
    return new Ends(survey, this.#assignment.scenario.rooms);
  }

  #watch(): void {
    const now = this.#clock.now();
    for (const client of this.#clients) client.watch(now);
  }

  #recordOf(room: number): RoomRecord {
    const record = this.#records.get(room) ?? new RoomRecord();
    this.#records.set(room, record);
    return record;
  }

  #readInFits(client: LoadClient, isReading: boolean): void {
    client.setReading(isReading || this.#isHushed);
    if (this.#isHushed) return;
    this.#after(isReading ? READING_MS : DEAF_MS, () => this.#readInFits(client, !isReading));
  }

  #after(ms: number, task: () => void): void {
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      task();
    }, ms);
    this.#timers.add(timer);
  }

  async #until(isDone: () => boolean, patienceMs: number): Promise<void> {
    const givenUp = this.#clock.now() + patienceMs * 1000;
    while (!isDone() && this.#clock.now() < givenUp) {
      await sleep(LOOK_EVERY_MS);
    }
  }
}

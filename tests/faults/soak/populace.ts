import type { ChildProcess } from 'node:child_process';
import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { CrowdCommand, CrowdReport, CrowdTask } from './crowd.ts';
import type { Victim } from './mischief.ts';
import { OrderBook } from './order-book.ts';
import type { Processes } from './processes.ts';

const KEPT_VIOLATIONS = 20;

/** All clients of the soak, in crowds, and what they were told. */
export class Populace {
  readonly totals = { deliveries: 0, acked: 0, resumed: 0, restarted: 0, gaps: 0, skipped: 0, violations: 0 };
  /** The first of them, in words. */
  readonly violations: string[] = [];
  readonly #books: ReadonlyMap<string, OrderBook>;
  readonly #crowds: Crowd[] = [];
  readonly #processes: Processes;

  constructor(rooms: readonly string[], processes: Processes) {
    this.#books = new Map(rooms.map((room) => [room, new OrderBook(room, (how) => this.violated(how))]));
    this.#processes = processes;
  }

  violated(how: string): void {
    this.totals.violations += 1;
    if (this.violations.length < KEPT_VIOLATIONS) this.violations.push(how);
  }

  /** Settled when all of its clients have their seats. */
  async add(task: CrowdTask, proxy: TcpProxy): Promise<Victim> {
    const crowd = new Crowd(task, proxy, this.#processes, {
      reported: (report) => this.#took(report, task),
      broke: (how) => this.violated(how),
    });
    this.#crowds.push(crowd);
    await crowd.seated();
    return crowd;
  }

  /** Everybody says nothing more, and is told of everything within the time. */
  async settle(patienceMs: number): Promise<void> {
    for (const crowd of this.#crowds) crowd.stopPosting();
    const deadline = performance.now() + patienceMs;
    let behind = this.#behind();
    while (behind.length > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      behind = this.#behind();
    }
    for (const how of behind) this.violated(`after ${patienceMs / 1000} s without trouble ${how}`);
  }

  /** Who has not what it should have in the end, in words. */
  #behind(): string[] {
    const behind: string[] = [];
    for (const [room, book] of this.#books) {
      if (book.unseenAcks > 0) behind.push(`${book.unseenAcks} acked posts in ${room} were told to nobody`);
    }
    for (const crowd of this.#crowds) {
      if (crowd.standing.length === 0) behind.push(`${crowd.name} has not reported`);
      for (const { userId, room, at, lastPost, isSettled } of crowd.standing) {
        const book = this.#books.get(room);
        if (!isSettled) behind.push(`${userId} waits for an answer`);
        else if (at !== book?.head) behind.push(`${userId} is at ${at} of ${book?.head} in ${room}`);
        else if (lastPost !== book.lastPostOf(userId)) behind.push(`${userId}'s post ${lastPost} is not there`);
      }
    }
    return behind;
  }

  #took(report: CrowdReport, { name, posts }: CrowdTask): void {
    this.totals.deliveries += report.deliveries;
    this.totals.acked += report.acked.length;
    this.totals.resumed += report.resumed;
    this.totals.restarted += report.restarted;
    this.totals.gaps += report.gaps;
    this.totals.skipped += report.skipped;
    for (const [room, seq, what] of report.entries) this.#books.get(room)?.told(seq, what);
    for (const [room, seq, what] of report.acked) this.#books.get(room)?.acked(seq, what);
    for (const how of report.violations) this.violated(how);
    // Nothing happens to those who only watch.
    if (!posts && report.gaps > 0) this.violated(`${name} was told of ${report.gaps} gaps without cause`);
  }
}

interface CrowdEvents {
  readonly reported: (report: CrowdReport) => void;
  readonly broke: (how: string) => void;
}

/** A process of clients and its way to the server; when it is killed another comes in its place, under other names. */
class Crowd implements Victim {
  readonly proxy: TcpProxy;
  readonly name: string;
  standing: CrowdReport['standing'] = [];
  readonly #task: CrowdTask;
  readonly #processes: Processes;
  readonly #events: CrowdEvents;
  #process: ChildProcess;
  #generation = 0;
  #isStopped = false;
  #wake: () => void = () => {};

  constructor(task: CrowdTask, proxy: TcpProxy, processes: Processes, events: CrowdEvents) {
    this.name = task.name;
    this.proxy = proxy;
    this.#task = task;
    this.#processes = processes;
    this.#events = events;
    this.#process = this.#start();
  }

  async seated(): Promise<void> {
    while (this.standing.length === 0 || this.standing.some(({ isSettled }) => !isSettled)) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  thaw(): void {
    this.#process.kill('SIGCONT');
  }

  pauseOne(nth: number, ms: number): void {
    this.#tell({ kind: 'pause', nth, ms });
  }

  kill(): void {
    const killed = this.#process;
    this.standing = [];
    this.#generation += 1;
    this.#process = this.#start();
    killed.kill('SIGKILL');
  }

  stopPosting(): void {
    this.#isStopped = true;
    this.#tell({ kind: 'stop' });
  }

  #tell(command: CrowdCommand): void {
    if (this.#process.connected) this.#process.send(command);
  }

  #start(): ChildProcess {
    const name = `${this.#task.name}.${this.#generation}`;
    const task: CrowdTask = { ...this.#task, name, port: this.proxy.port };
    const { process, said, exit } = this.#processes.start('crowd.ts', { env: { CROWD: JSON.stringify(task) } });
    process.on('message', (report: CrowdReport) => {
      this.#events.reported(report);
      if (process !== this.#process) return;
      this.standing = report.standing;
      this.#wake();
    });
    process.once('spawn', () => {
      if (this.#isStopped) this.#tell({ kind: 'stop' });
    });
    void exit.then((how) => {
      if (process === this.#process) this.#events.broke(`${name} ended with ${how}: ${said.text}`);
    });
    return process;
  }
}

import { Worker } from 'node:worker_threads';
import type { AnswerMessage, Assignment, OrderKind, Orders } from '../worker/orders.ts';

type Answer<K extends OrderKind> = Orders[K]['answer'];

/** Whose clients speak gRPC. */
export const GRPC_WORKER = new URL(`../worker/main.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url);

/** The threads that the clients live in. */
export class Threads {
  /** Rejects when one of them breaks. */
  readonly broke: Promise<never>;
  readonly #threads: Worker[];
  readonly #waiting = new Map<number, (answer: never) => void>();
  #lastId = 0;

  /** @param program of each thread. */
  constructor(assignment: Omit<Assignment, 'worker'>, program: URL) {
    const { workers } = assignment.scenario;
    this.#threads = Array.from({ length: workers }, (_, worker) => {
      return new Worker(program, { workerData: { ...assignment, worker } satisfies Assignment });
    });
    const broke = Promise.withResolvers<never>();
    this.broke = broke.promise;
    this.broke.catch(() => {});
    for (const thread of this.#threads) {
      thread.on('error', broke.reject);
      thread.on('message', ({ id, answer }: AnswerMessage) => {
        this.#waiting.get(id)?.(answer as never);
        this.#waiting.delete(id);
      });
    }
  }

  /** Gives an order to all of them. Settled when all have answered. @throws when one of them breaks. */
  async all<K extends OrderKind>(kind: K, order: Orders[K]['order']): Promise<Answer<K>[]> {
    const answers = this.#threads.map((thread) => {
      return new Promise<Answer<K>>((resolve) => {
        const id = ++this.#lastId;
        this.#waiting.set(id, resolve);
        thread.postMessage({ id, kind, order });
      });
    });
    return await Promise.race([Promise.all(answers), this.broke]);
  }

  async end(): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

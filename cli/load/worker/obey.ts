import { parentPort } from 'node:worker_threads';
import type { Crew } from './crew.ts';
import type { AnswerMessage, OrderKind, OrderMessage, Orders } from './orders.ts';

/** Lets the crew do what this thread is told. */
export function obey(crew: Crew): void {
  const handlers: { readonly [K in OrderKind]: (order: Orders[K]['order']) => Promise<unknown> | unknown } = {
    open: (order) => crew.open(order),
    sample: () => crew.sample(),
    speak: (order) => crew.speak(order),
    hush: () => crew.hush(),
    survey: () => crew.survey(),
    behind: (order) => crew.behind(order),
    judge: (order) => crew.judge(order),
    leave: () => crew.leave(),
  };
  parentPort?.on('message', async <K extends OrderKind>({ id, kind, order }: OrderMessage<K>) => {
    const answer: AnswerMessage = { id, answer: (await handlers[kind](order)) as AnswerMessage['answer'] };
    parentPort?.postMessage(answer);
  });
}

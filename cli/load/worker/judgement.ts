import type { Ends } from './ends.ts';
import type { LoadClient } from './load-client.ts';
import type { Survey } from './orders.ts';

/** How far the rooms go and what was sent, as far as these clients know. */
export function surveyOf(clients: readonly LoadClient[]): Survey {
  const heads = new Map<string, Survey['heads'][number]>();
  for (const { check, options } of clients.filter(isJudged)) {
    const { epoch, seq } = check.head;
    const key = `${options.roomIndex} ${epoch}`;
    if (seq > (heads.get(key)?.seq ?? 0)) heads.set(key, { room: options.roomIndex, epoch, seq });
  }
  const sent = clients.flatMap(({ options: { sender }, check }) =>
    sender === undefined ? [] : [{ sender, count: check.posts.sent }],
  );
  return { heads: [...heads.values()], sent };
}

/** How many are not where the survey says that everybody should be. */
export function countBehind(clients: readonly LoadClient[], ends: Ends): number {
  return clients.filter((client) => isJudged(client) && !client.check.isAtTheEnd(...ends.of(client))).length;
}

/** Nothing comes any more: what is missing is a fault. */
export function judge(clients: readonly LoadClient[], ends: Ends): void {
  for (const client of clients) {
    if (isJudged(client) && ends.isSplit(client)) client.check.split();
    if (isJudged(client)) client.check.end(...ends.of(client));
    else client.check.forget();
  }
}

/** Whoever has stopped reading, or has no seat, is not judged. */
export function isJudged({ options, state }: LoadClient): boolean {
  return options.reader !== 'frozen' && state === 'seated';
}
